//! Why a question is not answered.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::auth::{Denial, problem};
use crate::journal::read::{self, MAX_ENTRIES};
use crate::key::Key;

/// Why a question is not answered.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Who asks may not.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// A word of the question is unknown or cannot be read.
    #[error("the question cannot be read; correct it: {0}")]
    Words(String),
    /// A word belongs to another question.
    #[error("{word} has no meaning here; use {instead}")]
    Elsewhere {
        /// The word.
        word: &'static str,
        /// What knows it.
        instead: &'static str,
    },
    /// So many events cannot be given at once.
    #[error(
        "limit={limit} is not between 1 and {MAX_ENTRIES}; ask again after the last event for more"
    )]
    Limit {
        /// What was asked.
        limit: usize,
    },
    /// The subject is none.
    #[error("a subject is NAMESPACE/NAME, of one MCPServer")]
    Subject,
    /// A subject and a namespace.
    #[error("subject names the namespace already; leave namespace out")]
    Both,
    /// No subject, where one is needed.
    #[error("say which server with subject=NAMESPACE/NAME")]
    NoSubject,
    /// The id of a stream's last event is none of ours.
    #[error(
        "Last-Event-ID is the id of an event of this stream, a number; leave it out to begin anew"
    )]
    LastEventId,
    /// There is no journal.
    #[error(
        "the controller keeps no journal; set journal.enabled=true in the values of the Hivewright chart"
    )]
    NoJournal,
    /// Another controller leads.
    #[error(
        "this controller does not lead, so its journal tells nothing of now; ask the one that holds the Lease"
    )]
    NotLeading,
    /// Too many at once.
    #[error("too many readers at once; try again in a second")]
    Busy,
    /// The journal has never heard of the server.
    #[error("the journal has never heard of {0}; check the name with `kubectl get mcpservers -A`")]
    NotFound(Key),
    /// The journal cannot be read.
    #[error(
        "the journal cannot be read now; the condition JournalAvailable of the MCPServers says why"
    )]
    Unreadable(#[source] read::Error),
}

impl Refusal {
    /// Its word.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Denied(denial) => denial.reason(),
            Self::Words(_)
            | Self::Elsewhere { .. }
            | Self::Limit { .. }
            | Self::Subject
            | Self::Both
            | Self::NoSubject
            | Self::LastEventId => "bad_question",
            Self::NoJournal => "no_journal",
            Self::NotLeading => NOT_LEADING,
            Self::Busy => "busy",
            Self::NotFound(_) => "not_found",
            Self::Unreadable(_) => "unreadable",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Denied(denial) => denial.status(),
            Self::Words(_)
            | Self::Elsewhere { .. }
            | Self::Limit { .. }
            | Self::Subject
            | Self::Both
            | Self::NoSubject
            | Self::LastEventId => StatusCode::BAD_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::NoJournal | Self::NotLeading | Self::Busy | Self::Unreadable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}

/// Word of [`Refusal::NotLeading`]: a client then asks the next controller.
pub const NOT_LEADING: &str = "not_leading";

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::Unreadable(error) = &self {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "Journal could not be read"
            );
        }
        match self {
            Self::Denied(denial) => denial.into_response(),
            refusal => problem(refusal.status(), refusal.reason(), &refusal.to_string()),
        }
    }
}
