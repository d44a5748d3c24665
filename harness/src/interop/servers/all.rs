//! The servers, and what each is asked.

use serde_json::json;

use super::{Server, Start, WORDS};
use crate::tools::Tool;

/// The Go SDK's word on a tool that asks the client in a request of the stateless era.
pub(super) const STATELESS: &str =
    "cannot be sent while serving a request on protocol version 2026-07-28";

/// All of them.
pub(super) static SERVERS: [Server; 10] = [
    Server {
        name: "server-everything (npm)",
        start: Start::Everything,
        args: &[],
        plan: |_, _| {
            json!({ "calls": [
                ["get-sum", { "a": 2, "b": 3 }, "is 5"],
                ["get-structured-content", { "location": "New York" }, "structuredContent"],
                ["trigger-sampling-request", { "prompt": "Hello?" }, "a sample of the client"],
                ["trigger-elicitation-request", {}, "Name: Queen"],
                ["get-roots-list", {}, "file:///hive"],
            ], "prompt": ["args-prompt", { "city": "Hive" }, "weather in Hive"] })
        },
    },
    Server {
        name: "server-filesystem (npm)",
        start: Start::Npm("server-filesystem"),
        args: &["DIR"],
        plan: |dir, _| {
            json!({ "calls": [
                ["read_text_file", { "path": dir.join("hive.txt") }, WORDS],
                ["list_directory", { "path": dir }, "[FILE] hive.txt"],
            ] })
        },
    },
    Server {
        name: "server-memory (npm)",
        start: Start::Npm("server-memory"),
        args: &[],
        plan: |_, _| {
            let bee = json!({ "name": "bee", "entityType": "insect", "observations": [WORDS] });
            json!({ "calls": [
                ["create_entities", { "entities": [bee] }, ""],
                ["search_nodes", { "query": "bee" }, WORDS],
            ] })
        },
    },
    Server {
        name: "server-sequential-thinking (npm)",
        start: Start::Npm("server-sequential-thinking"),
        args: &[],
        plan: |_, _| {
            let thought = json!({ "thought": WORDS, "thoughtNumber": 1, "totalThoughts": 1,
                "nextThoughtNeeded": false });
            json!({ "calls": [["sequentialthinking", thought, "thoughtHistoryLength"]] })
        },
    },
    Server {
        name: "mcp-server-time (PyPI)",
        start: Start::PythonV2("mcp-server-time"),
        args: &["--local-timezone", "UTC"],
        plan: |_, _| {
            let noon = json!({ "source_timezone": "UTC", "time": "12:00",
                "target_timezone": "Asia/Tokyo" });
            json!({ "calls": [["convert_time", noon, "T21:00:00+09:00"]] })
        },
    },
    Server {
        name: "mcp-server-git (PyPI)",
        start: Start::PythonV2("mcp-server-git"),
        args: &["--repository", "DIR"],
        plan: |dir, _| {
            json!({ "calls": [
                ["git_log", { "repo_path": dir, "max_count": 1 }, WORDS],
                ["git_status", { "repo_path": dir }, "On branch main"],
            ] })
        },
    },
    Server {
        name: "mcp-server-fetch (PyPI)",
        start: Start::PythonV2("mcp-server-fetch"),
        args: &["--ignore-robots-txt", "--allow-private-ips"],
        // Raw: else it would have a module of npm fetched to find the text.
        plan: |_, page| json!({ "calls": [["fetch", { "url": page, "raw": true }, WORDS]] }),
    },
    Server {
        name: "mcp-server-sqlite (PyPI)",
        start: Start::PythonV1("mcp-server-sqlite"),
        args: &["--db-path", "DIR/bees.db"],
        plan: |_, _| {
            json!({ "calls": [
                ["create_table", { "query": "CREATE TABLE IF NOT EXISTS bees (name TEXT)" }, "success"],
                ["write_query", { "query": "INSERT INTO bees VALUES ('Queen')" }, "affected_rows"],
                ["read_query", { "query": "SELECT name FROM bees" }, "Queen"],
                ["append_insight", { "insight": WORDS }, "Insight added"],
            ], "resource": ["memo://insights", WORDS],
               "prompt": ["mcp-demo", { "topic": "bees" }, "bees"] })
        },
    },
    Server {
        name: "everything of the Go SDK",
        start: Start::Go(Tool::GoSdkServer),
        args: &[],
        plan: |_, _| {
            json!({ "calls": [
                ["greet", { "name": "Queen" }, "Hi Queen"],
                ["greet (structured)", { "name": "Queen" }, "structuredContent"],
                ["ping", {}, ""],
                ["log", {}, ""],
                // For requests of 2026-07-28 its tools cannot ask in the older way.
                ["sample", {}, STATELESS, true],
                ["elicit (form)", {}, STATELESS, true],
                ["roots", {}, STATELESS, true],
            ], "logs": true, "resource": ["embedded:info", "hello example"],
               "prompt": ["greet", { "name": "Queen" }, "Say hi to Queen"] })
        },
    },
    Server {
        name: "everything of mcp-go",
        start: Start::Go(Tool::McpGoServer),
        args: &[],
        plan: |_, _| {
            json!({ "calls": [
                ["echo", { "message": WORDS }, WORDS],
                ["add", { "a": 2, "b": 3 }, "5"],
            ] })
        },
    },
];
