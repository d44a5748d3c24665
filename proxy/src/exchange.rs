//! One HTTP exchange, as traces and the audit log want to know it.
//!
//! ```text
//!  POST ──Scribe::meet──> Exchange ──with its input──> driver ──Book──> Call, when it is over ─┐
//!            │ (none if neither traced nor audited)                                           ├─> spans
//!            └────────────────── Access, when the response has gone ──> Ended ────────────────┘   audit
//! ```
//!
//! Whether there is one is decided first; an exchange that nobody wants to know costs a look for its
//! trace and nothing else.

mod call;
mod marks;
mod scribe;

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use http::StatusCode;
use parking_lot::Mutex;
use tokio::time::Instant;

pub use self::{
    call::{Arrival, Call, Place},
    marks::Marks,
    scribe::Scribe,
};
use crate::{access::Outcome, audit::Who, http::Door, trace::Traced};

/// What is known of an exchange while it goes on.
#[derive(Debug)]
pub struct Exchange {
    scribe: Scribe,
    /// When its request was there as a whole.
    arrived: Instant,
    trace: Option<Traced>,
    who: Option<Arc<Who>>,
    /// Whether a call has taken the place that its server was told.
    placed: AtomicBool,
    /// The HTTP response's span and the calls' spans go out together, if it is the first that ends.
    answered: Mutex<Option<Instant>>,
    /// A call that it brought is in the audit log, so that it needs no entry of its own.
    called: OnceLock<()>,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// Where it came in.
    pub door: Door,
    /// The HTTP method.
    pub method: &'static str,
    /// When its head was read.
    pub started: Instant,
    /// The answer's status, if there was one.
    pub status: Option<StatusCode>,
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes of the request's body.
    pub bytes_in: usize,
    /// Bytes of the response's body.
    pub bytes_out: usize,
}

impl Exchange {
    /// Who asks, if the audit log wants to know.
    pub fn who(&self) -> Option<&Arc<Who>> {
        self.who.as_ref()
    }

    /// Its trace, if it is recorded.
    pub const fn trace(&self) -> Option<&Traced> {
        self.trace.as_ref()
    }

    /// When its request was there as a whole.
    pub const fn arrived(&self) -> Instant {
        self.arrived
    }

    /// Whether the answers to its calls are to be kept for the audit log.
    pub fn wants_answers(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.wants_answers)
    }

    /// A place in the trace for the next call that it brings. The first one's is the one that the
    /// server was told.
    pub fn place(&self) -> Option<Place> {
        let trace = self.trace.as_ref()?;
        let first = !self.placed.swap(true, Ordering::Relaxed);
        Some(if first {
            trace.place()
        } else {
            trace.further_place()
        })
    }

    /// A call that it brought is over.
    pub fn told(&self, call: Call) {
        if self.trace.is_some() {
            *self.answered.lock() = Some(call.ended);
        }
        // Set before by another call of the same batch.
        let _ = self.called.set(());
        self.scribe.call(self, call);
    }

    /// The response has gone, or its client has.
    pub fn ended(&self, ended: &Ended) {
        let answered = *self.answered.lock();
        self.scribe.ended(self, ended, answered);
    }

    /// Whether a call that it brought was told.
    pub fn brought_a_call(&self) -> bool {
        self.called.get().is_some()
    }
}
