//! Which process to attach to, and when to replace the pod instead of waiting for the kubelet.
//!
//! ```text
//!  pod (watch) ──┐
//!  how the last  ├──> Revival::step ──> Wait | Attach(process) | Replace(pod)
//!  process ended ┘
//! ```
//!
//! A process is initialised once, by one proxy. One that a proxy has spoken to is never attached to
//! again: what was written while nobody was attached is lost (`pods/attach` has no replay), and a
//! second `initialize` breaks servers. So every loss leads to a fresh process:
//!
//! - The kubelet restarts an ended container at once the first time, then after 10 s, 20 s, 40 s
//!   (kubernetes, pkg/kubelet, `CrashLoopBackOff`). A server that had answered `initialize` is
//!   worth more than that: its pod is deleted and the StatefulSet makes a new one, which starts
//!   without back-off. A budget keeps that from becoming a fast crash loop.
//! - One that never answered `initialize` is left to the kubelet, so that `kubectl get pods` says
//!   CrashLoopBackOff, which is the truth.
//! - The pod of a session that had it to itself is replaced at once, whatever its process does.
//! - One that runs but is of no use (no or a wrong answer, stdin not read) is replaced with back-off.

use std::{sync::Arc, time::Duration};

use super::{
    backoff::Backoff,
    budget::Budget,
    pod::facts::{Container, PodFacts, PodView, ProcessId},
};

/// Quick replacements that a server may use up in a row. Three kills in a row are an everyday
/// event (an OOM, an upgrade, a chaos test); more at once is a crash loop.
pub const QUICK_REVIVALS: u32 = 5;
/// One quick replacement comes back after this long: a server that dies more often than every two
/// minutes ends up with the kubelet's back-off.
pub const REVIVAL_REFILL: Duration = Duration::from_mins(2);
/// How long the pod may show a process as running after its stdio ended. The kubelet looks at its
/// containers once a second (PLEG relist) and reports within another.
pub const EXIT_CONFIRM: Duration = Duration::from_secs(5);
/// First wait before an unusable process is replaced: long enough that a condition can be read.
pub const USELESS_BASE: Duration = Duration::from_secs(2);
/// Longest wait before an unusable process is replaced: a mended server is found within a minute.
pub const USELESS_CAP: Duration = Duration::from_mins(1);
/// A server that has served for this long is sound: its next failure starts with the first wait.
pub const SOUND_AFTER: Duration = Duration::from_mins(1);

/// Time since the backend started.
type Now = Duration;

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Look again when the pod changes, or at this time.
    Wait(Option<Now>),
    /// Attach to this process: nobody has spoken to it.
    Attach(ProcessId),
    /// Delete the pod with this uid; the StatefulSet makes a new one.
    Replace(Arc<str>, Why),
}

/// Why a pod is replaced. Bounded: a metric label and a log field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// An earlier proxy has spoken to the process that runs.
    ClaimedBefore,
    /// The process ended and the kubelet would delay the next one.
    Exited,
    /// Its stdio ended, yet the container is still shown as running.
    StdioClosed,
    /// The attach connection broke; what was written meanwhile is lost.
    AttachLost,
    /// The process runs but is of no use as an MCP server.
    Unusable,
    /// The session that had the pod to itself has ended.
    SessionEnded,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::ClaimedBefore,
        Self::Exited,
        Self::StdioClosed,
        Self::AttachLost,
        Self::Unusable,
        Self::SessionEnded,
    ];

    /// The label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClaimedBefore => "claimed_before",
            Self::Exited => "exited",
            Self::StdioClosed => "stdio_closed",
            Self::AttachLost => "attach_lost",
            Self::Unusable => "unusable",
            Self::SessionEnded => "session_ended",
        }
    }
}

/// How the use of a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The process ended.
    Exited,
    /// The connection to it broke.
    AttachLost,
    /// The driver dropped it.
    Unusable,
    /// The session that had its pod to itself has ended: nobody else may get that.
    Renewed,
}

/// What is remembered between steps.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Memory {
    /// Nothing seen yet: whatever runs may have been spoken to by an earlier proxy.
    Newcomer,
    /// The container was seen down and this proxy has spoken to nothing: what comes up is fresh.
    Watched,
    /// This proxy has spoken to `process`, which is lost.
    Lost(Lost),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Lost {
    process: ProcessId,
    ending: Ending,
    /// It had answered `initialize`.
    served: bool,
    /// When the pod may be replaced although the process is shown as running.
    due: Now,
}

/// The policy with its memory.
#[derive(Clone, Debug)]
pub struct Revival {
    memory: Memory,
    budget: Budget,
    useless: Backoff,
    /// The pod whose deletion was asked for last.
    replaced: Option<Arc<str>>,
}

impl Default for Revival {
    fn default() -> Self {
        Self {
            memory: Memory::Newcomer,
            budget: Budget::new(QUICK_REVIVALS, REVIVAL_REFILL),
            useless: Backoff::new(USELESS_BASE, USELESS_CAP),
            replaced: None,
        }
    }
}

impl Revival {
    /// The use of `process` ended now; `served` is how long it had been initialised, if it was.
    pub fn ended(
        &mut self,
        process: ProcessId,
        ending: Ending,
        served: Option<Duration>,
        (now, random): (Now, u64),
    ) {
        if served.is_some_and(|served| served >= SOUND_AFTER) {
            self.useless.reset();
        }
        let due = match (ending, served) {
            (Ending::Exited, Some(_)) => now + EXIT_CONFIRM,
            (Ending::Exited, None) => now + EXIT_CONFIRM + self.useless.wait(random),
            (Ending::AttachLost, Some(_)) | (Ending::Renewed, _) => now,
            (Ending::AttachLost, None) | (Ending::Unusable, _) => now + self.useless.wait(random),
        };
        self.memory = Memory::Lost(Lost {
            process,
            ending,
            served: served.is_some(),
            due,
        });
    }

    /// The deletion that the last step asked for did not succeed: it may be asked for again.
    pub fn not_replaced(&mut self) {
        self.replaced = None;
    }

    /// Whether this is the process that was lost last, and it had answered `initialize`.
    pub fn had_served(&self, process: &ProcessId) -> bool {
        match &self.memory {
            Memory::Lost(lost) => lost.served && lost.process == *process,
            Memory::Newcomer | Memory::Watched => false,
        }
    }

    /// What to do about the pod as it is now.
    pub fn step(&mut self, view: &PodView, now: Now) -> Step {
        match view {
            PodView::Unknown => Step::Wait(None),
            PodView::Absent => {
                self.seen_down();
                Step::Wait(None)
            }
            PodView::Present(pod) if pod.leaving || self.replaced.as_ref() == Some(&pod.uid) => {
                Step::Wait(None)
            }
            PodView::Present(pod) => self.present(pod, now),
        }
    }

    fn present(&mut self, pod: &PodFacts, now: Now) -> Step {
        if self.is_used_up(pod) {
            return self.replace(pod, Why::SessionEnded);
        }
        let running = match &pod.container {
            Container::Running(process) => process,
            Container::Down | Container::BackingOff => return self.down(pod, now),
        };
        match self.memory.clone() {
            Memory::Newcomer if pod.claimed => self.replace(pod, Why::ClaimedBefore),
            Memory::Newcomer | Memory::Watched => Step::Attach(running.clone()),
            Memory::Lost(lost) if lost.process != *running => Step::Attach(running.clone()),
            Memory::Lost(lost) => self.still_running(pod, &lost, now),
        }
    }

    /// Whether a session had this pod to itself and has ended.
    fn is_used_up(&self, pod: &PodFacts) -> bool {
        match &self.memory {
            Memory::Lost(lost) => lost.ending == Ending::Renewed && lost.process.pod == pod.uid,
            Memory::Newcomer | Memory::Watched => false,
        }
    }

    /// The container does not run.
    fn down(&mut self, pod: &PodFacts, now: Now) -> Step {
        self.seen_down();
        let delayed = pod.container == Container::BackingOff || pod.restarts > 0;
        match &self.memory {
            Memory::Lost(lost) if lost.process.pod == pod.uid && lost.served && delayed => self
                .quick(pod, Why::Exited, now)
                .unwrap_or_else(|until| Step::Wait(Some(until))),
            Memory::Newcomer | Memory::Watched | Memory::Lost(_) => Step::Wait(None),
        }
    }

    /// The lost process is shown as running.
    fn still_running(&mut self, pod: &PodFacts, lost: &Lost, now: Now) -> Step {
        let delayed = pod.restarts > 0;
        match lost.ending {
            Ending::Exited if lost.served && delayed => {
                if let Ok(step) = self.quick(pod, Why::Exited, now) {
                    return step;
                }
                self.when_due(pod, lost, now, Why::StdioClosed)
            }
            Ending::Exited => self.when_due(pod, lost, now, Why::StdioClosed),
            Ending::AttachLost if lost.served => match self.quick(pod, Why::AttachLost, now) {
                Ok(step) => step,
                Err(until) => Step::Wait(Some(until)),
            },
            Ending::AttachLost => self.when_due(pod, lost, now, Why::AttachLost),
            Ending::Unusable => self.when_due(pod, lost, now, Why::Unusable),
            Ending::Renewed => self.replace(pod, Why::SessionEnded),
        }
    }

    fn when_due(&mut self, pod: &PodFacts, lost: &Lost, now: Now, why: Why) -> Step {
        if now < lost.due {
            Step::Wait(Some(lost.due))
        } else {
            self.replace(pod, why)
        }
    }

    /// Replaces the pod if the budget allows it; otherwise the time of the next token.
    fn quick(&mut self, pod: &PodFacts, why: Why, now: Now) -> Result<Step, Now> {
        self.budget.take(now).map(|()| self.replace(pod, why))
    }

    fn replace(&mut self, pod: &PodFacts, why: Why) -> Step {
        self.replaced = Some(pod.uid.clone());
        Step::Replace(pod.uid.clone(), why)
    }

    fn seen_down(&mut self) {
        if self.memory == Memory::Newcomer {
            self.memory = Memory::Watched;
        }
    }
}

#[cfg(test)]
#[path = "revive/tests.rs"]
mod tests;
