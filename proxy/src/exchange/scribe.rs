//! Who writes down what happens: traces, exemplars and the audit log.

use std::sync::{Arc, OnceLock, atomic::AtomicBool};

use bytes::Bytes;
use hivewright_telemetry::Telemetry;
use http::{HeaderMap, HeaderValue};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{Call, Ended, Exchange};
use crate::{
    access::Outcome,
    audit::{Audit, Who},
    metrics::Metrics,
    trace::{self, Traced},
};

/// Decides what is written down, and writes it. The default writes nothing. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Scribe(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    telemetry: Telemetry,
    audit: Option<Audit>,
    metrics: Metrics,
    /// Whether attributes of spans also appear under their older names.
    legacy: bool,
}

impl Scribe {
    /// One for these. Without traces and without audit log it is the default.
    pub fn new(telemetry: Telemetry, audit: Option<Audit>, metrics: Metrics, legacy: bool) -> Self {
        let any = telemetry.traces() || audit.is_some();
        Self(any.then(|| {
            Arc::new(Inner {
                telemetry,
                audit,
                metrics,
                legacy,
            })
        }))
    }

    /// Who sends these headers, if the audit log wants to know.
    pub fn who(&self, headers: &HeaderMap, request_id: &HeaderValue) -> Option<Arc<Who>> {
        let audit = self.0.as_ref()?.audit.as_ref()?;
        Some(Arc::new(Who::new(audit.settings(), headers, request_id)))
    }

    /// Looks at a request. Gives the body, which says its place in the trace if that is recorded, and
    /// the exchange if anything of it is to be written down.
    pub fn meet(
        &self,
        headers: &HeaderMap,
        body: Bytes,
        who: Option<Arc<Who>>,
    ) -> (Bytes, Option<Arc<Exchange>>) {
        let Some(inner) = &self.0 else {
            return (body, None);
        };
        let trace = Traced::decide(&inner.telemetry, headers, &body);
        if trace.is_none() && who.is_none() {
            return (body, None);
        }
        let who = who.map(|who| Arc::new(who.with_body(&body)));
        let told = trace.as_ref().and_then(|trace| trace.tell(&body));
        let exchange = Exchange {
            scribe: self.clone(),
            arrived: Instant::now(),
            trace,
            who,
            placed: AtomicBool::new(false),
            answered: Mutex::new(None),
            called: OnceLock::new(),
        };
        (told.unwrap_or(body), Some(Arc::new(exchange)))
    }

    /// A call is over.
    pub(super) fn call(&self, exchange: &Exchange, call: Call) {
        let Some(inner) = &self.0 else {
            return;
        };
        if let (Some(trace), Some(place)) = (exchange.trace(), &call.place) {
            inner.metrics.exemplar(&call, &place.own);
            let spans = trace::of_call(trace, exchange.arrived(), &call, place, inner.legacy);
            inner.telemetry.spans(spans);
        }
        if let (Some(audit), Some(who)) = (&inner.audit, exchange.who()) {
            audit.call(who.clone(), call);
        }
    }

    /// An exchange is over.
    pub(super) fn ended(&self, exchange: &Exchange, ended: &Ended, answered: Option<Instant>) {
        let Some(inner) = &self.0 else {
            return;
        };
        if let Some(trace) = exchange.trace() {
            let spans = trace::of_exchange(trace, ended, answered, inner.legacy);
            inner.telemetry.spans(spans);
        }
        if !exchange.brought_a_call() {
            self.refused(exchange.who(), ended);
        }
    }

    /// An exchange is over that brought no call; one that was turned away is for the audit log.
    pub fn refused(&self, who: Option<&Arc<Who>>, ended: &Ended) {
        let audit = self.0.as_ref().and_then(|inner| inner.audit.as_ref());
        if let (Some(audit), Some(who), Outcome::Refused(_)) = (audit, who, ended.outcome) {
            audit.refused(who.clone(), *ended);
        }
    }
}
