//! Secrets that are not there: as the watch of their metadata shows, and as the kubelet says.

use std::collections::BTreeMap;

use crate::detail::Detail;
use crate::observed::{Observed, SecretFacts};
use crate::state::{PodState, Story};
use crate::valid::{SecretNeed, ValidServer};

/// Most Secrets that one sentence names; the others come up once these are there.
const MAX_NAMED: usize = 4;

/// What is missing of the Secrets that exist, by name (`known`), for this server's pods to start.
/// A Secret that is not there at all comes before a key that is not.
pub(super) fn missing(
    server: &ValidServer,
    known: &BTreeMap<String, SecretFacts>,
) -> Option<Story> {
    let needs = server.secrets();
    let needed = || needs.iter().filter(|(_, need)| !need.optional);
    let namespace = &server.identity.namespace;
    let absent = needed().filter(|(name, _)| !known.contains_key(*name));
    let absent: Vec<String> = absent.map(|(name, need)| with_keys(name, need)).collect();
    if !absent.is_empty() {
        return Some(not_found(&absent, namespace));
    }
    let lacking: Vec<String> = needed()
        .filter_map(|(name, need)| lacks(name, need, known.get(name)?))
        .collect();
    (!lacking.is_empty()).then(|| keys_not_found(&lacking, namespace))
}

/// What the kubelet says of a container that it cannot make, if that is about a Secret. The
/// sentences are those of `pkg/kubelet/kubelet_pods.go` (`makeEnvironmentVariables`).
///
/// The kubelet looks again only after a while: what is there by now no longer holds the pod.
pub(super) fn told(words: &str, observed: &Observed) -> Option<Story> {
    let known = observed.around.secrets.as_ref();
    let namespace = observed
        .server
        .metadata
        .namespace
        .as_deref()
        .unwrap_or_default();
    if let Some((key, secret)) = key_and_secret(words) {
        let keys = known.and_then(|known| known.get(secret)?.keys.as_ref());
        return Some(if keys.is_some_and(|keys| keys.contains(key)) {
            Story::Pod(PodState::Starting)
        } else {
            keys_not_found(
                &[format!("Secret `{secret}` has no key `{key}`")],
                namespace,
            )
        });
    }
    let secret = words
        .split_once("secret \"")?
        .1
        .split_once("\" not found")?
        .0;
    Some(if known.is_some_and(|known| known.contains_key(secret)) {
        Story::Pod(PodState::Starting)
    } else {
        not_found(&[format!("Secret `{secret}`")], namespace)
    })
}

/// `couldn't find key KEY in Secret NAMESPACE/NAME`.
fn key_and_secret(words: &str) -> Option<(&str, &str)> {
    let (key, place) = words
        .split_once("couldn't find key ")?
        .1
        .split_once(" in Secret ")?;
    let place = place.split_whitespace().next()?;
    Some((key, place.split_once('/').map_or(place, |(_, name)| name)))
}

fn with_keys(name: &str, need: &SecretNeed) -> String {
    match need.keys.as_slice() {
        [] => format!("Secret `{name}`"),
        [key] => format!("Secret `{name}` with the key `{key}`"),
        keys => format!("Secret `{name}` with the keys `{}`", keys.join("`, `")),
    }
}

/// `None` too when nobody can say which keys the Secret has: then the kubelet will.
fn lacks(name: &str, need: &SecretNeed, facts: &SecretFacts) -> Option<String> {
    let there = facts.keys.as_ref()?;
    let lacking = need.keys.iter().filter(|key| !there.contains(*key));
    let lacking: Vec<&str> = lacking.map(String::as_str).collect();
    match lacking.as_slice() {
        [] => None,
        [key] => Some(format!("Secret `{name}` has no key `{key}`")),
        keys => Some(format!(
            "Secret `{name}` has no keys `{}`",
            keys.join("`, `")
        )),
    }
}

fn not_found(absent: &[String], namespace: &str) -> Story {
    let named = absent.iter().take(MAX_NAMED).map(String::as_str);
    let named = named.collect::<Vec<_>>().join(", nor ");
    Story::SecretNotFound(Detail::new(&format!(
        "There is no {named} in the namespace `{namespace}`; create it, or correct the name in the spec."
    )))
}

fn keys_not_found(lacking: &[String], namespace: &str) -> Story {
    let named = lacking.iter().take(MAX_NAMED).map(String::as_str);
    let named = named.collect::<Vec<_>>().join(", and ");
    Story::SecretKeyNotFound(Detail::new(&format!(
        "In the namespace `{namespace}`, {named}; add what is missing, or correct the key in the spec."
    )))
}
