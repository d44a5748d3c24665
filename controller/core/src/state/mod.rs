//! The truth about one server at one time.
//!
//! ```text
//!  ServerState ─┬─ acceptance   the spec is accepted, or why not
//!               ├─ objects      each object made for it: missing, outdated, current, ...
//!               ├─ policy       the network rules              (policy.rs)
//!               ├─ egress       what the server must not reach (egress.rs)
//!               ├─ backend      the server's worst pod         (backend.rs over story.rs over pod.rs)
//!               ├─ replicas     how many pods answer           (replicas.rs)
//!               ├─ restarts     how often, and why last        (restarts.rs)
//!               ├─ proxy        the proxy's pod                (proxy.rs over pod.rs)
//!               ├─ journal      whether events are written down (journal.rs)
//!               └─ endpoint     where clients connect
//!  ready.rs folds these into one word (Phase) and what stands in the way (Blocker)
//! ```
//!
//! No times: when something became true is said by events.

mod backend;
mod component;
mod egress;
mod journal;
mod pod;
mod policy;
mod proxy;
mod ready;
mod replicas;
mod restarts;
mod server_words;
mod story;
mod unanswered;

use std::collections::BTreeMap;

pub use backend::Backend;
pub use component::Component;
pub use egress::Egress;
pub use journal::{Journal, JournalFault};
pub use pod::PodState;
pub use policy::Policy;
pub use proxy::Proxy;
pub use ready::{Blocker, Phase, Standing};
pub use replicas::Replicas;
pub use restarts::{Ending, Restarts};
pub use story::Story;
pub use unanswered::Unanswered;

use crate::detail::Detail;
use crate::part::Part;
use crate::refusal::Refusal;

/// The truth about one server. The default is that of a server never looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerState {
    /// The generation of the spec that this speaks of; 0 before the first.
    pub generation: i64,
    /// Whether the spec is accepted.
    pub acceptance: Acceptance,
    /// Whether the MCPServer is being deleted.
    pub terminating: bool,
    /// The objects made for it that exist or should.
    pub objects: BTreeMap<Part, Presence>,
    /// The network rules.
    pub policy: Policy,
    /// What the egress gateway has denied.
    pub egress: Egress,
    /// The server's pod; of several, the one that is worst off.
    pub backend: Backend,
    /// How many pods the server has.
    pub replicas: Replicas,
    /// The proxy's pod.
    pub proxy: Proxy,
    /// How often the server's container was restarted in its present pods.
    pub restarts: Restarts,
    /// Where clients connect, once there is a Service.
    pub endpoint: Option<Endpoint>,
    /// Whether what becomes true is written down.
    pub journal: Journal,
}

/// Whether a spec is accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Acceptance {
    /// Nobody has looked.
    #[default]
    NotObserved,
    /// It is.
    Accepted,
    /// It is not; what runs is left as it is.
    Refused(Refusal),
}

/// State of one object made for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is wanted and does not exist.
    Missing,
    /// It was as it should be, and somebody else deleted it.
    Lost,
    /// It exists, and something else is wanted since.
    Outdated,
    /// It was written as it is wanted, and somebody else edited it.
    Edited,
    /// It is what is wanted.
    Current,
    /// It exists and is not wanted.
    Leftover,
    /// It exists, and nobody can say whether it is wanted: the spec is not accepted.
    Kept,
    /// The API server refused to write it.
    Failed(Detail),
}

/// Where clients connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The one that `status.url` shows.
    pub url: String,
    /// Streamable HTTP.
    pub streamable_http: String,
    /// HTTP with SSE.
    pub sse: String,
}
