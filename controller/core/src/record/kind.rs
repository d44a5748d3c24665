//! Names of the types: `dev.hivewright.mcpserver.THING.STATE.v1`.

use hivewright_api::cloud_event::TYPE_PREFIX;

/// What an event is about. All events of one thing have data of one shape, and one schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Thing {
    /// The generation of the spec that was read.
    Generation,
    /// Whether the spec is accepted.
    Spec,
    /// Whether the MCPServer is being deleted.
    Deletion,
    /// One of the objects made for the server.
    Object,
    /// The network rules.
    Policy,
    /// What the egress gateway denied.
    Egress,
    /// The server's pod; of several, the one that is worst off.
    Backend,
    /// How many pods the server has.
    Pods,
    /// The proxy's pod.
    Proxy,
    /// Restarts of the server's container.
    Restarts,
    /// Where clients find the server.
    Endpoint,
    /// Whether an MCP client is answered.
    Server,
    /// Whether what becomes true is written down.
    Journal,
    /// The whole status, where it does not follow from what was told before.
    Snapshot,
    /// The MCPServer is gone.
    Deleted,
}

impl Thing {
    /// Every thing.
    pub const ALL: [Self; 15] = [
        Self::Generation,
        Self::Spec,
        Self::Deletion,
        Self::Object,
        Self::Policy,
        Self::Egress,
        Self::Backend,
        Self::Pods,
        Self::Proxy,
        Self::Restarts,
        Self::Endpoint,
        Self::Server,
        Self::Journal,
        Self::Snapshot,
        Self::Deleted,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generation => "generation",
            Self::Spec => "spec",
            Self::Deletion => "deletion",
            Self::Object => "object",
            Self::Policy => "policy",
            Self::Egress => "egress",
            Self::Backend => "backend",
            Self::Pods => "pods",
            Self::Proxy => "proxy",
            Self::Restarts => "restarts",
            Self::Endpoint => "endpoint",
            Self::Server => "server",
            Self::Journal => "journal",
            Self::Snapshot => "snapshot",
            Self::Deleted => "deleted",
        }
    }

    /// The version of its data.
    pub const fn version(self) -> &'static str {
        "v1"
    }

    /// The type of the event that says that the thing is now so; without a state, there is but one.
    pub fn kind(self, state: Option<&str>) -> String {
        let (thing, version) = (self.as_str(), self.version());
        match state {
            None => format!("{TYPE_PREFIX}mcpserver.{thing}.{version}"),
            Some(state) => format!("{TYPE_PREFIX}mcpserver.{thing}.{state}.{version}"),
        }
    }

    /// The thing that an event of this type is about.
    pub fn of(kind: &str) -> Option<Self> {
        let rest = kind.strip_prefix(TYPE_PREFIX)?.strip_prefix("mcpserver.")?;
        let (rest, version) = rest.rsplit_once('.')?;
        let word = rest.split_once('.').map_or(rest, |(thing, _)| thing);
        Self::ALL
            .into_iter()
            .find(|thing| thing.as_str() == word && thing.version() == version)
    }
}

/// A word of the status as it stands in a type: `CrashLoopBackOff` as `crash-loop-back-off`.
pub fn kebab(word: &str) -> String {
    let mut kebab = String::with_capacity(word.len() + 4);
    for c in word.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thing_is_found_by_the_type_of_its_events() {
        for thing in Thing::ALL {
            assert_eq!(Thing::of(&thing.kind(None)), Some(thing));
            assert_eq!(Thing::of(&thing.kind(Some("some-state"))), Some(thing));
        }
    }

    #[test]
    fn another_version_and_another_prefix_are_no_thing_of_ours() {
        for kind in [
            "dev.hivewright.mcpserver.backend.initialized.v2",
            "dev.hivewright.audit.call.v1",
            "dev.hivewright.mcpserver.v1",
            "backend.initialized.v1",
            "",
        ] {
            assert_eq!(Thing::of(kind), None, "{kind}");
        }
    }

    #[test]
    fn words_become_lower_case_with_hyphens() {
        assert_eq!(kebab("CrashLoopBackOff"), "crash-loop-back-off");
        assert_eq!(kebab("Ready"), "ready");
    }
}
