//! Parameters, results and errors cross the hub unchanged, whatever they hold.

mod across;

use std::time::Duration;

use bytes::Bytes;
use hivewright_bridge::{
    Hub, HubConfig, Input, Output,
    io::{FromClient, FromServer, StreamKey},
    line::{Framed, Lines, MAX_LINE},
};
use proptest::prelude::*;
use rstest::rstest;

const INITIALIZE: &[u8] = br#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"0"}}}"#;
const RESULT: &str = r#"{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"e","version":"0"}}"#;

/// A hub with a server of the old kind and one session.
struct World {
    hub: Hub,
    streams: u64,
}

impl World {
    fn new() -> Self {
        let (mut world, mut line) = Self::probing();
        // The probe is refused; what follows is `initialize`.
        while !line.contains("\"initialize\"") {
            let refused = r#""error":{"code":-32601,"message":""}"#;
            line = world.sent(reply(&id(&line), refused));
        }
        world.step(reply(&id(&line), &format!("\"result\":{RESULT}")));
        world.step(Input::Client(FromClient::Open {
            session: "s".into(),
            stream: StreamKey(0),
            body: Bytes::from_static(INITIALIZE),
        }));
        world
    }

    /// A hub that has just asked its server for its era; the question.
    fn probing() -> (Self, String) {
        let mut world = Self {
            hub: Hub::new(HubConfig::new("0")),
            streams: 0,
        };
        let line = world.sent(Input::Server(FromServer::Up));
        (world, line)
    }

    fn step(&mut self, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        self.hub.step(Duration::from_secs(1), input, &mut out);
        out
    }

    fn sent(&mut self, input: Input) -> String {
        let line = self
            .step(input)
            .into_iter()
            .find_map(|output| match output {
                Output::ToServer(line) => Some(line),
                _ => None,
            });
        let line = String::from_utf8(line.expect("a line").to_vec()).expect("UTF-8");
        line.strip_suffix('\n').expect("one line").to_owned()
    }

    fn told(&mut self, input: Input) -> String {
        let message = self
            .step(input)
            .into_iter()
            .find_map(|output| match output {
                Output::ToClient { message, .. } => Some(message),
                _ => None,
            });
        String::from_utf8(message.expect("an answer").to_vec()).expect("UTF-8")
    }

    /// The line that the server gets for this body.
    fn post(&mut self, body: &str) -> String {
        self.streams += 1;
        self.sent(Input::Client(FromClient::Post {
            session: "s".into(),
            version: None,
            stream: StreamKey(self.streams),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }))
    }

    /// Sends the value both ways, as arguments and as `member` of the answer; only ids differ.
    fn cross(&mut self, value: &str, member: &str) {
        let body = |id: &str| {
            format!(
                r#"{{"params":{{"name":"t", "arguments":{value}}},"method":"tools/call","id":{id},"jsonrpc":"2.0"}}"#
            )
        };
        let line = self.post(&body("\"mine\""));
        let minted = id(&line);
        assert_eq!(line, body(&minted));
        let answer = |id: &str| format!(r#"{{ "jsonrpc":"2.0","{member}":{value} ,"id":{id}}}"#);
        assert_eq!(self.told(server(answer(&minted))), answer("\"mine\""));
    }
}

fn server(line: String) -> Input {
    Input::Server(FromServer::Line(line.into()))
}

fn reply(id: &str, body: &str) -> Input {
    server(format!(r#"{{"jsonrpc":"2.0","id":{id},{body}}}"#))
}

/// The minted id of a line.
fn id(line: &str) -> String {
    let (_, rest) = line.rsplit_once("\"id\":").expect("an id");
    rest.chars().take_while(char::is_ascii_digit).collect()
}

#[rstest]
#[case::large_integers("[9007199254740993,123456789012345678901234567890,-0]")]
#[case::floats("[1.0,1e400,-0.0,1E+2,0.1000000000000000055511151231257827]")]
#[case::order_of_keys(r#"{"z":1,"a":2,"M":3}"#)]
#[case::keys_that_occur_twice(r#"{"a":1,"a":2}"#)]
#[case::white_space("{ \"a\" :\t[ 1 ,  2 ]  }")]
#[case::line_separators("\"a\u{2028}b\u{2029}c\u{85}\"")]
#[case::lone_surrogates(r#""\ud800 \udfff \uD83D\uDE00""#)]
#[case::escapes(r#""\u0000\u0041\/\b\f\n\r\t\\""#)]
#[case::keys_of_the_envelope(r#"{"\u0069d":1,"id":2,"params":{"id":3},"result":4}"#)]
#[case::no_object("null")]
fn a_value_crosses_as_it_is(#[case] value: &str) {
    let mut world = World::new();
    world.cross(value, "result");
    world.cross(value, "error");
}

#[test]
fn deep_nesting_crosses_as_it_is() {
    let depth = 100_000;
    World::new().cross(&("[".repeat(depth) + &"]".repeat(depth)), "result");
}

#[test]
fn a_string_of_ten_mebibytes_crosses_as_it_is() {
    let value = format!("\"{}\"", "x".repeat(10 * 1024 * 1024));
    World::new().cross(&value, "result");
}

#[test]
fn an_answer_past_the_longest_line_is_an_error_that_says_so() {
    let mut world = World::new();
    let body = r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"t"},"id":"mine"}"#;
    let minted = id(&world.post(body));
    let head = format!(r#"{{"jsonrpc":"2.0","id":{minted},"result":""#);
    let mut lines = Lines::default();
    lines.feed((head + &"x".repeat(MAX_LINE) + "\"}\n").into());
    let Some(Framed::Oversized(oversized)) = lines.next() else {
        panic!("it is longer than the bound")
    };
    let told = world.told(Input::Server(FromServer::Oversized(oversized)));
    assert!(told.contains(r#""id":"mine","error":{"#), "{told}");
    assert!(told.contains("was longer than 16777216 bytes"), "{told}");
}

/// Any JSON text, in any of the forms that writers give it.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
        "\"([a-zA-Z !:,{}\u{e4}\u{2028}\u{10ffff}]|\\\\u[0-9a-fA-F]{4}|\\\\[\"/bfnrt]){0,12}\"",
        Just("null".to_owned()),
        Just("true".to_owned()),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        let space = "[ \t]{0,2}";
        let member = ("\"[a-c]{0,2}\"", space, inner.clone())
            .prop_map(|(key, space, value)| format!("{key}{space}:{space}{value}"));
        prop_oneof![
            (prop::collection::vec(inner, 0..6), space)
                .prop_map(|(all, space)| format!("[{space}{}{space}]", all.join(","))),
            (prop::collection::vec(member, 0..6), space)
                .prop_map(|(all, space)| format!("{{{space}{}{space}}}", all.join(","))),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_crosses_as_it_is(value in json(), error in any::<bool>()) {
        World::new().cross(&value, if error { "error" } else { "result" });
    }
}
