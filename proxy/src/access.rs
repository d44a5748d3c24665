//! The access log: one record for each HTTP exchange, when it is over.
//!
//! Target `access`. Every field is bounded: labels, numbers, and the request id, whose alphabet and
//! length the doors check. No path, header, body or whole session id is ever logged.

use http::{HeaderValue, Method, StatusCode};
use tokio::time::Instant;

use crate::{http::Door, metrics::Metrics};

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
            "request served"
        );
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
