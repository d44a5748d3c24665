//! What may pass between a server and the network.

use std::net::IpAddr;

use hivewright_api::proxy_config::EgressRules;

use super::document::{Network, Object};
use super::{Egress, Fault};
use crate::valid::is_host;

/// Most entries of one list: they are gone through for every connection, and all of them must fit
/// into one object.
const MAX_ENTRIES: usize = 256;

const MODE: &str = "network.mode";
const HOSTS: &str = "network.outbound.allow_host";
const PORTS: &str = "network.outbound.allow_port";
const NAMES: &str = "network.inbound.allow_host";

/// What the server may reach.
pub(super) fn egress(network: &Network) -> Result<Egress, Fault> {
    let mode = network.mode.as_deref().unwrap_or_default();
    let open = opened(network)?;
    match (mode, open) {
        ("" | "bridge", open) => Ok(open),
        ("none", Egress::None) => Ok(Egress::None),
        ("none", _) => Err(Fault::new(
            MODE,
            "none closes what network.outbound opens; remove one of them",
        )),
        ("host", _) => Err(Fault::new(
            MODE,
            "host takes the server out of reach of every network rule; use bridge or none",
        )),
        (other, _) => Err(Fault::new(
            MODE,
            format!("there is no mode `{other}`; use bridge or none"),
        )),
    }
}

fn opened(network: &Network) -> Result<Egress, Fault> {
    let Some(Object(outbound)) = &network.outbound else {
        return Ok(Egress::None);
    };
    let hosts = hosts(outbound.allow_host.as_deref().unwrap_or_default())?;
    let ports = ports(outbound.allow_port.as_deref().unwrap_or_default())?;
    Ok(if outbound.insecure_allow_all == Some(true) {
        Egress::Anywhere
    } else if !hosts.is_empty() {
        Egress::Gateway(EgressRules { hosts, ports })
    } else if !ports.is_empty() {
        Egress::Ports(ports)
    } else {
        Egress::None
    })
}

/// Under which names clients may reach the server; `None` if the profile does not say.
pub(super) fn inbound(network: &Network) -> Result<Option<Vec<String>>, Fault> {
    let names = network
        .inbound
        .as_ref()
        .and_then(|Object(inbound)| inbound.allow_host.as_deref())
        .unwrap_or_default();
    few(NAMES, names)?;
    let names: Vec<String> = names
        .iter()
        .map(|name| match name.to_ascii_lowercase() {
            host if is_host(&host) && !host.contains([':', '_']) => Ok(host),
            _ => Err(Fault::new(
                NAMES,
                format!(
                    "`{name}` is no host that a client could name; write it like mcp.example.com, without port and '*'"
                ),
            )),
        })
        .collect::<Result<_, _>>()?;
    Ok((!names.is_empty()).then_some(names))
}

fn ports(ports: &[i64]) -> Result<Vec<u16>, Fault> {
    few(PORTS, ports)?;
    ports
        .iter()
        .map(|port| match u16::try_from(*port) {
            Ok(port) if port > 0 => Ok(port),
            Ok(_) | Err(_) => Err(Fault::new(
                PORTS,
                format!("{port} is no port; choose one from 1 to 65535"),
            )),
        })
        .collect()
}

fn hosts(hosts: &[String]) -> Result<Vec<String>, Fault> {
    few(HOSTS, hosts)?;
    hosts
        .iter()
        .map(|host| pattern(host).map_err(|sentence| Fault::new(HOSTS, sentence)))
        .collect()
}

/// A host, or a domain with what is under it, in the spelling that the gateway compares.
fn pattern(host: &str) -> Result<String, String> {
    let plain = host.trim_end_matches('.').to_ascii_lowercase();
    let literal = plain.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = literal.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    let domain = plain
        .strip_prefix("*.")
        .or_else(|| plain.strip_prefix('.'))
        .unwrap_or(&plain);
    if is_host(domain) && domain.parse::<IpAddr>().is_err() {
        return Ok(plain);
    }
    Err(if plain == "*" || plain.is_empty() {
        format!("`{host}` names no host; name one, or use insecure_allow_all")
    } else if plain.contains('/') {
        format!("`{host}` is more than a host; write the host alone, without scheme and path")
    } else if plain.contains(':') {
        format!("`{host}` names a port; write the host alone and put the port into allow_port")
    } else {
        format!("`{host}` is no host; write it like api.example.com, .example.com or 192.0.2.1")
    })
}

fn few<T>(path: &str, list: &[T]) -> Result<(), Fault> {
    if list.len() <= MAX_ENTRIES {
        return Ok(());
    }
    Err(Fault::new(
        path,
        format!(
            "{} entries are more than the {MAX_ENTRIES} that a profile may have; remove some",
            list.len()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Egress, Fault, parse};
    use rstest::rstest;
    use serde_json::{Value, json};

    fn read(network: &Value) -> Result<super::super::Profile, Fault> {
        parse(&json!({ "network": network }).to_string())
    }

    #[rstest]
    #[case::nothing_said(json!({}), Egress::None)]
    #[case::empty_lists(json!({"outbound": {"insecure_allow_all": false, "allow_host": [], "allow_port": []}}), Egress::None)]
    #[case::closed(json!({"mode": "none"}), Egress::None)]
    #[case::all(json!({"outbound": {"insecure_allow_all": true, "allow_host": ["a.b"]}}), Egress::Anywhere)]
    #[case::ports_alone(json!({"mode": "bridge", "outbound": {"allow_port": [443, 53]}}), Egress::Ports(vec![443, 53]))]
    fn what_is_opened_is_what_is_said(#[case] network: Value, #[case] expected: Egress) {
        assert_eq!(read(&network).unwrap().egress, expected);
    }

    #[rstest]
    #[case("API.Example.com.", "api.example.com")]
    #[case(".example.com", ".example.com")]
    #[case("*.example.com", "*.example.com")]
    #[case("192.0.2.1", "192.0.2.1")]
    #[case("[2001:DB8::1]", "2001:db8::1")]
    fn hosts_are_spelt_as_the_gateway_compares_them(#[case] host: &str, #[case] expected: &str) {
        let profile = read(&json!({"outbound": {"allow_host": [host]}})).unwrap();
        assert_eq!(profile.gateway().unwrap().hosts, [expected]);
    }

    #[test]
    fn a_list_has_an_end() {
        let hosts: Vec<String> = (0..=super::MAX_ENTRIES)
            .map(|i| format!("h{i}.example"))
            .collect();
        let fault = read(&json!({"outbound": {"allow_host": hosts}})).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "network.outbound.allow_host: 257 entries are more than the 256 that a profile may have; remove some"
        );
    }
}
