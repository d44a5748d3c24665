//! The server's pod.

use super::{Component, PodState, Standing};
use crate::detail::Detail;
use crate::event::Severity;
use crate::reason::Reason;

/// Where the server's pod stands, up to the answer to `initialize`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// There is no StatefulSet.
    #[default]
    NotCreated,
    /// The StatefulSet asks for no pod: the proxy has not called for one.
    ScaledDown,
    /// The container does not run.
    Pod(PodState),
    /// The container runs and the proxy waits for the answer to `initialize`.
    Handshaking,
    /// The container runs and does not answer.
    Unanswered(Unanswered, Detail),
    /// An MCP client would be answered.
    Initialized,
}

/// Why a running server does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// No answer to `initialize` in time.
    HandshakeTimeout,
    /// What it printed is not MCP.
    NotMcp,
    /// It does not read its stdin.
    NotReading,
    /// The connection to it broke.
    AttachLost,
    /// Nothing listens on its port.
    NotListening,
    /// Nothing listens on its port, but on another one.
    WrongPort,
    /// It speaks HTTP, but not its transport.
    WrongTransport,
    /// The HTTP connection to it broke.
    ConnectionLost,
}

impl Unanswered {
    /// Every such reason.
    pub const ALL: [Self; 8] = [
        Self::HandshakeTimeout,
        Self::NotMcp,
        Self::NotReading,
        Self::AttachLost,
        Self::NotListening,
        Self::WrongPort,
        Self::WrongTransport,
        Self::ConnectionLost,
    ];
}

impl From<Unanswered> for Reason {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::HandshakeTimeout => Self::HandshakeTimeout,
            Unanswered::NotMcp => Self::NotMcp,
            Unanswered::NotReading => Self::NotReading,
            Unanswered::AttachLost => Self::AttachLost,
            Unanswered::NotListening => Self::NotListening,
            Unanswered::WrongPort => Self::WrongPort,
            Unanswered::WrongTransport => Self::WrongTransport,
            Unanswered::ConnectionLost => Self::ConnectionLost,
        }
    }
}

impl Component for Backend {
    fn reason(&self) -> Reason {
        match self {
            Self::NotCreated => Reason::NotCreated,
            Self::ScaledDown => Reason::ScaledDown,
            Self::Pod(pod) => pod.reason(),
            Self::Handshaking => Reason::Handshaking,
            Self::Unanswered(why, _) => Reason::from(*why),
            Self::Initialized => Reason::Initialized,
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::NotCreated
            | Self::ScaledDown
            | Self::Handshaking
            | Self::Unanswered(Unanswered::AttachLost | Unanswered::ConnectionLost, _) => {
                Standing::Waiting
            }
            Self::Pod(pod) => pod.standing(),
            Self::Unanswered(
                Unanswered::HandshakeTimeout
                | Unanswered::NotMcp
                | Unanswered::NotReading
                | Unanswered::NotListening
                | Unanswered::WrongPort
                | Unanswered::WrongTransport,
                _,
            ) => Standing::Failed,
            Self::Initialized => Standing::Good,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Self::NotCreated | Self::ScaledDown | Self::Handshaking | Self::Initialized => {
                Severity::Normal
            }
            Self::Pod(pod) => pod.severity(),
            Self::Unanswered(..) => Severity::Warning,
        }
    }

    fn detail(&self) -> Option<&Detail> {
        match self {
            Self::NotCreated | Self::ScaledDown | Self::Handshaking | Self::Initialized => None,
            Self::Pod(pod) => pod.detail(),
            Self::Unanswered(_, detail) => Some(detail),
        }
    }

    fn exit_code(&self) -> Option<i32> {
        match self {
            Self::Pod(pod) => pod.exit_code(),
            Self::NotCreated
            | Self::ScaledDown
            | Self::Handshaking
            | Self::Unanswered(..)
            | Self::Initialized => None,
        }
    }

    fn all(detail: &Detail, code: i32) -> Vec<Self> {
        let mut all = vec![
            Self::NotCreated,
            Self::ScaledDown,
            Self::Handshaking,
            Self::Initialized,
        ];
        all.extend(Unanswered::ALL.map(|why| Self::Unanswered(why, detail.clone())));
        all.extend(PodState::all(detail, code).into_iter().map(Self::Pod));
        all
    }

    fn sentence(&self) -> String {
        match self {
            Self::NotCreated => "The server's StatefulSet does not exist yet.".to_owned(),
            Self::ScaledDown => {
                "The proxy has not called for the server's pod yet; see ProxyReady.".to_owned()
            }
            Self::Pod(pod) => pod_sentence(pod),
            Self::Handshaking => {
                "The server runs; the proxy waits for its answer to `initialize`.".to_owned()
            }
            Self::Unanswered(why, detail) => unanswered_sentence(*why, detail),
            Self::Initialized => "The server has answered `initialize`.".to_owned(),
        }
    }
}

fn pod_sentence(pod: &PodState) -> String {
    match pod {
        PodState::Pending => "The server's pod is not scheduled yet; if this lasts, see the events of the StatefulSet and the pod.".to_owned(),
        PodState::Unschedulable(detail) => format!(
            "No node takes the server's pod; lower the requests in spec.podTemplateSpec, correct its nodeSelector, affinity or tolerations, or add a node{detail}"
        ),
        PodState::ImagePullFailed(detail) => format!(
            "The image cannot be pulled; correct spec.image, or make it pullable by imagePullSecrets in spec.podTemplateSpec{detail}"
        ),
        PodState::ContainerConfigError(detail) => format!(
            "The server's container cannot be made; correct what spec.podTemplateSpec refers to{detail}"
        ),
        PodState::Starting => "The server's container is being started.".to_owned(),
        PodState::Exited { code, again: false, detail } => {
            format!("The server's process ended with exit code {code} and is started again{detail}")
        }
        PodState::Exited { code, again: true, detail } => format!(
            "The server's process ends again and again, with exit code {code}; an MCP server keeps running while stdin is open: correct spec.image, spec.args or spec.env{detail}"
        ),
        PodState::Terminating => "The server's pod is being deleted.".to_owned(),
    }
}

/// The proxy has spoken to the server, so its words stand; ours are for when it gave none.
fn unanswered_sentence(why: Unanswered, detail: &Detail) -> String {
    if !detail.is_empty() {
        return detail.as_str().to_owned();
    }
    match why {
        Unanswered::HandshakeTimeout => "The server runs and did not answer `initialize` in time; make sure that spec.image with spec.args starts an MCP server that speaks over stdin and stdout.",
        Unanswered::NotMcp => "What the server prints is not MCP; make sure that spec.image with spec.args starts an MCP server that speaks over stdin and stdout.",
        Unanswered::NotReading => "The server does not read its stdin; make sure that spec.image with spec.args starts an MCP server that speaks over stdin and stdout.",
        Unanswered::AttachLost | Unanswered::ConnectionLost => "The proxy lost its connection to the server and connects again.",
        Unanswered::NotListening => "Nothing listens on the server's port; set spec.mcpPort to the port on which the server listens, on every address of its pod.",
        Unanswered::WrongPort => "The server listens on another port; set spec.mcpPort to it.",
        Unanswered::WrongTransport => "The server speaks HTTP, but not the transport that spec.transport names; correct spec.transport.",
    }
    .to_owned()
}
