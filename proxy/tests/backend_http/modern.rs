//! Servers of 2026-07-28 over Streamable HTTP, and what the question for them does to older ones.

use axum::{
    Json,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use hivewright_proxy::backend::http::Kind;
use serde_json::{Value, json};

use crate::support::{
    Pipe,
    script::{Log, Seen, SseServer, accept, event, good, open_events, streamable},
    serve,
};

const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"0"},"io.modelcontextprotocol/clientCapabilities":{}}"#;

async fn ask(pipe: &Pipe, id: u64, method: &str, params: &str) {
    let line =
        format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{{params}{META}}}}}"#);
    pipe.send(line).await;
}

/// A server with one tool, which wants its region mirrored; `slow` never answers.
fn modern(seen: &Seen) -> Response {
    let schema = json!({"type": "object", "properties":
        {"region": {"type": "string", "x-mcp-header": "Region"}}});
    let result = match seen.what() {
        "server/discover" => json!({"supportedVersions": ["2026-07-28"], "capabilities": {}}),
        "tools/list" => json!({"tools": [{"name": "t", "inputSchema": schema}]}),
        "tools/call" if seen.body["params"]["name"] == "slow" => {
            let params = json!({"progressToken": 1, "progress": 1});
            let note =
                json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params});
            return open_events([event(&note)]);
        }
        _ => json!({}),
    };
    if seen.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    Json(json!({"jsonrpc": "2.0", "id": seen.body["id"], "result": result})).into_response()
}

#[tokio::test]
async fn a_request_says_in_headers_what_its_body_says() {
    let log = Log::default();
    let (address, _serving) = serve(streamable(&log, modern)).await;
    let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
    ask(&pipe, 1, "server/discover", "").await;
    assert!(pipe.answer().await["result"]["supportedVersions"].is_array());
    ask(&pipe, 2, "tools/list", "").await;
    pipe.answer().await;
    let call = r#""name":"t","arguments":{"region":"é"},"#;
    ask(&pipe, 3, "tools/call", call).await;
    pipe.answer().await;
    for (what, name, region) in [
        ("server/discover", "", ""),
        ("tools/list", "", ""),
        ("tools/call", "t", "=?base64?w6k=?="),
    ] {
        let seen = log.first(what);
        assert_eq!(seen.header("mcp-protocol-version"), "2026-07-28");
        assert_eq!(seen.header("mcp-method"), what);
        assert_eq!(seen.header("mcp-name"), name);
        assert_eq!(seen.header("mcp-param-region"), region);
        assert_eq!(seen.header("mcp-session-id"), "");
    }
    pipe.drop_server().await;
    assert_eq!(
        log.all().len(),
        3,
        "no GET and no DELETE: {:?}",
        log.whats()
    );
}

#[tokio::test]
async fn a_cancelled_call_is_told_by_the_end_of_its_response_alone() {
    let log = Log::default();
    let (address, _serving) = serve(streamable(&log, modern)).await;
    let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
    ask(&pipe, 1, "tools/call", r#""name":"slow","#).await;
    assert_eq!(pipe.answer().await["method"], "notifications/progress");
    pipe.cancel(1).await;
    ask(&pipe, 2, "tools/list", "").await;
    assert_eq!(
        pipe.answer().await["id"],
        2,
        "and no error for the cancelled one"
    );
    assert_eq!(log.whats(), ["tools/call", "tools/list"]);
}

#[tokio::test]
async fn a_modern_error_is_handed_up_whatever_its_status() {
    let log = Log::default();
    let error = json!({"code": -32022, "message": "no", "data": {"supported": ["2027-01-01"]}});
    let answer = move |seen: &Seen| {
        let body = json!({"jsonrpc": "2.0", "id": seen.body["id"], "error": error});
        (StatusCode::BAD_REQUEST, Json(body))
    };
    let (address, _serving) = serve(streamable(&log, answer)).await;
    let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
    ask(&pipe, 1, "server/discover", "").await;
    let answer = pipe.answer().await;
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(1), &json!(-32022))
    );
}

/// A server of an earlier revision that takes nothing before `initialize`.
fn legacy(status: StatusCode) -> impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static {
    move |seen| {
        if seen.what() == "server/discover" {
            (status, "no session").into_response()
        } else {
            good(seen)
        }
    }
}

#[tokio::test]
async fn an_older_server_that_refuses_the_question_is_initialized_as_ever() {
    for status in [400, 404, 405, 406, 415, 422, 500] {
        let status = StatusCode::from_u16(status).expect("a status");
        let log = Log::default();
        let (address, _serving) = serve(streamable(&log, legacy(status))).await;
        let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
        ask(&pipe, 1, "server/discover", "").await;
        let answer: Value = pipe.answer().await;
        assert!(
            answer["error"].is_object() && answer["id"] == 1,
            "{status}: {answer}"
        );
        pipe.call(2, "initialize").await;
        assert_eq!(pipe.answer().await["id"], 2, "{status}");
        assert_eq!(log.first("initialize").header("mcp-protocol-version"), "");
    }
}

#[tokio::test]
async fn an_sse_server_that_does_not_know_the_question_keeps_its_session() {
    let server = SseServer::new("/messages?session=1");
    let router = server.router(|server, seen: &Seen| {
        if seen.what() == "server/discover" {
            StatusCode::NOT_FOUND
        } else {
            accept(server, seen)
        }
    });
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::to(address, Kind::Sse).await;
    ask(&pipe, 1, "server/discover", "").await;
    let answer = pipe.answer().await;
    assert!(answer["error"].is_object() && answer["id"] == 1, "{answer}");
    pipe.call(2, "initialize").await;
    assert_eq!(pipe.answer().await["id"], 2);
}
