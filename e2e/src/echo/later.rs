//! Calls that take a while, each on a thread, so that the next line is read at once.

use std::{
    collections::HashMap,
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError, SyncSender},
    },
    thread,
    time::Duration,
};

use parking_lot::Mutex;

use super::{call::Arguments, wire};
use crate::{reach::Reach, through::through};

/// Calls that may wait at the same time. A thread costs some 10 KiB; a scenario uses some dozens.
const MAX_WAITING: usize = 1024;
/// How long `ask` waits for the client, longer than any client of the scenarios takes.
const ASK: Duration = Duration::from_secs(30);

/// What a waiting call can be told.
#[derive(Debug)]
pub(super) enum Told {
    /// The client took the call back.
    Cancelled,
    /// The client answered what we asked, with this JSON.
    Answered(String),
}

/// The waiting calls: by the id of the request, and by our own id for what we asked.
#[derive(Debug, Default)]
pub(super) struct Later {
    waiting: Mutex<HashMap<String, SyncSender<Told>>>,
    cancelled: AtomicU64,
    asked: AtomicU64,
}

impl Later {
    /// Number of calls that were taken back.
    pub(super) fn cancelled(&self) -> u64 {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Tells the call that waits under `key`; one that is over already is not there.
    pub(super) fn tell(&self, key: &str, told: Told) {
        if let Some(waiting) = self.waiting.lock().remove(key) {
            if matches!(told, Told::Cancelled) {
                self.cancelled.fetch_add(1, Ordering::Relaxed);
            }
            let _over = waiting.try_send(told);
        }
    }

    /// After `arguments.ms`, answers `id` with the text; after a cancellation, not at all.
    pub(super) fn slow(self: &Arc<Self>, id: String, arguments: Arguments) {
        self.spawn(id.clone(), id, move |_, told, id| {
            match told.recv_timeout(Duration::from_millis(arguments.ms)) {
                Err(RecvTimeoutError::Timeout) => {
                    Some(wire::text(id, &wire::quote(&arguments.text)))
                }
                Ok(_) | Err(RecvTimeoutError::Disconnected) => None,
            }
        });
    }

    /// Sends `arguments.steps` notifications under `token`, `arguments.ms` apart, then the text.
    pub(super) fn progress(self: &Arc<Self>, id: String, token: String, arguments: Arguments) {
        self.spawn(id.clone(), id, move |_, told, id| {
            let (steps, text) = (arguments.steps, wire::quote(&arguments.text));
            for step in 1..=steps {
                wire::send(&wire::notification(
                    "notifications/progress",
                    &format!(
                        "{{\"progressToken\":{token},\"progress\":{step},\"total\":{steps},\"message\":{text}}}"
                    ),
                ));
                if told.recv_timeout(Duration::from_millis(arguments.ms)).is_ok() {
                    return None;
                }
            }
            Some(wire::text(id, &text))
        });
    }

    /// Sends a request of `arguments.kind` to the client and answers `id` with what it said.
    pub(super) fn ask(self: &Arc<Self>, id: String, arguments: Arguments) {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let key = format!("\"ask-{number}\"");
        self.spawn(key, id, move |key, told, id| {
            wire::send(&question(key, &arguments.kind, &arguments.text));
            Some(match told.recv_timeout(ASK) {
                Ok(Told::Answered(answer)) => wire::text(id, &wire::quote(&answer)),
                Ok(Told::Cancelled) | Err(_) => wire::error(
                    id,
                    wire::INVALID_PARAMS,
                    "the client did not answer what was asked",
                ),
            })
        });
    }

    /// Answers `id` with what came of trying to reach the host.
    pub(super) fn reached(
        self: &Arc<Self>,
        id: String,
        arguments: Arguments,
        reach: fn(&str, u16) -> Reach,
    ) {
        self.spawn(id.clone(), id, move |_, _, id| {
            let outcome = reach(&arguments.host, arguments.port);
            let word = serde_json::to_string(&outcome).unwrap_or_default();
            Some(wire::text(id, &wire::quote(word.trim_matches('"'))))
        });
    }

    /// Answers `id` with what the proxy of the environment says.
    pub(super) fn through(self: &Arc<Self>, id: String, arguments: Arguments) {
        self.spawn(id.clone(), id, move |_, _, id| {
            let proxy = env::var("HTTP_PROXY").unwrap_or_default();
            let said = through(&proxy, &arguments.name).unwrap_or_else(|error| error.to_string());
            Some(wire::text(id, &wire::quote(&said)))
        });
    }

    fn spawn(
        self: &Arc<Self>,
        key: String,
        id: String,
        work: impl FnOnce(&str, &mpsc::Receiver<Told>, &str) -> Option<String> + Send + 'static,
    ) {
        let (tell, told) = mpsc::sync_channel(1);
        {
            let mut waiting = self.waiting.lock();
            if waiting.len() >= MAX_WAITING {
                drop(waiting);
                return wire::send(&wire::error(
                    &id,
                    wire::INVALID_PARAMS,
                    "too many calls wait",
                ));
            }
            waiting.insert(key.clone(), tell);
        }
        let later = Arc::clone(self);
        thread::spawn(move || {
            let answer = work(&key, &told, &id);
            later.waiting.lock().remove(&key);
            if let Some(answer) = answer {
                wire::send(&answer);
            }
        });
    }
}

/// The request to the client.
fn question(id: &str, kind: &str, text: &str) -> String {
    let text = wire::quote(text);
    let (method, params) = match kind {
        "sampling" => (
            "sampling/createMessage",
            format!(
                "{{\"messages\":[{{\"role\":\"user\",\"content\":{{\"type\":\"text\",\"text\":{text}}}}}],\"maxTokens\":16}}"
            ),
        ),
        "roots" => ("roots/list", "{}".to_owned()),
        _ => (
            "elicitation/create",
            format!(
                "{{\"message\":{text},\"requestedSchema\":{{\"type\":\"object\",\"properties\":{{\"answer\":{{\"type\":\"string\"}}}},\"required\":[\"answer\"]}}}}"
            ),
        ),
    };
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"{method}\",\"params\":{params}}}\n")
}
