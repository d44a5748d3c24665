//! The streams of one container: its stdout, its log, and what it read.

use std::collections::VecDeque;

use axum::{
    body::Body,
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Response},
};
use futures::stream;
use http::StatusCode;
use serde_json::Value;

use crate::{api, cluster::Cluster};

/// They outlive every attach connection.
#[derive(Debug, Default)]
pub(crate) struct Stdio {
    /// All that was written to stdout.
    pub(crate) out: Vec<u8>,
    /// Whole lines of stdout and stderr, as the runtime keeps them.
    log: Vec<u8>,
    unlogged: Vec<u8>,
    /// What was read after the last newline.
    rest: Vec<u8>,
    /// Lines that were read and are no JSON.
    pub(crate) garbage: Vec<String>,
    /// Attach connections are cut when they have shown stdout up to here.
    pub(crate) cuts: VecDeque<usize>,
}

impl Stdio {
    /// The process writes to stdout.
    pub(crate) fn out(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.unlogged.extend_from_slice(text.as_bytes());
        if let Some(end) = self.unlogged.iter().rposition(|byte| *byte == b'\n') {
            self.log.extend(self.unlogged.drain(..=end));
        }
    }

    /// The process writes a line to stderr, which only the log shows here.
    pub(crate) fn err(&mut self, line: &str) {
        self.log.extend_from_slice(line.as_bytes());
    }

    /// What an attach connection that has shown so much shows next, and whether it is cut then.
    pub(crate) fn next(&mut self, shown: usize) -> (Vec<u8>, bool) {
        match self.cuts.front().copied() {
            Some(cut) if cut <= self.out.len() => {
                self.cuts.pop_front();
                (self.out[shown.min(cut)..cut].to_vec(), true)
            }
            Some(_) | None => (self.out[shown..].to_vec(), false),
        }
    }

    /// The process reads; gives the messages in it.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Vec<Value> {
        self.rest.extend_from_slice(bytes);
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let whole: Vec<u8> = self.rest.drain(..=end).collect();
        let lines = whole.split(|byte| *byte == b'\n');
        let mut messages = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(message) => messages.push(message),
                Err(_) => self
                    .garbage
                    .push(String::from_utf8_lossy(line).into_owned()),
            }
        }
        messages
    }
}

/// `pods/log` with `follow`, as a cluster gives it that cannot tell the streams apart.
pub(crate) async fn log(
    State(cluster): State<Cluster>,
    Path(pod): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if let Some(status) = cluster.look().no_log {
        let status = StatusCode::from_u16(status).expect("a status");
        return api::status(status, "no log");
    }
    if query.is_some_and(|query| query.contains("stream=")) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return api::status(status, "stream: Forbidden: may not be specified");
    }
    let changes = cluster.changes();
    let lines = stream::unfold(
        (cluster, pod, changes, 0),
        |(cluster, pod, mut changes, from)| async move {
            loop {
                let more = {
                    let world = cluster.look();
                    world.pods.get(&pod)?.stdio.log.get(from..)?.to_vec()
                };
                if !more.is_empty() {
                    let next = from + more.len();
                    let chunk = Ok::<_, std::io::Error>(more);
                    return Some((chunk, (cluster, pod, changes, next)));
                }
                changes.changed().await.ok()?;
            }
        },
    );
    Body::from_stream(lines).into_response()
}
