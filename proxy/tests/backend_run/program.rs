//! The program under test, and a client of few lines.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::Duration,
};

use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Looks at the outside world are this far apart, and at most this many: 20 s.
const LOOK_EVERY: Duration = Duration::from_millis(10);
const LOOKS: usize = 2000;

/// The server in shell.
pub(crate) const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/backend_run/server.sh");

pub(crate) struct Program {
    child: Mutex<Child>,
    stdout: Mutex<BufReader<ChildStdout>>,
    port: Mutex<Option<u16>>,
    folder: TempDir,
}

impl Program {
    /// `run` on a free port, with the shell server behind it.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// The same with these options.
    pub(crate) fn with(options: &[&str]) -> Self {
        Self::serving(SERVER, options)
    }

    /// The same with another server in shell.
    pub(crate) fn serving(server: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Command::new("mkfifo")
            .arg(folder.path().join("gate"))
            .status();
        assert!(made.expect("mkfifo").success());
        let mut words = vec!["run", "--port", "0"];
        words.extend(options);
        words.extend(["--", "/bin/sh", server]);
        words.push(folder.path().to_str().expect("a path in UTF-8"));
        Self::spawn(
            &words.iter().map(ToString::to_string).collect::<Vec<_>>(),
            folder,
        )
    }

    /// `replay` of a recording at the doors.
    pub(crate) fn replaying(file: &Path) -> Self {
        let file = file.to_str().expect("a path in UTF-8");
        let words = ["replay", file, "--port", "0"].map(str::to_owned);
        Self::spawn(&words, tempfile::tempdir().expect("a folder"))
    }

    fn spawn(words: &[String], folder: TempDir) -> Self {
        let stderr = fs::File::create(folder.path().join("stderr")).expect("a file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_hivewright-proxy"))
            .args(words)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the program runs");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self {
            child: child.into(),
            stdout: stdout.into(),
            port: None.into(),
            folder,
        }
    }

    /// What it has written to stderr so far.
    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(self.folder.path().join("stderr")).expect("text")
    }

    /// Waits until it has written this to stderr.
    pub(crate) fn tells(&self, text: &str) {
        eventually(|| self.stderr().contains(text));
    }

    /// The settings for clients that it prints once the server has answered: one line of JSON, since
    /// stdout is no terminal here.
    pub(crate) fn settings(&self) -> Value {
        let mut line = String::new();
        let read = self.stdout.lock().read_line(&mut line).expect("text");
        assert_ne!(read, 0, "it ended");
        let settings: Value = serde_json::from_str(&line).expect("one line of JSON");
        let servers = settings["mcpServers"].as_object().expect("servers");
        let url = servers.values().next().expect("a server")["url"].as_str();
        let port = url
            .expect("a URL")
            .trim_end_matches("/mcp")
            .rsplit(':')
            .next();
        *self.port.lock() = port.expect("a port").parse().ok();
        settings
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.lock().expect("the settings were read")
    }

    /// Opens a session; its id.
    pub(crate) fn session(&self) -> String {
        let answer = post(self.port(), &initialize());
        let id = answer
            .lines()
            .find_map(|line| line.strip_prefix("mcp-session-id: "));
        id.expect("a session").trim().to_owned()
    }

    pub(crate) fn call(&self, session: &str, tool: &str) -> String {
        post(self.port(), &call(session, tool))
    }

    pub(crate) fn call_in_background(&self, session: &str, tool: &str) -> JoinHandle<String> {
        let (port, request) = (self.port(), call(session, tool));
        thread::spawn(move || post(port, &request))
    }

    /// Waits until the server handles this call.
    pub(crate) fn server_is_at(&self, call: &str) {
        let at = self.folder.path().join("at");
        eventually(|| fs::read_to_string(&at).is_ok_and(|text| text.trim() == call));
    }

    /// Lets the server go on.
    pub(crate) fn release(&self) {
        fs::write(self.folder.path().join("gate"), "go\n").expect("the server reads it");
    }

    /// Process id of the server that runs now.
    pub(crate) fn child(&self) -> u32 {
        let pid: PathBuf = self.folder.path().join("pid");
        fs::read_to_string(pid)
            .expect("written first")
            .trim()
            .parse()
            .expect("a number")
    }

    pub(crate) fn terminate(&self) {
        let id = self.child.lock().id();
        let pid = i32::try_from(id)
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process id");
        kill_process(pid, Signal::TERM).expect("it runs");
    }

    /// Waits until no new connection is accepted.
    pub(crate) fn closed_to_new_clients(&self) {
        let port = self.port();
        eventually(|| TcpStream::connect(("127.0.0.1", port)).is_err());
    }

    pub(crate) fn wait(&self) -> ExitStatus {
        self.child.lock().wait().expect("it ends")
    }

    pub(crate) fn stop(&self) -> ExitStatus {
        self.terminate();
        self.wait()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Only after a failure is it still running.
        let _ = self.child.get_mut().kill();
    }
}

pub(crate) fn eventually(happened: impl Fn() -> bool) {
    let happened = (0..LOOKS).any(|_| {
        happened() || {
            thread::sleep(LOOK_EVERY);
            false
        }
    });
    assert!(happened, "it did not happen in time");
}

pub(crate) fn initialize() -> String {
    let params = r#"{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}"#;
    request(
        "",
        &format!(r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{params}}}"#),
    )
}

fn call(session: &str, tool: &str) -> String {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{{"name":"{tool}","arguments":{{}}}}}}"#
    );
    request(&format!("mcp-session-id: {session}\r\n"), &body)
}

fn request(headers: &str, body: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\naccept: application/json, text/event-stream\r\n\
         {headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends a request and gives the whole response.
pub(crate) fn post(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the doors are open");
    stream
        .write_all(request.as_bytes())
        .expect("the request is read");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("text");
    response
}
