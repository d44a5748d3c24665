//! Who the server is.

use hivewright_api::{MCPServer, names};

use super::names::is_label;
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
        if name.len() > names::MAX_SERVER_NAME || !is_label(&name) {
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
