use bytes::Bytes;
use hivewright_api::{audit::MAX_DATA, proxy_config::AuditConfig};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::{
    audit::{Place, Program},
    http::Door,
};

pub(in crate::audit) fn settings() -> Settings {
    Settings {
        server: Server {
            namespace: Some("ns".to_owned()),
            name: "fetch".to_owned(),
        },
        data: AuditConfig {
            request_data: true,
            response_data: true,
        },
        to: Place::Stdout,
    }
}

fn who(body: &str) -> Arc<Who> {
    let id = HeaderValue::from_static("id-1");
    Arc::new(Who::new(&settings(), &HeaderMap::new(), &id).with_body(body.as_bytes()))
}

pub(in crate::audit) fn call(answer: Option<Bytes>) -> Entry {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get"}}"#;
    let call = Call {
        session: "0123456789abcdef".into(),
        method: MethodLabel::ToolsCall,
        tool: Some("get".into()),
        outcome: Outcome::ToolError,
        duration: Duration::from_millis(12),
        ended: Instant::now(),
        bytes_in: 70,
        bytes_out: answer.as_ref().map_or(0, Bytes::len),
        place: None,
        marks: None,
        program: Some(Arc::new(Program {
            name: "inspector".to_owned(),
            version: None,
        })),
        answer,
    };
    Entry::Call(who(body), Box::new(call))
}

pub(in crate::audit) fn refused() -> Entry {
    let ended = Ended {
        door: Door::Mcp,
        method: "POST",
        started: Instant::now(),
        status: Some(StatusCode::FORBIDDEN),
        outcome: access::Outcome::Refused("forbidden_origin"),
        bytes_in: 0,
        bytes_out: 9,
    };
    Entry::Refused(who("{}"), ended)
}

fn event(entry: &Entry) -> Value {
    let line = Maker::new(&settings()).line(entry);
    assert!(!line.json.contains('\n'));
    serde_json::from_str(&line.json).expect("JSON")
}

#[tokio::test]
async fn a_call_says_who_called_what_with_what_outcome_and_size() {
    let event = event(&call(Some(Bytes::from_static(b"{\"result\":{}}"))));
    assert_eq!(event["type"], audit::CALL);
    assert_eq!(event["subject"], "ns/fetch");
    assert_eq!(event["specversion"], "1.0");
    let expected = json!({
        "server": { "namespace": "ns", "name": "fetch" },
        "caller": { "session": "01234567", "client": { "name": "inspector" }, "requestId": "id-1" },
        "method": "tools/call",
        "target": { "kind": "tool", "name": "get" },
        "outcome": "tool_error",
        "durationMicros": 12_000,
        "request": { "bytes": 70, "content": "{\"name\":\"get\"}" },
        "response": { "bytes": 13, "content": "{\"result\":{}}" },
    });
    assert_eq!(event["data"], expected);
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_cut_and_said_to_be() {
    let event = event(&call(Some(Bytes::from(vec![b'x'; MAX_DATA + 1]))));
    assert_eq!(event["data"]["response"]["truncated"], true);
    let content = event["data"]["response"]["content"].as_str();
    assert_eq!(content.map(str::len), Some(MAX_DATA));
}

#[tokio::test]
async fn a_request_that_was_turned_away_says_why() {
    let event = event(&refused());
    assert_eq!(event["type"], audit::REFUSED);
    let data = &event["data"];
    assert_eq!(
        (&data["door"], &data["status"]),
        (&json!("mcp"), &json!(403))
    );
    assert_eq!(data["reason"], "forbidden_origin");
}

#[test]
fn every_outcome_of_the_bridge_is_said_by_the_same_word() {
    for one in Outcome::ALL {
        assert_eq!(json!(outcome(*one)), one.as_str());
    }
}
