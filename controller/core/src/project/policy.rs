//! Whether the network rules hold.

use std::collections::BTreeMap;

use crate::detail::Detail;
use crate::observed::{Enforcement, Observed};
use crate::part::Part;
use crate::profile::Egress;
use crate::state::{Policy, Presence};
use crate::valid::ValidServer;

/// The truth about the network rules of the server. `before` is what was true the last time.
pub(super) fn policy(
    observed: &Observed,
    valid: Option<&ValidServer>,
    objects: &BTreeMap<Part, Presence>,
    before: Policy,
) -> Policy {
    let in_place = [Part::ServerPolicy, Part::ProxyPolicy]
        .into_iter()
        .all(|part| matches!(objects.get(&part), Some(Presence::Current | Presence::Kept)));
    if !in_place {
        return Policy::Pending;
    }
    let enforcement = match observed.settings.enforcement {
        Enforcement::Unknown => observed.around.enforcement,
        said @ (Enforcement::Enforced | Enforcement::NotEnforced) => said,
    };
    match (enforcement, before) {
        (Enforcement::Enforced, _) => Policy::Enforced,
        (Enforcement::NotEnforced, before) => Policy::NotEnforced(rules(valid, before)),
        // A controller that has just begun knows nothing: what was found out before still stands.
        (Enforcement::Unknown, before @ (Policy::Enforced | Policy::NotEnforced(_))) => before,
        (Enforcement::Unknown, Policy::Pending | Policy::Unverified) => Policy::Unverified,
    }
}

/// The rules that are without effect then; those of a spec that is not accepted are as before.
fn rules(valid: Option<&ValidServer>, before: Policy) -> Detail {
    match (valid, before) {
        (Some(server), _) => Detail::new(&without_effect(&server.profile.egress)),
        (None, Policy::NotEnforced(rules)) => rules,
        (None, Policy::Pending | Policy::Enforced | Policy::Unverified) => Detail::default(),
    }
}

/// What the NetworkPolicies of a server say, for a cluster that does not act on them.
fn without_effect(egress: &Egress) -> String {
    let egress = match egress {
        Egress::None => "the server reaches nothing".to_owned(),
        Egress::Anywhere => "the server does not reach the cloud's metadata address".to_owned(),
        Egress::Ports(ports) => {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            format!("network.outbound.allow_port, {}", ports.join(", "))
        }
        Egress::Gateway(_) => "network.outbound.allow_host, which then holds only for a server that uses the proxy in HTTPS_PROXY".to_owned(),
    };
    format!("{egress}; nobody but its proxy reaches the server")
}
