//! The conditions, derived from the state.

use hivewright_api::status::Condition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::reason::Reason;
use crate::state::{Acceptance, Component, Journal, Policy, ServerState, Standing};

/// The conditions of an MCPServer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionType {
    /// The spec is accepted.
    Accepted,
    /// The permission profile holds.
    PolicyEnforced,
    /// The server has answered `initialize`.
    BackendReady,
    /// The proxy is ready for clients.
    ProxyReady,
    /// All of it: an MCP client is answered, by the server that the spec asks for.
    Ready,
    /// What becomes true is written to the controller's journal. Shown if it keeps one; has no say in
    /// Ready.
    JournalAvailable,
}

impl ConditionType {
    /// Every condition, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::PolicyEnforced,
        Self::BackendReady,
        Self::ProxyReady,
        Self::Ready,
        Self::JournalAvailable,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::PolicyEnforced => "PolicyEnforced",
            Self::BackendReady => "BackendReady",
            Self::ProxyReady => "ProxyReady",
            Self::Ready => "Ready",
            Self::JournalAvailable => "JournalAvailable",
        }
    }

    /// The condition as it is in this state, said to hold since `at`, if it is shown.
    pub(super) fn of(self, state: &ServerState, at: &Time) -> Option<Condition> {
        let (status, reason, message) = match self {
            Self::Accepted => accepted(&state.acceptance),
            Self::PolicyEnforced => policy(&state.policy),
            Self::BackendReady => backend(state),
            Self::ProxyReady => component(&state.proxy),
            Self::Ready => ready(state),
            Self::JournalAvailable => journal(state.journal)?,
        };
        Some(Condition {
            kind: self.as_str().to_owned(),
            status: status.to_owned(),
            observed_generation: (state.generation != 0).then_some(state.generation),
            last_transition_time: at.clone(),
            reason: reason.as_str().to_owned(),
            message,
        })
    }
}

type Verdict = (&'static str, Reason, String);

fn accepted(acceptance: &Acceptance) -> Verdict {
    match acceptance {
        Acceptance::NotObserved => (
            "Unknown",
            Reason::NotObserved,
            "The spec has not been judged.".to_owned(),
        ),
        Acceptance::Accepted => ("True", Reason::Accepted, "The spec is accepted.".to_owned()),
        Acceptance::Refused(refusal) => ("False", refusal.reason.into(), refusal.to_string()),
    }
}

fn policy(policy: &Policy) -> Verdict {
    let status = match policy {
        Policy::Enforced => "True",
        Policy::Pending | Policy::NotEnforced(_) => "False",
        Policy::Unverified => "Unknown",
    };
    (status, policy.reason(), policy.sentence())
}

/// One pod that answers is enough; the message says what keeps the others.
fn backend(state: &ServerState) -> Verdict {
    let (replicas, sentence) = (state.replicas, state.backend.sentence());
    match state.backend.standing() {
        Standing::Good if replicas.partly() => (
            "True",
            Reason::Initialized,
            format!(
                "{} of {} pods have answered `initialize`, the others are on their way.",
                replicas.ready, replicas.wanted
            ),
        ),
        Standing::Good if replicas.wanted > 1 => (
            "True",
            Reason::Initialized,
            format!("All {} pods have answered `initialize`.", replicas.wanted),
        ),
        Standing::Waiting | Standing::Failed if replicas.partly() => (
            "True",
            Reason::PartlyReady,
            format!(
                "{} of {} pods have answered `initialize`. {sentence}",
                replicas.ready, replicas.wanted
            ),
        ),
        Standing::Good | Standing::Waiting | Standing::Stopped | Standing::Failed => {
            component(&state.backend)
        }
    }
}

fn component(component: &impl Component) -> Verdict {
    let status = match component.standing() {
        Standing::Good => "True",
        Standing::Waiting | Standing::Stopped | Standing::Failed => "False",
    };
    (status, component.reason(), component.sentence())
}

fn journal(journal: Journal) -> Option<Verdict> {
    let status = match journal {
        Journal::Off => return None,
        Journal::Available => "True",
        Journal::Unavailable(_) => "False",
    };
    Some((status, journal.reason(), journal.sentence().to_owned()))
}

fn ready(state: &ServerState) -> Verdict {
    match state.blocker() {
        None => ("True", Reason::Ready, state.message()),
        Some(blocker) => ("False", blocker.reason, blocker.sentence),
    }
}
