//! What was observed, judged once: the truth about the server and the writes that follow.

use crate::desired::needs;
use crate::observed::Observed;
use crate::plan::all_writes;
use crate::project::state;
use crate::state::ServerState;
use crate::write::Write;

/// What follows from one observation. Both halves rest on one rendering of the server's objects
/// and one comparison with those observed, which is nearly all the work.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The truth about the server.
    pub state: ServerState,
    /// The writes that are needed, in order.
    pub writes: Vec<Write>,
}

/// The truth about one server, as far as it was observed, and the writes that are needed: none when
/// all is as it should be, none for a server that is being deleted (its objects go with it), and
/// none for a spec that is not accepted.
pub fn judge(observed: &Observed) -> Verdict {
    let needs = needs(observed);
    let state = state(observed, needs.as_ref());
    let writes = needs.map(|needs| all_writes(needs, observed));
    Verdict {
        state,
        writes: writes.unwrap_or_default(),
    }
}

/// The truth about one server alone.
pub fn project(observed: &Observed) -> ServerState {
    judge(observed).state
}

/// The writes that are needed alone.
pub fn plan(observed: &Observed) -> Vec<Write> {
    judge(observed).writes
}
