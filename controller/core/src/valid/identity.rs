//! Who the server is.

use hivewright_api::{MCPServer, names};

use crate::refusal::{Refusal, RefusalReason};

/// Name, namespace and UID, fit for every name made from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) uid: String,
}

impl Identity {
    pub(super) fn parse(server: &MCPServer) -> Result<Self, Refusal> {
        let meta = &server.metadata;
        let name = meta.name.clone().unwrap_or_default();
        if name.is_empty() || name.len() > names::MAX_SERVER_NAME || !is_label(&name) {
            return Err(Refusal::new(
                RefusalReason::InvalidName,
                "metadata.name",
                format!(
                    "`{name}` does not fit into the names made from it, such as {}; choose one of at most {} lower-case letters, digits and '-'",
                    names::headless_service("NAME"),
                    names::MAX_SERVER_NAME,
                ),
            ));
        }
        Ok(Self {
            name,
            namespace: meta.namespace.clone().unwrap_or_default(),
            uid: meta.uid.clone().unwrap_or_default(),
        })
    }
}

/// Whether this is a DNS label but for its length (RFC 1123).
pub(super) fn is_label(text: &str) -> bool {
    !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
