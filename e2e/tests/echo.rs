//! The echo server alone: what the scenarios take for granted about it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use serde_json::{Value, json};

/// Feeds `lines` to a server with `args`, closes its stdin, and waits for its end.
fn run(args: &[&str], lines: &[Value]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_echo-server"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    for line in lines {
        // A server that has left reads no more: that is what some tests are about.
        let _left = writeln!(stdin, "{line}");
    }
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("UTF-8")
}

fn call(id: &Value, tool: &str, arguments: &Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

#[test]
fn a_text_comes_back_byte_for_byte_under_the_same_id() {
    let text = json!({ "text": "\u{1F41D} \u{2028} \"quoted\" \\ \u{7f}" });
    let output = run(&[], &[call(&json!("an id"), "echo", &text)]);
    let quoted = text["text"].to_string();
    let expected = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":\"an id\",\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":{quoted}}}]}}}}\n"
    );
    assert_eq!(stdout(&output), expected);
}

#[test]
fn a_cancelled_call_is_counted_and_not_answered() {
    let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } });
    let slow = call(&json!(1), "slow", &json!({ "ms": 60_000, "text": "never" }));
    let output = run(
        &[],
        &[slow, cancelled, call(&json!(2), "cancelled", &json!({}))],
    );
    let lines: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["result"]["content"][0]["text"], "1");
}

#[test]
fn the_modes_are_as_bad_as_they_say() {
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {} });
    let say = |args: &[&str]| run(args, std::slice::from_ref(&hello));
    assert_eq!(stdout(&say(&["--never-initialize"])), "");
    assert_eq!(say(&["--exit-at-once", "7"]).status.code(), Some(7));
    assert!(!stdout(&say(&["--not-mcp"])).contains("protocolVersion"));
    let noisy = say(&["--garbage"]);
    assert!(stdout(&noisy).contains("Listening on stdio"), "no garbage");
    assert!(
        stdout(&noisy).contains("\"protocolVersion\":\"2025-11-25\""),
        "no answer"
    );
}

#[test]
fn the_tool_exit_ends_the_process_with_its_code_and_without_an_answer() {
    let output = run(&[], &[call(&json!(1), "exit", &json!({ "code": 3 }))]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(3), ""));
}

#[test]
fn the_tool_kill_ends_the_process_by_a_signal() {
    let output = run(&[], &[call(&json!(1), "kill", &json!({}))]);
    assert_eq!(output.status.code(), None, "it left by itself");
}

#[test]
fn where_the_environment_asks_for_http_a_call_is_answered_over_http() {
    let mut server = HttpServer::start();
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {} });
    let answer = server.post("", &hello);
    assert!(answer.contains("mcp-session-id: 1"), "{answer:?}");
    let echo = call(&json!(1), "echo", &json!({ "text": "over HTTP" }));
    let answer = server.post("mcp-session-id: 1\r\n", &echo);
    assert!(answer.contains("over HTTP"), "{answer:?}");
    let answer = server.post("mcp-session-id: 2\r\n", &echo);
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer:?}");
    server.post(
        "mcp-session-id: 1\r\n",
        &call(&json!(2), "exit", &json!({ "code": 3 })),
    );
    assert_eq!(server.child.wait().expect("it ends").code(), Some(3));
}

/// The server over HTTP, on a port that the kernel chose. Ends with the test, however that ends: it
/// would hold the test's output open.
struct HttpServer {
    child: Child,
    /// Kept open: who cannot complain any more fails in another way than expected.
    _said: BufReader<ChildStderr>,
    address: String,
}

impl HttpServer {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_echo-server"))
            .env("MCP_TRANSPORT", "streamable-http")
            .env("MCP_PORT", "0")
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut said = BufReader::new(child.stderr.take().expect("piped"));
        let mut line = String::new();
        said.read_line(&mut line).expect("it says where it listens");
        let port = line.trim_end().rsplit(':').next().expect("a port");
        let address = format!("127.0.0.1:{port}");
        Self {
            child,
            _said: said,
            address,
        }
    }

    /// Posts one message and gives the whole response.
    fn post(&mut self, headers: &str, message: &Value) -> String {
        let body = message.to_string();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(&self.address).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        // A server that leaves instead of answering has closed the connection.
        let _left = stream.read_to_string(&mut answer);
        answer
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
