//! The one set of words for why: condition reasons, Event reasons and metric labels.

use std::fmt;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Why something is as it is. Bounded, so it may be a metric label.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// What it means, in a sentence: its own documentation.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)+
                }
            }

            /// The reason with this word.
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $(stringify!($name) => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

reasons! {
    /// The controller has not looked at the server yet.
    NotObserved,
    /// A new generation of the spec has been read.
    SpecObserved,
    /// The spec is accepted.
    Accepted,
    /// A field of the spec does not work in this version.
    NotSupportedYet,
    /// The server's name does not fit into the names made from it.
    InvalidName,
    /// The image's name cannot be one.
    InvalidImage,
    /// The transport is not one of the three.
    InvalidTransport,
    /// A port is out of range, or two names of one port differ.
    InvalidPort,
    /// An environment variable is named twice, or its name cannot be one.
    InvalidEnv,
    /// A quantity of resources cannot be read, or a request exceeds its limit.
    InvalidResources,
    /// The permission profile is not one.
    InvalidProfile,
    /// The ConfigMap of the permission profile, or its key, does not exist.
    ProfileNotFound,
    /// A reference to a Secret cannot be one, or clashes with another.
    InvalidSecret,
    /// A volume cannot be one, or clashes with another.
    InvalidVolume,
    /// The pod template cannot be merged.
    InvalidPodTemplate,
    /// A value is none of those that its field allows.
    InvalidValue,
    /// An object does not exist yet.
    ObjectMissing,
    /// An object differs from what it should be.
    ObjectOutdated,
    /// An object is as it should be.
    ObjectCurrent,
    /// An object is no longer wanted.
    ObjectLeftover,
    /// An object is left as it is, because the spec is not accepted.
    ObjectKept,
    /// An object is gone that was no longer wanted.
    ObjectGone,
    /// Somebody else edited an object, which is put right again.
    ObjectEdited,
    /// Somebody else deleted an object, which is made again.
    ObjectLost,
    /// An object has been written.
    Applied,
    /// An object has been deleted.
    Deleted,
    /// The API server refused to write an object.
    ApplyFailed,
    /// The network rules are in place and the cluster acts on them.
    PolicyEnforced,
    /// The network rules are not in place yet.
    PolicyPending,
    /// The cluster does not act on network rules.
    PolicyNotEnforced,
    /// It is not known whether the cluster acts on network rules.
    PolicyUnverified,
    /// The server has reached for nothing that its permission profile denies.
    EgressUnhindered,
    /// The server has reached for something that its permission profile denies.
    EgressDenied,
    /// The pod does not exist yet.
    NotCreated,
    /// The server is scaled to zero.
    ScaledDown,
    /// The spec asks for no pods.
    Stopped,
    /// A Secret that the server needs does not exist.
    SecretNotFound,
    /// A Secret that the server needs lacks a key.
    SecretKeyNotFound,
    /// The API server refuses the pod: a quota, or a rule of admission.
    PodRefused,
    /// The pod waits for its turn.
    Pending,
    /// No node takes the pod.
    Unschedulable,
    /// The node turned the pod away or put it out.
    Evicted,
    /// The node of the pod does not answer.
    NodeLost,
    /// The image cannot be pulled.
    ImagePullFailed,
    /// The container cannot be made from its settings.
    ContainerConfigError,
    /// The container is being started.
    Starting,
    /// The proxy waits for the server's answer to `initialize`.
    Handshaking,
    /// The server did not answer `initialize` in time.
    HandshakeTimeout,
    /// What the server printed is not MCP.
    NotMcp,
    /// The server does not read its stdin.
    NotReading,
    /// The connection between proxy and server broke.
    AttachLost,
    /// Nothing listens on the server's port.
    NotListening,
    /// The server listens on another port.
    WrongPort,
    /// The server speaks HTTP, but not its transport.
    WrongTransport,
    /// The HTTP connection between proxy and server broke.
    ConnectionLost,
    /// The process ended.
    ProcessExited,
    /// The process ends again and again.
    CrashLoopBackOff,
    /// The process was killed because there was no memory left for it.
    OutOfMemory,
    /// The server has answered `initialize`.
    Initialized,
    /// Some of the server's pods have answered `initialize`, not all.
    PartlyReady,
    /// The server's container was restarted.
    Restarted,
    /// The number of pods changed, of those that are wanted or of those that answer.
    Scaled,
    /// The proxy answers its readiness probe.
    ProxyReady,
    /// The proxy's container runs, and is not ready.
    ProxyNotReady,
    /// The controller keeps no journal.
    JournalOff,
    /// Every event is written to the controller's journal.
    JournalAvailable,
    /// The disk of the controller's journal is full.
    JournalFull,
    /// The file of the controller's journal may only be read.
    JournalReadOnly,
    /// The file of the controller's journal cannot be opened.
    JournalUnreachable,
    /// The file of the controller's journal holds something else.
    JournalForeign,
    /// The disk of the controller's journal does not answer in time.
    JournalStalled,
    /// The disk of the controller's journal fails.
    JournalBroken,
    /// The URL of the server is known.
    EndpointPublished,
    /// The server can no longer be reached.
    EndpointWithdrawn,
    /// An MCP client is answered.
    Ready,
    /// An MCP client is no longer answered by the server that the spec asks for.
    NotReady,
    /// The MCPServer is being deleted.
    Terminating,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
