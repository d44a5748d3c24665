use hivewright_bridge::{
    hub::HubConfig,
    io::FromClient,
    modern::{Field, ModernHead},
};
use tokio::time::timeout;

use super::*;
use crate::{
    driver::{ClientStream, StreamItem, StreamKind},
    metrics::Metrics,
    record::{Body, Entry, FORMAT, Header, Line, Recording, What},
};

fn to(text: &str) -> What {
    let line = Body::of(text.as_bytes());
    What::ToServer { line }
}

fn from(text: &str) -> What {
    let line = Body::of(text.as_bytes());
    What::FromServer { line }
}

/// A server of 2026-07-28 whose only tool changed the list of tools. Its bridge was long-lived: no
/// id of then is one of now.
fn recorded() -> Recording {
    let whats = [
        to(r#"{"jsonrpc":"2.0","id":4000,"method":"initialize"}"#),
        from(r#"{"jsonrpc":"2.0","id":4000,"error":{"code":-32601,"message":"unknown method"}}"#),
        to(r#"{"jsonrpc":"2.0","id":4001,"method":"server/discover"}"#),
        from(
            r#"{"jsonrpc":"2.0","id":4001,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}}}}"#,
        ),
        to(
            r#"{"jsonrpc":"2.0","id":4002,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true}}}"#,
        ),
        from(
            r#"{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":4002},"notifications":{"toolsListChanged":true}}}"#,
        ),
        to(r#"{"jsonrpc":"2.0","id":4003,"method":"tools/call","params":{"name":"learn"}}"#),
        from(
            r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":4002}}}"#,
        ),
        from(r#"{"jsonrpc":"2.0","id":4003,"result":{"resultType":"complete","content":[]}}"#),
    ];
    let lines = whats.into_iter().zip(2..).map(|(what, number)| Line {
        number,
        entry: Entry {
            at: 0,
            pod: 0,
            what,
        },
    });
    Recording {
        header: Header {
            format: FORMAT,
            proxy: String::new(),
            started: String::new(),
            redacted: false,
        },
        lines: lines.collect(),
        end: None,
        lost: 0,
    }
}

/// A request of a client without a session.
fn visit(bridge: &Bridge, (method, name): (&str, Option<&str>), params: &str) -> ClientStream {
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}"#;
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":"mine","method":"{method}","params":{{{params},{meta}}}}}"#
    );
    let head = ModernHead {
        version: Field::Value("2026-07-28".into()),
        method: Field::Value(method.into()),
        name: name.map_or(Field::Absent, |name| Field::Value(name.into())),
        ..ModernHead::default()
    };
    bridge.open(StreamKind::Answer, |stream| FromClient::Visit {
        stream,
        head,
        body: Bytes::from(body),
    })
}

async fn next(stream: &mut ClientStream) -> String {
    let item = timeout(Duration::from_mins(1), stream.next()).await;
    match item.expect("in time") {
        Some(StreamItem::Message(message) | StreamItem::Last(message)) => {
            String::from_utf8(message.to_vec()).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_listens_hears_what_the_recorded_listen_was_told() {
    let bridge = Bridge::new(HubConfig::new("9"), Metrics::new());
    let ending = CancellationToken::new();
    let player = Player::new(&recorded());
    let serving = tokio::spawn(serve(bridge.clone(), player, ending.clone()));
    let listen = ("subscriptions/listen", None);
    let filter = r#""notifications":{"toolsListChanged":true}"#;
    let mut listens = visit(&bridge, listen, filter);
    let first = next(&mut listens).await;
    assert!(first.contains("subscriptions/acknowledged"), "{first}");
    let mut call = visit(&bridge, ("tools/call", Some("learn")), r#""name":"learn""#);
    let answer = next(&mut call).await;
    assert!(answer.contains(r#""content":[]"#), "{answer}");
    let heard = next(&mut listens).await;
    assert!(
        heard.contains("notifications/tools/list_changed"),
        "{heard}"
    );
    assert!(
        heard.contains(r#""io.modelcontextprotocol/subscriptionId":"mine""#),
        "{heard}"
    );
    ending.cancel();
    serving.await.expect("it ends");
}
