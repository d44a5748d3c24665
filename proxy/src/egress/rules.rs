//! What may be reached: a host of the list at a port of the list. Pure.

use std::net::IpAddr;

use hivewright_api::proxy_config::EgressRules;

use super::{
    denial::Why,
    target::{Host, Target},
};

/// Ports that are open if the rules name none: those of `http` and `https`.
const USUAL_PORTS: [u16; 2] = [80, 443];

/// Judges one target.
///
/// # Errors
/// [`Why::Host`] if no rule names the host, [`Why::Port`] if no rule names the port.
pub fn judge(rules: &EgressRules, target: &Target) -> Result<(), Why> {
    if !rules
        .hosts
        .iter()
        .any(|pattern| matches(pattern, &target.host))
    {
        return Err(Why::Host);
    }
    let ports = if rules.ports.is_empty() {
        &USUAL_PORTS[..]
    } else {
        &rules.ports
    };
    if ports.contains(&target.port) {
        Ok(())
    } else {
        Err(Why::Port)
    }
}

/// Whether this pattern of [`EgressRules::hosts`] means the host. A name never matches an address:
/// what a name resolves to is no business of the list. A pattern that is none matches nothing.
pub fn matches(pattern: &str, host: &Host) -> bool {
    match host {
        Host::Address(address) => literal(pattern) == Some(*address),
        Host::Name(name) => match subtree(pattern) {
            Some(parent) => is_under(name, parent),
            None => same(pattern, name),
        },
    }
}

/// The address that a pattern writes, with or without brackets.
fn literal(pattern: &str) -> Option<IpAddr> {
    let inside = pattern
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inside.unwrap_or(pattern).parse().ok()
}

/// `x.com` of `.x.com` and `*.x.com`.
fn subtree(pattern: &str) -> Option<&str> {
    pattern
        .strip_prefix('*')
        .unwrap_or(pattern)
        .strip_prefix('.')
}

/// Whether the name is the parent or under it. The dot before the parent must be there:
/// `evilx.com` is not under `x.com`.
fn is_under(name: &str, parent: &str) -> bool {
    let parent = without_dot(parent);
    let Some(cut) = name.len().checked_sub(parent.len()) else {
        return false;
    };
    // Names are ASCII, patterns may be anything.
    let Some((before, end)) = name.split_at_checked(cut) else {
        return false;
    };
    !parent.is_empty()
        && same(parent, end)
        && (before.is_empty() || (before.len() > 1 && before.ends_with('.')))
}

fn same(pattern: &str, name: &str) -> bool {
    without_dot(pattern).eq_ignore_ascii_case(name)
}

fn without_dot(pattern: &str) -> &str {
    pattern.strip_suffix('.').unwrap_or(pattern)
}

#[cfg(test)]
mod tests;
