//! What somebody wants to do, as RBAC sees it.

use std::fmt;

use hivewright_api::names;
use k8s_openapi::api::authorization::v1::ResourceAttributes;

use crate::access::Verb;

/// Plural name of MCPServers.
const RESOURCE: &str = "mcpservers";

/// A right to MCPServers: what is told about them is read with the rights to them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    verb: Verb,
    namespace: Option<String>,
    name: Option<String>,
}

impl Ask {
    /// To read about one server.
    pub fn get(namespace: &str, name: &str) -> Self {
        Self {
            verb: Verb::Get,
            namespace: Some(namespace.to_owned()),
            name: Some(name.to_owned()),
        }
    }

    /// To read about every server of a namespace; `None`: of every namespace.
    pub fn list(namespace: Option<&str>) -> Self {
        Self {
            verb: Verb::List,
            namespace: namespace.map(str::to_owned),
            name: None,
        }
    }

    /// The same, followed as it changes.
    #[must_use]
    pub fn followed(self) -> Self {
        Self {
            verb: Verb::Watch,
            ..self
        }
    }

    /// The same, as a SubjectAccessReview has it.
    pub(super) fn attributes(&self) -> ResourceAttributes {
        ResourceAttributes {
            group: Some(names::GROUP.to_owned()),
            resource: Some(RESOURCE.to_owned()),
            verb: Some(self.verb.as_str().to_owned()),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            ..ResourceAttributes::default()
        }
    }
}

/// In the words of the API server's own refusals.
impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {RESOURCE}.{}", self.verb.as_str(), names::GROUP)?;
        if let Some(name) = &self.name {
            write!(f, " \"{name}\"")?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " in the namespace \"{namespace}\""),
            None => f.write_str(" in every namespace"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ask_reads_as_the_right_that_is_missing() {
        assert_eq!(
            Ask::get("team", "osv").to_string(),
            "get mcpservers.toolhive.stacklok.dev \"osv\" in the namespace \"team\""
        );
        assert_eq!(
            Ask::list(None).followed().to_string(),
            "watch mcpservers.toolhive.stacklok.dev in every namespace"
        );
    }
}
