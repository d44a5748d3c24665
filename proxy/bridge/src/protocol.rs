//! The revisions of MCP that the bridge speaks, and its labels for methods.

/// The revisions that clients may speak, newest first.
pub const SUPPORTED: &[&str] = &[
    "2026-07-28",
    "2025-11-25",
    "2025-06-18",
    "2025-03-26",
    "2024-11-05",
];

/// How a revision says who speaks (MCP 2026-07-28, Versioning and Compatibility, Terminology).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Era {
    /// By a handshake, `initialize`, that opens a session.
    Legacy,
    /// In every request's `_meta`; there are no sessions.
    Modern,
}

/// A revision of MCP, by the date in its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// HTTP+SSE.
    V2024_11_05,
    /// The first with Streamable HTTP, and the only one with batches.
    V2025_03_26,
    /// Elicitation, structured results, the `MCP-Protocol-Version` header.
    V2025_06_18,
    /// Tasks, URL elicitation, icons.
    V2025_11_25,
    /// The first without sessions: every request says who asks, and input is asked for in results.
    V2026_07_28,
}

impl Revision {
    /// What we offer to servers by `initialize`, and to clients that ask there for one that we do not
    /// know (MCP 2025-11-25, Lifecycle, Version Negotiation).
    pub const LATEST_LEGACY: Self = Self::V2025_11_25;
    /// What we speak with servers and clients that need no `initialize`.
    pub const LATEST_MODERN: Self = Self::V2026_07_28;

    /// The revision of this name, if it is one of ours.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "2024-11-05" => Some(Self::V2024_11_05),
            "2025-03-26" => Some(Self::V2025_03_26),
            "2025-06-18" => Some(Self::V2025_06_18),
            "2025-11-25" => Some(Self::V2025_11_25),
            "2026-07-28" => Some(Self::V2026_07_28),
            _ => None,
        }
    }

    /// The revision of this name, if `initialize` can agree on it.
    pub fn parse_legacy(name: &str) -> Option<Self> {
        Self::parse(name).filter(|revision| revision.era() == Era::Legacy)
    }

    /// Whether it has a handshake.
    pub const fn era(self) -> Era {
        match self {
            Self::V2024_11_05 | Self::V2025_03_26 | Self::V2025_06_18 | Self::V2025_11_25 => {
                Era::Legacy
            }
            Self::V2026_07_28 => Era::Modern,
        }
    }

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// Whether one body may hold several messages (MCP 2025-03-26, Streamable HTTP; removed by
    /// 2025-06-18).
    pub const fn has_batches(self) -> bool {
        match self {
            Self::V2025_03_26 => true,
            Self::V2024_11_05 | Self::V2025_06_18 | Self::V2025_11_25 | Self::V2026_07_28 => false,
        }
    }
}

/// Defines [`MethodLabel`] with its names, so that no name is written twice.
macro_rules! methods {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A method of MCP as a bounded label; whatever the protocol does not know is `Other`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum MethodLabel {
            $(#[doc = concat!("`", $name, "`.")] $variant,)+
            /// None of the methods above.
            Other,
        }

        impl MethodLabel {
            /// Every label, in the order of the enum.
            pub const ALL: &[Self] = &[$(Self::$variant,)+ Self::Other];

            /// The label of a method's name.
            pub fn of(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    _ => Self::Other,
                }
            }

            /// The method's name, or `other`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Other => "other",
                }
            }
        }
    };
}

methods! {
    Initialize = "initialize",
    ServerDiscover = "server/discover",
    SubscriptionsListen = "subscriptions/listen",
    Ping = "ping",
    ToolsList = "tools/list",
    ToolsCall = "tools/call",
    ResourcesList = "resources/list",
    ResourcesTemplatesList = "resources/templates/list",
    ResourcesRead = "resources/read",
    ResourcesSubscribe = "resources/subscribe",
    ResourcesUnsubscribe = "resources/unsubscribe",
    PromptsList = "prompts/list",
    PromptsGet = "prompts/get",
    CompletionComplete = "completion/complete",
    LoggingSetLevel = "logging/setLevel",
    SamplingCreateMessage = "sampling/createMessage",
    ElicitationCreate = "elicitation/create",
    RootsList = "roots/list",
    TasksGet = "tasks/get",
    TasksResult = "tasks/result",
    TasksList = "tasks/list",
    TasksCancel = "tasks/cancel",
    Initialized = "notifications/initialized",
    Cancelled = "notifications/cancelled",
    Progress = "notifications/progress",
    LogMessage = "notifications/message",
    ToolsListChanged = "notifications/tools/list_changed",
    ResourcesListChanged = "notifications/resources/list_changed",
    ResourcesUpdated = "notifications/resources/updated",
    PromptsListChanged = "notifications/prompts/list_changed",
    RootsListChanged = "notifications/roots/list_changed",
    SubscriptionsAcknowledged = "notifications/subscriptions/acknowledged",
    ElicitationComplete = "notifications/elicitation/complete",
    TasksStatus = "notifications/tasks/status",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_supported_name_is_a_revision_and_back() {
        for name in SUPPORTED {
            assert_eq!(Revision::parse(name).map(Revision::as_str), Some(*name));
        }
        assert_eq!(SUPPORTED[0], Revision::LATEST_MODERN.as_str());
    }

    #[test]
    fn every_label_is_the_label_of_its_own_name() {
        for label in MethodLabel::ALL {
            assert_eq!(MethodLabel::of(label.as_str()), *label);
        }
        assert_eq!(MethodLabel::of("tools/call2"), MethodLabel::Other);
    }
}
