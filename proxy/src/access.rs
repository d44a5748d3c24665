//! The access log: one record for each HTTP exchange, when it is over.
//!
//! Target `access`. Every field is bounded: labels, numbers, and the request id, whose alphabet and
//! length the doors check. No path, header, body or whole session id is ever logged.

use std::sync::Arc;

use bytes::Bytes;
use hivewright_telemetry::Context;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio::time::Instant;

use crate::{
    audit::Who,
    exchange::{Ended, Exchange, Scribe},
    http::Door,
    metrics::Metrics,
};

/// How one exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client closed the connection before it had an answer.
    ClientGone,
    /// One JSON answer.
    Answered,
    /// A stream of events, to its end.
    Streamed,
    /// Taken, nothing to answer.
    Accepted,
    /// Turned away; the bounded reason.
    Refused(&'static str),
}

impl Outcome {
    /// The bounded label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ClientGone => "client_gone",
            Self::Answered => "answered",
            Self::Streamed => "streamed",
            Self::Accepted => "accepted",
            Self::Refused(reason) => reason,
        }
    }
}

/// The record of one exchange. It is written and counted when dropped: with the answer, with the
/// last byte of a stream, or with the request that its client gave up.
#[derive(Debug)]
pub struct Access {
    metrics: Metrics,
    door: Door,
    method: &'static str,
    /// The id that is echoed to the client.
    pub request_id: HeaderValue,
    started: Instant,
    /// Bytes of the request's body.
    pub bytes_in: usize,
    /// Bytes of the response's body.
    pub bytes_out: usize,
    /// The answer's status, once there is one.
    pub status: Option<StatusCode>,
    /// How it ended, as far as known.
    pub outcome: Outcome,
    scribe: Scribe,
    /// Who asks, if the audit log wants to know.
    who: Option<Arc<Who>>,
    /// What is to be written down of it beside this record.
    exchange: Option<Arc<Exchange>>,
}

impl Access {
    /// A record that starts now.
    pub fn new(metrics: Metrics, door: Door, method: &Method, request_id: HeaderValue) -> Self {
        Self {
            metrics,
            door,
            method: method_label(method),
            request_id,
            started: Instant::now(),
            bytes_in: 0,
            bytes_out: 0,
            status: None,
            outcome: Outcome::ClientGone,
            scribe: Scribe::default(),
            who: None,
            exchange: None,
        }
    }

    /// This one writes down what is wanted of it.
    pub fn met_by(&mut self, scribe: &Scribe, headers: &HeaderMap) {
        self.scribe = scribe.clone();
        self.who = scribe.who(headers, &self.request_id);
    }

    /// The whole request is there. Gives its body, which says its place in a trace if that is
    /// recorded, and the exchange that its calls belong to if anything of it is to be written down.
    pub fn meet(&mut self, headers: &HeaderMap, body: Bytes) -> (Bytes, Option<Arc<Exchange>>) {
        let (body, exchange) = self.scribe.meet(headers, body, self.who.clone());
        self.exchange.clone_from(&exchange);
        (body, exchange)
    }

    /// The span of this exchange, if its trace is recorded.
    pub fn span(&self) -> Option<&Context> {
        let trace = self.exchange.as_ref()?.trace()?;
        Some(trace.http())
    }

    fn ended(&self) -> Ended {
        Ended {
            door: self.door,
            method: self.method,
            started: self.started,
            status: self.status,
            outcome: self.outcome,
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
        }
    }

    /// Where it will be counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

impl Drop for Access {
    fn drop(&mut self) {
        self.metrics
            .http(self.door, self.status, self.bytes_in, self.bytes_out);
        tracing::info!(
            target: "access",
            door = self.door.label(),
            method = self.method,
            status = self.status.map(|status| status.as_u16()),
            outcome = self.outcome.label(),
            duration_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
            bytes_in = self.bytes_in,
            bytes_out = self.bytes_out,
            request_id = self.request_id.to_str().unwrap_or_default(),
            trace_id = self.span().map(|span| tracing::field::display(span.trace)),
            span_id = self.span().map(|span| tracing::field::display(span.span)),
            "request served"
        );
        match &self.exchange {
            Some(exchange) => exchange.ended(&self.ended()),
            None if self.who.is_some() => self.scribe.refused(self.who.as_ref(), &self.ended()),
            None => {}
        }
    }
}

/// Methods are free text on the wire; a label is not.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::POST => "POST",
        Method::GET => "GET",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use parking_lot::Mutex;
    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What the log says of these exchanges.
    fn logged(exchanges: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let writer = lines.clone();
        let log = tracing_subscriber::fmt()
            .json()
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(log, exchanges);
        let text = String::from_utf8(lines.0.lock().clone()).expect("UTF-8");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    fn exchange(method: &Method) -> Access {
        Access::new(
            Metrics::new(),
            Door::Mcp,
            method,
            HeaderValue::from_static("id-1"),
        )
    }

    #[test]
    fn an_exchange_is_one_record_with_bounded_fields() {
        let records = logged(|| {
            let mut access = exchange(&Method::POST);
            access.bytes_in = 7;
            access.bytes_out = 9;
            access.status = Some(StatusCode::NOT_FOUND);
            access.outcome = Outcome::Refused("unknown_session");
        });
        assert_eq!(records.len(), 1);
        assert_eq!(records[0]["target"], "access");
        let mut fields = records[0]["fields"].clone();
        assert!(fields["duration_us"].take().is_u64());
        let expected = serde_json::json!({
            "message": "request served",
            "door": "mcp",
            "method": "POST",
            "status": 404,
            "outcome": "unknown_session",
            "duration_us": null,
            "bytes_in": 7,
            "bytes_out": 9,
            "request_id": "id-1",
        });
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_request_that_was_given_up_says_so_and_a_made_up_method_is_other() {
        let made_up = Method::from_bytes(b"BREW").expect("a method");
        let records = logged(|| drop(exchange(&made_up)));
        let fields = &records[0]["fields"];
        assert_eq!(fields["outcome"], "client_gone");
        assert_eq!(fields["method"], "other");
        assert!(fields.get("status").is_none());
    }
}
