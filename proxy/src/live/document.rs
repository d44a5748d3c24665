//! One version of the document, and what can be wrong with it.

use hivewright_api::{
    names::{LIVE_CONFIG_FILE, MAX_BACKEND_REPLICAS},
    proxy_config::LiveConfig,
};

/// Why a document is not followed.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The ConfigMap is gone.
    #[error("the ConfigMap is gone; the controller makes it again")]
    Gone,
    /// The ConfigMap has no such key.
    #[error("the ConfigMap has no key {LIVE_CONFIG_FILE}; the controller writes it")]
    NoKey,
    /// It is not what this version expects.
    #[error(
        "{LIVE_CONFIG_FILE} is not what this version expects; update controller and proxy together"
    )]
    Invalid(#[source] serde_json::Error),
    /// More pods than the Role names.
    #[error("{LIVE_CONFIG_FILE} asks for {0} pods; at most {MAX_BACKEND_REPLICAS} are served")]
    TooManyPods(u16),
    /// A port that nothing has.
    #[error("{LIVE_CONFIG_FILE} lists port 0 in egress.ports; give ports between 1 and 65535")]
    PortZero,
    /// An empty host, which would match nothing or everything.
    #[error(
        "{LIVE_CONFIG_FILE} lists {0:?} in egress.hosts; give a host name, a domain that begins with a dot or *., or an IP address"
    )]
    Host(String),
}

impl LiveError {
    /// A bounded label.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::NoKey => "no_key",
            Self::Invalid(_) => "invalid",
            Self::TooManyPods(_) => "too_many_pods",
            Self::PortZero => "port_zero",
            Self::Host(_) => "host",
        }
    }
}

/// Reads a document.
///
/// # Errors
/// See [`LiveError`].
pub fn parse(text: &[u8]) -> Result<LiveConfig, LiveError> {
    let live: LiveConfig = serde_json::from_slice(text).map_err(LiveError::Invalid)?;
    if live.replicas > MAX_BACKEND_REPLICAS {
        return Err(LiveError::TooManyPods(live.replicas));
    }
    if live.egress.ports.contains(&0) {
        return Err(LiveError::PortZero);
    }
    match live.egress.hosts.iter().find(|host| !is_pattern(host)) {
        Some(host) => Err(LiveError::Host(host.clone())),
        None => Ok(live),
    }
}

/// The controller has checked the pattern in detail; this keeps out what cannot be one.
fn is_pattern(host: &str) -> bool {
    let name = host.strip_prefix("*.").or_else(|| host.strip_prefix('.'));
    let name = name.unwrap_or(host);
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '[' | ']');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        json!({ "replicas": 2, "keepScale": true, "egress": { "hosts": [".example.com"], "ports": [443] } })
    }

    fn reason(document: &Value) -> &'static str {
        parse(document.to_string().as_bytes()).map_or_else(|error| error.reason(), |_| "fine")
    }

    #[test]
    fn a_document_of_the_controller_is_taken_as_it_is() {
        let live = parse(document().to_string().as_bytes()).unwrap();
        assert_eq!((live.replicas, live.keep_scale), (2, true));
        assert_eq!(
            reason(&json!({ "replicas": 0, "keepScale": false })),
            "fine"
        );
    }

    #[test]
    fn what_cannot_be_followed_is_told_apart() {
        let mut many = document();
        many["replicas"] = json!(MAX_BACKEND_REPLICAS + 1);
        let mut port = document();
        port["egress"]["ports"] = json!([443, 0]);
        assert_eq!(reason(&many), "too_many_pods");
        assert_eq!(reason(&port), "port_zero");
        assert_eq!(reason(&json!({ "replicas": 1 })), "invalid");
        assert_eq!(
            reason(&json!({ "replicas": -1, "keepScale": true })),
            "invalid"
        );
        for host in ["", "*.", ".", "*", "https://a", "a b", "..a"] {
            let mut wrong = document();
            wrong["egress"]["hosts"] = json!([host]);
            assert_eq!(reason(&wrong), "host", "{host:?}");
        }
    }

    #[test]
    fn every_error_is_one_sentence_that_names_the_document_or_its_place() {
        for error in [
            LiveError::Gone,
            LiveError::NoKey,
            LiveError::TooManyPods(17),
            LiveError::PortZero,
        ] {
            let text = error.to_string();
            assert!(
                text.contains("ConfigMap") || text.contains("live.json"),
                "{text}"
            );
        }
    }
}
