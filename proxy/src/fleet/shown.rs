//! The fleet as `/sessions` shows it.

use hivewright_bridge::hub::{Counts, ServerSnapshot, SessionSnapshot};
use serde::Serialize;

use super::{Fleet, load::counts};

/// Everything, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FleetSnapshot {
    /// How full the tables are, over all pods.
    pub counts: Counts,
    /// The pods that are served.
    pub pods: Vec<PodSnapshot>,
    /// The sessions, pod by pod, each in the order in which they were opened.
    pub sessions: Vec<SessionOfPod>,
}

/// One pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PodSnapshot {
    /// Its ordinal.
    pub pod: usize,
    /// Its server process.
    pub server: ServerSnapshot,
    /// How full its tables are.
    pub counts: Counts,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionOfPod {
    /// The ordinal of the pod that it belongs to.
    pub pod: usize,
    /// The rest.
    #[serde(flatten)]
    pub session: SessionSnapshot,
}

impl Fleet {
    /// The whole state. Copies a line per session.
    pub fn snapshot(&self) -> FleetSnapshot {
        let mut all = FleetSnapshot {
            counts: Counts::default(),
            pods: Vec::new(),
            sessions: Vec::new(),
        };
        for (ordinal, bridge) in self.bridges() {
            let (pod, shown) = (ordinal.index(), bridge.snapshot());
            all.counts = counts(all.counts, shown.counts);
            all.pods.push(PodSnapshot {
                pod,
                server: shown.server,
                counts: shown.counts,
            });
            let sessions = shown.sessions.into_iter();
            all.sessions
                .extend(sessions.map(|session| SessionOfPod { pod, session }));
        }
        all
    }
}
