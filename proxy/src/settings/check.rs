//! The checks, each giving every problem it finds.

use hivewright_api::proxy_config::{BackendTransport, ProxyConfig};

use super::{Problem, SettingsError};
use crate::{
    args::{DoorArgs, IsolationArgs, Sharing},
    backend::process,
};

/// Longest DNS label, in characters (RFC 1123, 2.1; Kubernetes, Object Names and IDs).
const MAX_LABEL: usize = 63;
/// Longest DNS name, in characters.
const MAX_NAME: usize = 253;

/// Where the server is and how it speaks.
pub(super) fn backend(config: &ProxyConfig) -> Vec<Problem> {
    let mut fields = vec![
        ("server", &config.server),
        ("namespace", &config.namespace),
        ("backend.statefulSet", &config.backend.stateful_set),
        ("backend.container", &config.backend.container),
    ];
    let http = match &config.backend.transport {
        BackendTransport::Stdio {} => None,
        BackendTransport::Sse(http) | BackendTransport::StreamableHttp(http) => Some(http),
    };
    fields.extend(http.map(|http| ("backend.transport.service", &http.service)));
    let mut problems = names(&fields);
    if let Some(http) = http {
        if http.port == 0 {
            problems.push(Problem::PortZero("backend.transport.port"));
        }
        if !is_path(&http.path) {
            problems.push(Problem::Path(http.path.clone()));
        }
    }
    problems
}

/// The doors of a desk.
pub(super) fn doors(args: &DoorArgs) -> Vec<Problem> {
    let mut problems = hosts(&args.allowed_hosts);
    problems.extend(origins(&args.allowed_origins));
    if args.port != 0 {
        problems.extend(ports(args.port, args.admin_port));
    }
    problems
}

/// The words after `--`, if there is no problem with them nor any other.
pub(super) fn command(
    words: &[String],
    mut problems: Vec<Problem>,
) -> Result<process::Command, SettingsError> {
    match words.split_first() {
        Some((program, rest)) if !program.is_empty() => {
            SettingsError::unless_empty(problems)?;
            Ok(process::Command {
                program: program.clone(),
                args: rest.to_vec(),
            })
        }
        Some(_) | None => {
            problems.push(Problem::NoCommand);
            Err(SettingsError::Problems(problems))
        }
    }
}

/// The pool of `run`.
pub(super) fn pool(args: &IsolationArgs) -> Vec<Problem> {
    let shared = args.isolation == Sharing::Shared;
    let given = [
        ("--pool-max", args.pool_max),
        ("--pool-warm", args.pool_warm),
    ];
    let stray = given
        .into_iter()
        .filter(|(_, value)| shared && value.is_some())
        .map(|(flag, _)| Problem::NoPool(flag));
    let (max, warm) = (args.max(), args.warm());
    let warm = (!shared && warm > max).then_some(Problem::Warm { warm, max });
    stray.chain(warm).collect()
}

/// A port that the proxy listens on by itself.
pub(super) fn taken(listeners: &[u16], port: u16) -> Option<Problem> {
    listeners
        .contains(&port)
        .then_some(Problem::PortTaken(port))
}

/// RFC 3986, 3.3, without percent-encoding checks: the server's own answer tells the rest.
fn is_path(path: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#');
    path.starts_with('/') && path.bytes().all(allowed)
}

/// Every name must be a DNS label. Pods, StatefulSets and containers of ours all are.
fn names(fields: &[(&'static str, &String)]) -> Vec<Problem> {
    let wrong = fields.iter().filter(|(_, value)| !is_label(value));
    wrong
        .map(|(field, value)| Problem::Name {
            field,
            value: (*value).clone(),
        })
        .collect()
}

/// The doors' port and the admin port.
pub(super) fn ports(doors: u16, admin: Option<u16>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if doors == 0 {
        problems.push(Problem::PortZero("port"));
    }
    if admin == Some(0) {
        problems.push(Problem::PortZero("the admin port"));
    }
    if doors != 0 && admin == Some(doors) {
        problems.push(Problem::SamePort(doors));
    }
    problems
}

/// DNS names without port.
pub(super) fn hosts(hosts: &[String]) -> Vec<Problem> {
    hosts
        .iter()
        .filter(|host| !is_host(host))
        .cloned()
        .map(Problem::Host)
        .collect()
}

/// `scheme://host[:port]`, as browsers write it (RFC 6454, 6.2).
pub(super) fn origins(origins: &[String]) -> Vec<Problem> {
    origins
        .iter()
        .filter(|origin| !is_origin(origin))
        .cloned()
        .map(Problem::Origin)
        .collect()
}

fn is_label(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty()
        && text.len() <= MAX_LABEL
        && text.chars().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_host(text: &str) -> bool {
    text.len() <= MAX_NAME && text.to_ascii_lowercase().split('.').all(is_label)
}

fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let (host, port) = authority
        .rsplit_once(':')
        .map_or((authority, None), |(host, port)| {
            if port.ends_with(']') {
                (authority, None)
            } else {
                (host, Some(port))
            }
        });
    let literal = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let host_is_fine = match literal {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_host(host),
    };
    is_scheme(scheme) && host_is_fine && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// RFC 3986, 3.1.
fn is_scheme(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(allowed)
}
