//! One pod of the server, from before it exists to the answer to `initialize`.

use super::unanswered::Unanswered;
use super::{Component, PodState, Standing, server_words};
use crate::detail::Detail;
use crate::event::Severity;
use crate::reason::Reason;

/// Where one of the server's pods stands, up to the answer to `initialize`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Story {
    /// There is no StatefulSet.
    #[default]
    NotCreated,
    /// The spec asks for no pod.
    Stopped,
    /// The StatefulSet asks for no pod: the proxy has not called for one.
    ScaledDown,
    /// The pod cannot start: a Secret does not exist. The detail is the whole sentence.
    SecretNotFound(Detail),
    /// The pod cannot start: a Secret lacks a key. The detail is the whole sentence.
    SecretKeyNotFound(Detail),
    /// The container does not run.
    Pod(PodState),
    /// The container runs and the proxy waits for the answer to `initialize`.
    Handshaking,
    /// The container runs and does not answer.
    Unanswered(Unanswered, Detail),
    /// An MCP client would be answered.
    Initialized,
}

impl Component for Story {
    fn reason(&self) -> Reason {
        match self {
            Self::NotCreated => Reason::NotCreated,
            Self::Stopped => Reason::Stopped,
            Self::ScaledDown => Reason::ScaledDown,
            Self::SecretNotFound(_) => Reason::SecretNotFound,
            Self::SecretKeyNotFound(_) => Reason::SecretKeyNotFound,
            Self::Pod(pod) => pod.reason(),
            Self::Handshaking => Reason::Handshaking,
            Self::Unanswered(why, _) => Reason::from(*why),
            Self::Initialized => Reason::Initialized,
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::NotCreated | Self::ScaledDown | Self::Handshaking => Standing::Waiting,
            Self::Stopped => Standing::Stopped,
            Self::SecretNotFound(_) | Self::SecretKeyNotFound(_) => Standing::Failed,
            Self::Pod(pod) => pod.standing(),
            Self::Unanswered(why, _) => why.standing(),
            Self::Initialized => Standing::Good,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Self::NotCreated
            | Self::Stopped
            | Self::ScaledDown
            | Self::Handshaking
            | Self::Initialized => Severity::Normal,
            Self::SecretNotFound(_) | Self::SecretKeyNotFound(_) | Self::Unanswered(..) => {
                Severity::Warning
            }
            Self::Pod(pod) => pod.severity(),
        }
    }

    fn detail(&self) -> Option<&Detail> {
        match self {
            Self::NotCreated
            | Self::Stopped
            | Self::ScaledDown
            | Self::Handshaking
            | Self::Initialized => None,
            Self::Pod(pod) => pod.detail(),
            Self::SecretNotFound(detail)
            | Self::SecretKeyNotFound(detail)
            | Self::Unanswered(_, detail) => Some(detail),
        }
    }

    fn exit_code(&self) -> Option<i32> {
        match self {
            Self::Pod(pod) => pod.exit_code(),
            Self::NotCreated
            | Self::Stopped
            | Self::ScaledDown
            | Self::SecretNotFound(_)
            | Self::SecretKeyNotFound(_)
            | Self::Handshaking
            | Self::Unanswered(..)
            | Self::Initialized => None,
        }
    }

    fn all(detail: &Detail, code: i32) -> Vec<Self> {
        let mut all = vec![
            Self::NotCreated,
            Self::Stopped,
            Self::ScaledDown,
            Self::SecretNotFound(detail.clone()),
            Self::SecretKeyNotFound(detail.clone()),
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
            Self::Stopped => "The spec asks for no pod of the server; raise spec.replicas and spec.backendReplicas above 0 to start it.".to_owned(),
            Self::ScaledDown => {
                "The proxy has not called for the server's pod yet; see ProxyReady.".to_owned()
            }
            Self::SecretNotFound(detail) => detail.or(
                "A Secret that the spec names does not exist; create it.",
            ),
            Self::SecretKeyNotFound(detail) => detail.or(
                "A Secret lacks a key that the spec names; add it, or correct the key in the spec.",
            ),
            Self::Pod(pod) => server_words::sentence(pod),
            Self::Handshaking => {
                "The server runs; the proxy waits for its answer to `initialize`.".to_owned()
            }
            // The proxy has spoken to the server, so its words stand.
            Self::Unanswered(why, detail) => detail.or(why.sentence()),
            Self::Initialized => "The server has answered `initialize`.".to_owned(),
        }
    }
}
