//! One message at a time: what it asks for, and the answer.

use std::{fs, sync::Arc};

use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{
    call::{Arguments, Call, EchoArguments},
    faults,
    later::{Later, Told},
    tools::{self, Tool},
    wire::{self, Incoming},
};
use crate::{reach::reach, through::query};

/// Most bytes that `big` answers with: well past every bound of the proxy, well below our memory.
const MAX_BIG: usize = 64 * 1024 * 1024;
/// Revisions of MCP that this server speaks; the last is offered when the client's is none of them.
const REVISIONS: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// Whether to read on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Read the next line.
    Next,
    /// End with this exit code.
    End(u8),
}

/// The good server, perhaps a noisy one.
#[derive(Debug)]
pub(super) struct Server {
    start: String,
    noisy: bool,
    later: Arc<Later>,
}

impl Server {
    /// A server that prints garbage between its answers if `noisy`.
    pub(super) fn new(noisy: bool) -> Self {
        Self {
            start: start_id(),
            noisy,
            later: Arc::default(),
        }
    }

    /// Takes one line.
    pub(super) fn step(&self, line: &[u8]) -> Step {
        let Ok(message) = serde_json::from_slice::<Incoming<'_>>(line) else {
            eprintln!("echo-server: a line on stdin is not JSON-RPC");
            return Step::Next;
        };
        if self.noisy {
            wire::send(faults::GARBAGE);
        }
        match (message.method.as_deref(), message.id) {
            (Some("tools/call"), Some(id)) => self.call(id.get(), message.params),
            (Some(method), Some(id)) => answer(id.get(), method, message.params),
            (Some(method), None) => self.notified(method, message.params),
            (None, Some(id)) => self.answered(id, &message),
            (None, None) => Step::Next,
        }
    }

    fn call(&self, id: &str, params: Option<&RawValue>) -> Step {
        let call = params.and_then(|raw| serde_json::from_str::<Call<'_>>(raw.get()).ok());
        let Some(call) = call else {
            return say(&wire::error(
                id,
                wire::INVALID_PARAMS,
                "tools/call needs a name",
            ));
        };
        let Some(tool) = Tool::named(&call.name) else {
            return say(&wire::error(
                id,
                wire::INVALID_PARAMS,
                "there is no such tool",
            ));
        };
        if tool == Tool::Echo {
            return echo(id, &call);
        }
        match call.arguments() {
            Some(arguments) => self.run(tool, id, &call, arguments),
            None => say(&wire::error(
                id,
                wire::INVALID_PARAMS,
                "an argument has the wrong type",
            )),
        }
    }

    fn run(&self, tool: Tool, id: &str, call: &Call<'_>, arguments: Arguments) -> Step {
        let later = &self.later;
        match tool {
            Tool::Exit => return Step::End(arguments.code),
            Tool::Kill => std::process::abort(),
            Tool::Slow => later.slow(id.to_owned(), arguments),
            Tool::Progress => match call.progress_token() {
                Some(token) => later.progress(id.to_owned(), token, arguments),
                None => wire::send(&wire::error(
                    id,
                    wire::INVALID_PARAMS,
                    "progress needs a token",
                )),
            },
            Tool::Ask => later.ask(id.to_owned(), arguments),
            Tool::Connect => later.reached(id.to_owned(), arguments, reach),
            Tool::Query => later.reached(id.to_owned(), arguments, query),
            Tool::Through => later.through(id.to_owned(), arguments),
            Tool::Log => {
                wire::send(&log(&arguments));
                answer_text(id, &arguments.text);
            }
            Tool::Noise => {
                (0..arguments.lines).for_each(|line| eprintln!("noise {line} on stderr"));
                answer_text(id, "noise made");
            }
            Tool::Big => answer_text(id, &"x".repeat(arguments.bytes.min(MAX_BIG))),
            Tool::Env => answer_text(id, &std::env::var(&arguments.name).unwrap_or_default()),
            Tool::Read => answer_text(id, &read(&arguments.name)),
            Tool::Write => answer_text(id, &write(&arguments.name, &arguments.text)),
            Tool::Whoami => answer_text(id, &self.start),
            Tool::Cancelled => answer_text(id, &later.cancelled().to_string()),
            Tool::Echo => answer_text(id, &arguments.text),
        }
        Step::Next
    }

    fn notified(&self, method: &str, params: Option<&RawValue>) -> Step {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Cancelled<'a> {
            #[serde(borrow)]
            request_id: &'a RawValue,
        }
        if method == "notifications/cancelled"
            && let Some(raw) = params
            && let Ok(cancelled) = serde_json::from_str::<Cancelled<'_>>(raw.get())
        {
            self.later.tell(cancelled.request_id.get(), Told::Cancelled);
        }
        Step::Next
    }

    fn answered(&self, id: &RawValue, message: &Incoming<'_>) -> Step {
        let answer = message
            .result
            .or(message.error)
            .map_or("null", RawValue::get);
        self.later.tell(id.get(), Told::Answered(answer.to_owned()));
        Step::Next
    }
}

fn echo(id: &str, call: &Call<'_>) -> Step {
    let text = call
        .arguments
        .and_then(|raw| serde_json::from_str::<EchoArguments<'_>>(raw.get()).ok())
        .filter(|arguments| arguments.text.get().starts_with('"'));
    say(&match text {
        Some(arguments) => wire::text(id, arguments.text.get()),
        None => wire::error(id, wire::INVALID_PARAMS, "echo needs a text"),
    })
}

fn answer(id: &str, method: &str, params: Option<&RawValue>) -> Step {
    say(&match method {
        "initialize" => wire::result(id, &initialize(params)),
        "ping" | "logging/setLevel" => wire::result(id, "{}"),
        "tools/list" => wire::result(id, &tools::list()),
        _ => wire::error(id, wire::METHOD_NOT_FOUND, "there is no such method"),
    })
}

fn initialize(params: Option<&RawValue>) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Initialize {
        protocol_version: String,
    }
    let asked = params.and_then(|raw| serde_json::from_str::<Initialize>(raw.get()).ok());
    let revision = asked
        .and_then(|asked| {
            REVISIONS
                .into_iter()
                .find(|known| *known == asked.protocol_version)
        })
        .unwrap_or(REVISIONS[REVISIONS.len() - 1]);
    json!({
        "protocolVersion": revision,
        "capabilities": { "tools": {}, "logging": {} },
        "serverInfo": { "name": "echo-server", "version": env!("CARGO_PKG_VERSION") },
    })
    .to_string()
}

fn log(arguments: &Arguments) -> String {
    let level = if arguments.level.is_empty() {
        "info"
    } else {
        &arguments.level
    };
    let params = json!({ "level": level, "logger": "echo-server", "data": arguments.text });
    wire::notification("notifications/message", &params.to_string())
}

fn answer_text(id: &str, text: &str) {
    wire::send(&wire::text(id, &wire::quote(text)));
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| error.to_string())
}

fn write(path: &str, text: &str) -> String {
    fs::write(path, text).map_or_else(|error| error.to_string(), |()| "written".to_owned())
}

fn say(line: &str) -> Step {
    wire::send(line);
    Step::Next
}

/// Differs at every start of the process, also of the same container: the kernel's random UUID.
fn start_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/uuid").map_or_else(
        |_| std::process::id().to_string(),
        |uuid| uuid.trim().to_owned(),
    )
}
