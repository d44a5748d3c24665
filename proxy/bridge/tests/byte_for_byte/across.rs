//! The same where client and server are of different eras, and where both are of 2026-07-28: but for
//! the splices that are written out here, what crosses is what was sent.

use hivewright_bridge::modern::{Field, ModernHead};

use super::*;

/// What a server of 2026-07-28 says of itself.
const DISCOVERED: &str = r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"e","version":"0"}},"ttlMs":0,"cacheScope":"private"}"#;
/// What the bridge puts into the requests of the session: who asks.
const INTRO: &str = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"t","version":"0"}"#;
/// The same as a client of 2026-07-28 says it.
const VERSION: &str = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#;
/// What a server of 2026-07-28 says of a result.
const COMPLETE: &str = r#""resultType":"complete","#;
const ABLE: &str = r#""io.modelcontextprotocol/clientCapabilities":{}"#;

/// A hub with a server of 2026-07-28 and one session.
fn modern() -> World {
    let (mut world, mut probe) = World::probing();
    while !probe.contains("\"server/discover\"") {
        let refused = r#""error":{"code":-32601,"message":""}"#;
        probe = world.sent(reply(&id(&probe), refused));
    }
    world.step(reply(&id(&probe), &format!("\"result\":{DISCOVERED}")));
    world.step(Input::Client(FromClient::Open {
        session: "s".into(),
        stream: StreamKey(0),
        body: Bytes::from_static(INITIALIZE),
    }));
    world
}

impl World {
    /// The line that the server gets for this call of the tool `t` by a client of 2026-07-28.
    fn visit(&mut self, body: &str) -> String {
        self.streams += 1;
        let value = |text: &str| Field::Value(text.into());
        let mut line = self.sent(Input::Client(FromClient::Visit {
            stream: StreamKey(self.streams),
            head: ModernHead {
                version: value("2026-07-28"),
                method: value("tools/call"),
                name: value("t"),
                ..ModernHead::default()
            },
            body: Bytes::copy_from_slice(body.as_bytes()),
        }));
        // The first visit makes the bridge ask whether the server speaks this revision too, and which
        // arguments a client mirrors in its headers.
        while !line.contains("\"tools/call\"") {
            let answer = if line.contains("\"tools/list\"") {
                r#""result":{"resultType":"complete","tools":[{"name":"t","inputSchema":{}}]}"#
            } else {
                r#""error":{"code":-32601,"message":""}"#
            };
            line = self.sent(reply(&id(&line), answer));
        }
        line
    }

    /// The server answers the minted id with this member; the client reads that.
    fn answers(&mut self, minted: &str, member: &str, read: &str) {
        let answer =
            |id: &str, member: &str| format!(r#"{{ "jsonrpc":"2.0",{member} ,"id":{id}}}"#);
        let told = self.told(server(answer(minted, member)));
        assert_eq!(told, answer("\"mine\"", read));
    }

    /// The server answers a call with a result, which says of itself what `kind` says, and another one
    /// with an error; both hold the value. The client reads a result that is complete.
    fn answers_both(&mut self, call: impl Fn(&mut Self) -> String, value: &str, kind: &str) {
        let result = |kind: &str| format!(r#""result":{{{kind}"content" : {value}}}"#);
        let minted = call(self);
        self.answers(&minted, &result(kind), &result(COMPLETE));
        let error = format!(r#""error":{{"code":-32000,"message":"m", "data":{value}}}"#);
        let minted = call(self);
        self.answers(&minted, &error, &error);
    }
}

/// A call with these members of `_meta`.
fn body(id: &str, value: &str, meta: &str) -> String {
    format!(
        r#"{{"params":{{"name":"t", "arguments":{value},"_meta":{meta}}},"method":"tools/call","id":{id},"jsonrpc":"2.0"}}"#
    )
}

/// The client's own keys of `_meta` cross; those that the server does not know are cut out. An object
/// as the result gets `resultType`; errors stay.
fn visit_to_a_server_of_before(value: &str) {
    let mut world = World::new();
    let call = |world: &mut World| {
        let line = world.visit(&body(
            "\"mine\"",
            value,
            &format!(r#"{{{VERSION},"x" : {value},{ABLE}}}"#),
        ));
        let minted = id(&line);
        assert_eq!(line, body(&minted, value, &format!(r#"{{"x" : {value}}}"#)));
        minted
    };
    world.answers_both(call, value, "");
}

/// Each request gets who asks, in front of the client's own keys of `_meta`; answers stay.
fn session_to_a_server_of_2026_07_28(value: &str) {
    let mut world = modern();
    let call = |world: &mut World| {
        let line = world.post(&body("\"mine\"", value, &format!(r#"{{"x" : {value}}}"#)));
        let minted = id(&line);
        let meta = format!(r#"{{{INTRO},"x" : {value}}}"#);
        assert_eq!(line, body(&minted, value, &meta));
        minted
    };
    world.answers_both(call, value, COMPLETE);
}

/// Only ids differ.
fn visit_to_a_server_of_2026_07_28(value: &str) {
    let mut world = modern();
    let call = |world: &mut World| {
        let meta = format!(r#"{{{VERSION},"x" : {value},{ABLE}}}"#);
        let line = world.visit(&body("\"mine\"", value, &meta));
        let minted = id(&line);
        assert_eq!(line, body(&minted, value, &meta));
        minted
    };
    world.answers_both(call, value, COMPLETE);
}

#[rstest]
#[case::large_integers("[9007199254740993,123456789012345678901234567890,-0]")]
#[case::floats("[1.0,1e400,-0.0,1E+2]")]
#[case::order_of_keys(r#"{"z":1,"a":2,"a":3}"#)]
#[case::white_space("{ \"a\" :\t[ 1 ,  2 ]  }")]
#[case::line_separators("\"a\u{2028}b\u{2029}c\u{85}\"")]
#[case::lone_surrogates(r#""\ud800 \udfff \u0000\/""#)]
#[case::keys_of_the_envelope(r#"{"id":2,"params":{"_meta":3},"result":4,"resultType":5}"#)]
fn a_value_crosses_from_era_to_era_but_for_the_splices(#[case] value: &str) {
    visit_to_a_server_of_before(value);
    session_to_a_server_of_2026_07_28(value);
    visit_to_a_server_of_2026_07_28(value);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_crosses_from_era_to_era_but_for_the_splices(value in json()) {
        visit_to_a_server_of_before(&value);
        session_to_a_server_of_2026_07_28(&value);
        visit_to_a_server_of_2026_07_28(&value);
    }
}
