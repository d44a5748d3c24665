//! The tools by name, as `tools/list` tells them.

use serde_json::{Value, json};

/// Everything that a client can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Echo,
    Slow,
    Progress,
    Whoami,
    Exit,
    Kill,
    Ask,
    Log,
    Big,
    Env,
    Read,
    Write,
    Noise,
    Connect,
    Query,
    Through,
    Cancelled,
}

/// Name, what it does, and its arguments with their JSON types.
type Row = (
    Tool,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const TOOLS: &[Row] = &[
    (
        Tool::Echo,
        "echo",
        "Gives the text back, byte for byte",
        &[("text", "string")],
    ),
    (
        Tool::Slow,
        "slow",
        "Gives the text back after a while, unless cancelled",
        &[("ms", "integer"), ("text", "string")],
    ),
    (
        Tool::Progress,
        "progress",
        "Sends this many progress notifications, then the text",
        &[("steps", "integer"), ("ms", "integer"), ("text", "string")],
    ),
    (
        Tool::Whoami,
        "whoami",
        "Tells the id of this start of the process",
        &[],
    ),
    (
        Tool::Exit,
        "exit",
        "Ends the process with this code, without an answer",
        &[("code", "integer")],
    ),
    (
        Tool::Kill,
        "kill",
        "Crashes the process, without an answer",
        &[],
    ),
    (
        Tool::Ask,
        "ask",
        "Asks the client (elicitation, sampling or roots) and tells its answer",
        &[("kind", "string"), ("text", "string")],
    ),
    (
        Tool::Log,
        "log",
        "Sends a log notification, then the text",
        &[("level", "string"), ("text", "string")],
    ),
    (
        Tool::Big,
        "big",
        "Answers with a text of this many bytes",
        &[("bytes", "integer")],
    ),
    (
        Tool::Env,
        "env",
        "Tells the value of an environment variable",
        &[("name", "string")],
    ),
    (
        Tool::Read,
        "read",
        "Tells the text of a file, or why it cannot be read",
        &[("name", "string")],
    ),
    (
        Tool::Write,
        "write",
        "Writes the text to a file and tells what came of it",
        &[("name", "string"), ("text", "string")],
    ),
    (
        Tool::Noise,
        "noise",
        "Writes this many lines to stderr",
        &[("lines", "integer")],
    ),
    (
        Tool::Connect,
        "connect",
        "Opens a TCP connection and tells what came of it",
        &[("host", "string"), ("port", "integer")],
    ),
    (
        Tool::Query,
        "query",
        "Asks a DNS server over UDP and tells what came of it",
        &[("host", "string"), ("port", "integer")],
    ),
    (
        Tool::Through,
        "through",
        "Asks the proxy of the environment for a URL or HOST:PORT and tells its answer",
        &[("name", "string")],
    ),
    (
        Tool::Cancelled,
        "cancelled",
        "Tells how many calls of this process were cancelled",
        &[],
    ),
];

impl Tool {
    /// The tool of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        TOOLS
            .iter()
            .find(|(_, known, ..)| *known == name)
            .map(|(tool, ..)| *tool)
    }
}

/// The result of `tools/list`.
pub(super) fn list() -> String {
    let tools: Vec<Value> = TOOLS.iter().map(describe).collect();
    json!({ "tools": tools }).to_string()
}

fn describe((_, name, description, arguments): &Row) -> Value {
    let properties: serde_json::Map<String, Value> = arguments
        .iter()
        .map(|(argument, kind)| ((*argument).to_owned(), json!({ "type": kind })))
        .collect();
    json!({
        "name": name,
        "description": description,
        "inputSchema": { "type": "object", "properties": properties },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_tool_is_found_by_its_name() {
        let list: Value = serde_json::from_str(&list()).unwrap();
        let tools = list["tools"].as_array().unwrap();
        assert_eq!(tools.len(), TOOLS.len());
        assert!(
            tools
                .iter()
                .all(|tool| Tool::named(tool["name"].as_str().unwrap()).is_some())
        );
        assert_eq!(Tool::named("rm"), None);
    }
}
