//! Visits of 2026-07-28 are recorded, and played back at a server.

use std::{fs, path::Path};

use crate::{
    program::{Program, post},
    recording::against,
};

/// The server of 2026-07-28 in shell.
const MODERN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/backend_run/modern.sh");

/// A call of the tool that asks, with these parameters more.
fn visit(program: &Program, more: &str) -> String {
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}}}}"#;
    let params = format!(r#"{{"name":"ask","arguments":{{}}{more},{meta}}}"#);
    let body = format!(r#"{{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{params}}}"#);
    let request = format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\naccept: application/json, text/event-stream\r\n\
         mcp-protocol-version: 2026-07-28\r\nmcp-method: tools/call\r\nmcp-name: ask\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    post(program.port(), &request)
}

/// Records a call that needs two visits; the file and the request state of then.
fn recorded(file: &Path) -> String {
    let path = file.to_str().expect("UTF-8");
    let program = Program::serving(MODERN, &["--record", path]);
    program.settings();
    let asked = visit(&program, "");
    assert!(asked.contains(r#""input_required""#), "{asked}");
    let (_, state) = asked.split_once(r#""requestState":""#).expect("a state");
    let (state, _) = state.split_once('"').expect("its end");
    let reply = r#""inputResponses":{"who":{"action":"accept","content":{}}}"#;
    let done = visit(&program, &format!(r#",{reply},"requestState":"{state}""#));
    assert!(done.contains("as you wish"), "{done}");
    assert!(program.stop().success());
    assert!(program.stderr().ends_with(&format!("in {path}.\n")));
    state.to_owned()
}

#[test]
fn a_visit_that_goes_on_with_another_brings_the_request_state_of_now() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("visits.jsonl");
    let state = recorded(&file);
    let same = against(&file, MODERN);
    let told = String::from_utf8_lossy(&same.stdout);
    assert_eq!(told, "2 the same, 0 not\n", "recorded with {state:?}");
    assert_eq!(same.status.code(), Some(0));
    let script = fs::read_to_string(MODERN).expect("the server");
    let other = folder.path().join("other.sh");
    fs::write(&other, script.replace("as you wish", "no")).expect("written");
    let differs = against(&file, other.to_str().expect("UTF-8"));
    let told = String::from_utf8_lossy(&differs.stdout);
    let difference =
        "tools/call ask: /result/content/0/text: recorded \"as you wish\", now \"no\"\n";
    assert!(told.contains(difference), "{told}");
    assert_eq!(differs.status.code(), Some(1));
}

#[test]
fn recorded_visits_are_answered_without_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("visits.jsonl");
    recorded(&file);
    let replay = Program::replaying(&file);
    let settings = replay.settings();
    assert!(settings["mcpServers"]["modern"].is_object(), "{settings}");
    let asked = visit(&replay, "");
    assert!(asked.contains(r#""input_required""#), "{asked}");
    assert!(replay.stop().success());
}

#[test]
fn a_recording_of_a_server_for_each_session_is_refused_by_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pool.jsonl");
    let path = file.to_str().expect("UTF-8");
    let program = Program::with(&["--isolation", "per-session", "--record", path]);
    program.settings();
    let session = program.session();
    assert!(program.call(&session, "echo").contains("\"echo\""));
    let other = program.session();
    assert!(program.call(&other, "echo").contains("\"echo\""));
    assert!(program.stop().success());
    let refused = against(&file, MODERN);
    assert_eq!(refused.status.code(), Some(64));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("a replay is one server for all"), "{told}");
}
