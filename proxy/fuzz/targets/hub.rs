//! Whatever clients post and servers write, what comes out are whole JSON messages: one line each to
//! the server, none to a stream that has ended.

use std::{collections::HashSet, time::Duration};

use bytes::Bytes;
use hivewright_bridge::{
    Hub, HubConfig, Input, Output,
    io::{FromClient, FromServer, StreamKey},
};
use serde_json::value::RawValue;

const INITIALIZE: &[u8] = br#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{"sampling":{},"roots":{},"elicitation":{}},"clientInfo":{"name":"f","version":"0"}}}"#;
const RESULT: &str = r#"{"protocolVersion":"2025-06-18","capabilities":{"tools":{},"resources":{"subscribe":true},"logging":{}},"serverInfo":{"name":"f","version":"0"}}"#;

/// Each line of the input is posted by the client, or written by the server if it begins with `>`.
pub(crate) fn target(data: &[u8]) {
    let mut world = World {
        hub: Hub::new(HubConfig::new("0")),
        ended: HashSet::new(),
        next: 0,
    };
    world.begin();
    for line in data.split(|byte| *byte == b'\n').take(64) {
        match line {
            [b'>', rest @ ..] => {
                let line = FromServer::Line(Bytes::copy_from_slice(rest));
                world.step(Input::Server(line));
            }
            _ => world.post(line),
        }
    }
}

struct World {
    hub: Hub,
    ended: HashSet<StreamKey>,
    next: u64,
}

impl World {
    fn begin(&mut self) {
        let mut asked = self.step(Input::Server(FromServer::Up));
        // Whatever else is asked is refused, until `initialize` is answered.
        while let Some((id, initialize)) = asked.pop() {
            let refused = "\"error\":{\"code\":-32601,\"message\":\"\"}";
            let answer = if initialize {
                &format!("\"result\":{RESULT}")
            } else {
                refused
            };
            let line = format!(r#"{{"jsonrpc":"2.0","id":{id},{answer}}}"#);
            asked = self.step(Input::Server(FromServer::Line(line.into())));
        }
        let stream = self.stream();
        self.step(Input::Client(FromClient::Open {
            session: "s".into(),
            stream,
            body: Bytes::from_static(INITIALIZE),
        }));
    }

    fn post(&mut self, body: &[u8]) {
        let stream = self.stream();
        self.step(Input::Client(FromClient::Post {
            session: "s".into(),
            version: None,
            stream,
            body: Bytes::copy_from_slice(body),
        }));
    }

    fn stream(&mut self) -> StreamKey {
        self.next += 1;
        StreamKey(self.next)
    }

    /// The ids of the requests that went to the server, and whether each was `initialize`.
    fn step(&mut self, input: Input) -> Vec<(u64, bool)> {
        let mut out = Vec::new();
        self.hub.step(Duration::from_secs(1), input, &mut out);
        let mut ids = Vec::new();
        for output in out {
            match output {
                Output::ToServer(line) => {
                    let line = line.strip_suffix(b"\n").expect("a line has its newline");
                    assert!(!line.contains(&b'\n') && json(line));
                    let value: Option<serde_json::Value> = serde_json::from_slice(line).ok();
                    ids.extend(value.and_then(|value| {
                        let initialize = value.get("method")? == "initialize";
                        Some((value.get("id")?.as_u64()?, initialize))
                    }));
                }
                Output::ToClient {
                    stream,
                    message,
                    last,
                } => {
                    assert!(json(&message));
                    assert!(!self.ended.contains(&stream), "nothing follows an end");
                    if last {
                        self.ended.insert(stream);
                    }
                }
                Output::Refused { stream, .. } | Output::EndStream { stream } => {
                    assert!(self.ended.insert(stream), "a stream ends once");
                }
                _ => {}
            }
        }
        ids
    }
}

fn json(message: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(message).is_ok()
}
