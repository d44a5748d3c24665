//! What one MCPServer should become, and what is true about it: pure functions over what was
//! observed. No clock, no network, no async.
//!
//! ```text
//!                  ┌───────> ServerState ──┐
//!  Observed ─judge─┤                       ├─diff─> [Event] ─┬─ status::fold ──> MCPServerStatus
//!                  │ status > ServerState ─┘                 ├─ kube_event::fold ─> KubeEvent
//!                  │                                         └─ metric::fold ───> Delta
//!                  └───────> [Write] ──(done by the controller)──> Event::written
//! ```
//!
//! One pass of the controller is these calls and nothing else:
//!
//! 1. gather [`Observed`] from the caches;
//! 2. `old = ServerState::from_status(status)`, `verdict = judge(&observed)`,
//!    `events = diff(&old, &verdict.state)`;
//! 3. do each of `verdict.writes` and add [`Event::written`]; remember the API server's message
//!    of a refused part in `failures` until that part is written;
//! 4. if there were writes, observe and judge again and add what has become true by them;
//! 5. fold every event into the status, at `observed.now`; patch it if there was an event.
//!
//! Laws, proven over generated worlds in `tests/laws.rs`: folding the difference of two states
//! into the first gives the second; after the writes of a plan the next plan is empty and nothing
//! is said twice; a status read back is the state that it was made from.

mod compare;
mod desired;
pub mod detail;
mod diff;
mod event;
mod judge;
pub mod kube_event;
pub mod metric;
mod note;
mod observed;
mod part;
mod plan;
mod pod;
mod profile;
mod project;
mod quantity;
mod reason;
pub mod record;
mod refusal;
mod render;
mod state;
pub mod status;
mod strict;
mod valid;
pub mod why;
mod write;

pub use diff::diff;
pub use event::{Event, Severity};
pub use judge::{Verdict, judge, plan, project};
pub use observed::{
    Enforcement, Objects, Observed, Pods, PullPolicy, SecretFacts, Settings, Surroundings,
};
pub use part::Part;
pub use reason::Reason;
pub use refusal::{Refusal, RefusalReason};
pub use state::{
    Acceptance, Backend, Blocker, Component, Egress, Ending, Endpoint, Journal, JournalFault,
    Phase, PodState, Policy, Presence, Proxy, Replicas, Restarts, ServerState, Standing, Story,
    Unanswered,
};
pub use valid::{SecretNeed, ValidServer, unsupported_fields, validate};
pub use write::Write;
