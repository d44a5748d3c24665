//! What the hub promises, one file a topic. [`Scene`] is the driver of these tests.

use bytes::Bytes;
use serde_json::Value;

use super::*;
use crate::{event::HubEvent, io::StreamKey, refusal::Refusal};
use said::tell;

mod answers;
mod asks;
mod attribution;
mod batches;
mod beside;
mod bounds;
mod bounds_of_visits;
mod calls;
mod cancel;
mod handshake;
mod health;
mod holding;
mod loss;
mod modern_server;
mod notes;
mod parked;
mod probing;
mod rounds;
mod rounds_ended;
mod rules;
mod said;
mod sessions;
mod sse;
mod tracked;
mod unsure;
mod upstream;
mod visitor;
mod visits;
mod world;

/// What the server of most tests answers to `initialize`.
const SERVER: &str = r#"{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1.2"}}"#;

/// What a server of 2026-07-28 answers to `server/discover`.
const MODERN: &str = r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},"logging":{}},"instructions":"Be kind.","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"echo","version":"2.0"}},"ttlMs":0,"cacheScope":"private"}"#;

/// Longer than any test.
const NEVER: Now = Now::from_secs(1 << 40);

/// The shortest time that these tests know.
const INSTANT: Now = Now::from_millis(1);

/// Capabilities of a client that can be asked everything.
const ABLE: &str = r#"{"sampling":{},"elicitation":{},"roots":{}}"#;

/// A hub with a clock, and what it said since the last look.
struct Scene {
    hub: Hub,
    now: Now,
    out: Vec<Output>,
    events: Vec<HubEvent>,
}

impl Scene {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// A scene with other bounds.
    fn with(change: impl FnOnce(&mut Limits)) -> Self {
        let mut config = HubConfig::new("9.9");
        // A server that is asked whether it lives says more than most of these tests are about.
        config.limits.ping_after = NEVER;
        change(&mut config.limits);
        Self {
            hub: Hub::new(config),
            now: Now::from_secs(100),
            out: vec![],
            events: vec![],
        }
    }

    /// A scene with an initialized server.
    fn ready() -> Self {
        let mut scene = Self::new();
        scene.bring_up(SERVER);
        scene.forget();
        scene
    }

    fn step(&mut self, input: Input) {
        let mut out = Vec::new();
        self.hub.step(self.now, input, &mut out);
        for output in out {
            match output {
                Output::Event(event) => self.events.push(event),
                other => self.out.push(other),
            }
        }
    }

    /// Lets time pass as a driver does: tick by tick, each when it is due.
    fn pass(&mut self, time: std::time::Duration) {
        let end = self.now + time;
        while let Some(due) = self.hub.next_deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.step(Input::Tick);
            let next = self.hub.next_deadline();
            assert!(
                next.is_none_or(|next| next > due),
                "a tick leaves nothing due behind"
            );
        }
        self.now = end;
    }

    fn forget(&mut self) {
        self.out.clear();
        self.events.clear();
    }

    fn up(&mut self) -> u64 {
        self.step(Input::Server(FromServer::Up));
        let mut line = self.lines_out().pop().expect("the process is asked");
        if line.contains("server/discover") {
            self.line(&no_such_method(id_of(&line)));
            line = self.lines_out().pop().expect("initialize goes out");
        }
        assert!(line.contains("\"initialize\""), "{line}");
        id_of(&line)
    }

    /// Brings up a server of 2026-07-28.
    fn bring_up_modern(&mut self, result: &str) {
        self.step(Input::Server(FromServer::Up));
        let mut line = self.lines_out().pop().expect("the process is asked");
        if line.contains("\"initialize\"") {
            self.line(&no_such_method(id_of(&line)));
            line = self.lines_out().pop().expect("discover goes out");
        }
        let id = id_of(&line);
        self.line(&format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#
        ));
    }

    /// Brings up a server of one era, which is not asked for the other.
    fn bring_up(&mut self, result: &str) {
        self.hub.beside = crate::hub::beside::Beside::Refused;
        self.bring_up_dual(result);
        self.hub.beside = crate::hub::beside::Beside::Refused;
    }

    /// Brings up a server that may take requests of 2026-07-28 too.
    fn bring_up_dual(&mut self, result: &str) {
        let id = self.up();
        self.line(&format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#
        ));
    }

    fn down(&mut self, loss: Loss) {
        self.step(Input::Server(FromServer::Down(loss)));
    }

    fn line(&mut self, line: &str) {
        self.step(Input::Server(FromServer::Line(Bytes::copy_from_slice(
            line.as_bytes(),
        ))));
    }

    fn client(&mut self, from: FromClient) {
        self.step(Input::Client(from));
    }

    fn open(&mut self, session: &str, stream: u64, body: &str) {
        let body = Bytes::copy_from_slice(body.as_bytes());
        self.client(FromClient::Open {
            session: session.into(),
            stream: StreamKey(stream),
            body,
        });
    }

    /// Opens a Streamable HTTP session and forgets how.
    fn session(&mut self, session: &str, version: &str, capabilities: &str) {
        self.open(session, 1_000_000, &initialize(version, capabilities));
        self.forget();
    }

    fn post(&mut self, session: &str, stream: u64, body: &str) {
        self.post_version(session, stream, None, body);
    }

    fn post_version(&mut self, session: &str, stream: u64, version: Option<&str>, body: &str) {
        self.client(FromClient::Post {
            session: session.into(),
            version: version.map(Into::into),
            stream: StreamKey(stream),
            body: Bytes::copy_from_slice(body.as_bytes()),
        });
    }

    /// Posts a request that the server gets, and gives the minted id.
    fn call(&mut self, session: &str, stream: u64, id: &str, method: &str) -> u64 {
        self.post(session, stream, &request(id, method, "{}"));
        id_of(&self.lines_out().pop().expect("the call goes to the server"))
    }

    fn listen(&mut self, session: &str, stream: u64) {
        let stream = StreamKey(stream);
        self.client(FromClient::Listen {
            session: session.into(),
            version: None,
            stream,
        });
    }

    fn close(&mut self, session: &str, stream: u64) {
        let stream = StreamKey(stream);
        self.client(FromClient::Close {
            session: session.into(),
            stream,
        });
    }

    fn gone(&mut self, stream: u64) {
        self.client(FromClient::Gone {
            stream: StreamKey(stream),
        });
    }

    /// Takes the lines that went to the server.
    fn lines_out(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        self.out.retain(|output| match output {
            Output::ToServer(line) => {
                let line = std::str::from_utf8(line).expect("UTF-8");
                let line = line
                    .strip_suffix('\n')
                    .expect("a line ends with its newline");
                assert!(!line.contains('\n'), "one message, one line");
                lines.push(line.to_owned());
                false
            }
            _ => true,
        });
        lines
    }

    /// Takes everything that went out, one short text each.
    fn said(&mut self) -> Vec<String> {
        self.out.drain(..).map(|output| tell(&output)).collect()
    }

    fn events_of<T>(&self, pick: impl Fn(&HubEvent) -> Option<T>) -> Vec<T> {
        self.events.iter().filter_map(pick).collect()
    }

    /// That no table holds anything that waits.
    fn assert_nothing_waits(&self) {
        let counts = self.hub.counts();
        let waiting = (counts.pending, counts.held, counts.held_bytes, counts.asks);
        assert_eq!(waiting, (0, 0, 0, 0), "{counts:?}");
    }
}

fn initialize(version: &str, capabilities: &str) -> String {
    let params = format!(
        r#"{{"protocolVersion":"{version}","capabilities":{capabilities},"clientInfo":{{"name":"t","version":"0"}}}}"#
    );
    request("0", "initialize", &params)
}

fn request(id: &str, method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#)
}

fn note(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#)
}

fn result(id: impl std::fmt::Display, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// The answer to a method that the server does not know.
fn no_such_method(id: u64) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"Method not found"}}}}"#
    )
}

fn id_of(message: &str) -> u64 {
    let message: Value = serde_json::from_str(message).expect("JSON");
    message["id"].as_u64().expect("a minted id")
}

/// The error that the bridge makes of a refusal.
fn refused(id: &str, refusal: &Refusal) -> String {
    String::from_utf8(refusal.body(Some(id.as_bytes())).to_vec()).expect("UTF-8")
}
