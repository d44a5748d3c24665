//! Servers that refuse, forget, break or vanish.

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::any,
};
use hivewright_api::gate::GateReason;
use hivewright_proxy::backend::http::{Broken, Fault, HttpEnd, Kind, Unready, connect};
use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{
    Pipe, Serving, endpoint,
    script::{Log, Seen, SseServer, accept, good, plain, streamable},
    serve,
};

async fn pipe_to(
    act: impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static,
) -> (Pipe, Log, Serving) {
    let log = Log::default();
    let router = streamable(&log, move |seen: &Seen| match seen.what() {
        "tools/call" => act(seen),
        _ => good(seen),
    });
    let (address, serving) = serve(router).await;
    (
        Pipe::open(address, Kind::StreamableHttp).await,
        log,
        serving,
    )
}

#[rstest]
#[case(401, "", "the server answered this call with HTTP 401 Unauthorized")]
#[case(
    403,
    "<b>no</b>",
    "the server answered this call with HTTP 403 Forbidden: <b>no</b>"
)]
#[case(
    500,
    "oh\nno",
    "the server answered this call with HTTP 500 Internal Server Error: oh no"
)]
#[case(
    503,
    r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32050,"message":"busy"}}"#,
    "busy"
)]
#[tokio::test]
async fn a_refusal_fails_the_call_and_not_the_server(
    #[case] status: u16,
    #[case] body: &'static str,
    #[case] expected: &str,
) {
    let status = StatusCode::from_u16(status).unwrap();
    let (mut pipe, _log, _serving) = pipe_to(move |_| (status, body).into_response()).await;
    pipe.call(1, "tools/call").await;
    let failed = pipe.answer().await;
    assert_eq!(
        (&failed["id"], &failed["error"]["message"]),
        (&json!(1), &json!(expected))
    );
    pipe.call(2, "ping").await;
    assert_eq!(pipe.answer().await["id"], 2);
}

#[tokio::test]
async fn answers_in_no_form_of_mcp_fail_the_call() {
    for (status, reason) in [(200, "not_mcp"), (202, "unanswered")] {
        let status = StatusCode::from_u16(status).unwrap();
        let (mut pipe, _log, _serving) = pipe_to(move |_| (status, "<html>").into_response()).await;
        pipe.call(1, "tools/call").await;
        assert_eq!(pipe.answer().await["error"]["data"]["reason"], reason);
    }
}

#[tokio::test]
async fn a_session_that_the_server_forgot_is_lost() {
    let (mut pipe, log, _serving) = pipe_to(|_| {
        let body = json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32001, "message": "Session not found"}});
        (StatusCode::NOT_FOUND, Json(body)).into_response()
    })
    .await;
    pipe.call(1, "tools/call").await;
    let end = pipe.end().await;
    assert_eq!(end, HttpEnd::Lost(Fault::ConnectionLost(Broken::Forgotten)));
    assert!(!log.whats().contains(&"DELETE".to_owned()));
}

#[tokio::test]
async fn an_error_with_the_calls_own_id_is_its_answer_whatever_the_status() {
    let (mut pipe, _log, _serving) = pipe_to(|seen| {
        let body = json!({"jsonrpc": "2.0", "id": seen.body["id"], "error": {"code": -32601, "message": "none"}});
        (StatusCode::NOT_FOUND, Json(body)).into_response()
    })
    .await;
    pipe.call(1, "tools/call").await;
    assert_eq!(pipe.answer().await["error"]["code"], -32601);
}

#[tokio::test]
async fn a_killed_server_fails_its_calls_at_once_and_is_lost() {
    let (mut pipe, log, serving) = pipe_to(|_| crate::support::script::open_events([""])).await;
    pipe.call(1, "tools/call").await;
    log.wait("tools/call", 1).await;
    drop(serving);
    let end = pipe.end().await;
    assert_eq!(
        end,
        HttpEnd::Lost(Fault::ConnectionLost(Broken::Unreachable))
    );
}

/// Answers the first requests of each connection well, and then closes it as `tools/call` comes.
async fn cut_off(listener: TcpListener) {
    loop {
        let (mut socket, _) = listener.accept().await.expect("it listens");
        tokio::spawn(async move {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let read = socket.read(&mut buffer).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
                if read == 0 || text.contains("tools/call") {
                    return;
                }
                let body = text.split("\r\n\r\n").nth(1).unwrap_or_default();
                let request = serde_json::from_str(body).unwrap_or_default();
                let answer = plain(&request).to_string();
                let length = answer.len();
                let response = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{answer}"
                );
                if socket.write_all(response.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
    }
}

#[tokio::test]
async fn a_call_whose_connection_is_closed_before_the_answer_fails_and_is_not_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(cut_off(listener));
    let mut pipe = Pipe::open(address, Kind::StreamableHttp).await;
    pipe.call(1, "tools/call").await;
    let failed = pipe.answer().await;
    assert_eq!(failed["id"], 1);
    assert_eq!(failed["error"]["data"]["reason"], "connection_broken");
    pipe.call(2, "ping").await;
    assert_eq!(pipe.answer().await["id"], 2, "the server is still there");
    server.abort();
}

#[rstest]
#[case::not_found(404, "", "HTTP 404 Not Found")]
#[case::not_allowed(405, "", "HTTP 405 Method Not Allowed")]
#[case::misdirected(
    421,
    "Invalid Host header",
    "HTTP 421 Misdirected Request: \"Invalid Host header\""
)]
#[case::page(200, "<html>", "HTTP 200 OK: \"<html>\"")]
#[tokio::test]
async fn initialize_refused_shows_another_transport(
    #[case] status: u16,
    #[case] body: &'static str,
    #[case] told: &str,
) {
    let status = StatusCode::from_u16(status).unwrap();
    let router = streamable(&Log::default(), move |_: &Seen| (status, body));
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
    pipe.call(0, "initialize").await;
    let HttpEnd::Lost(fault) = pipe.end().await else {
        panic!("it is not usable");
    };
    assert_eq!(fault.gate(), GateReason::WrongTransport);
    let port = address.port();
    let expected = format!(
        "Port {port} of the pod does not speak streamable-http at /mcp: POST /mcp answered {told};"
    );
    assert!(fault.to_string().starts_with(&expected), "{fault}");
}

#[tokio::test]
async fn an_sse_server_where_streamable_http_was_expected_is_named() {
    let server = SseServer::new("/messages");
    let router = server.router(|server: &SseServer, seen| match seen.uri.path() {
        "/mcp" => StatusCode::NOT_FOUND,
        _ => accept(server, seen),
    });
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
    pipe.call(0, "initialize").await;
    let HttpEnd::Lost(fault) = pipe.end().await else {
        panic!("it is not usable");
    };
    let advice = "set spec.transport to sse, which answers at /sse.";
    assert!(fault.to_string().ends_with(advice), "{fault}");
}

#[tokio::test]
async fn a_server_that_knows_itself_as_localhost_only_is_called_that() {
    for guard in [StatusCode::FORBIDDEN, StatusCode::MISDIRECTED_REQUEST] {
        let log = Log::default();
        let router = streamable(&log, move |seen: &Seen| {
            if seen.header("host").starts_with("localhost:") {
                good(seen)
            } else {
                guard.into_response()
            }
        });
        let (address, _serving) = serve(router).await;
        let mut pipe = Pipe::open(address, Kind::StreamableHttp).await;
        pipe.call(1, "ping").await;
        assert_eq!(pipe.answer().await["id"], 1);
        let refused = log
            .all()
            .iter()
            .filter(|seen| seen.header("host").starts_with("osv-0"))
            .count();
        assert_eq!(refused, 1, "it is asked under its full name once");
    }
}

#[tokio::test]
async fn redirects_that_lead_nowhere_are_followed_a_few_times_only() {
    let log = Log::default();
    let router = streamable(&log, |_: &Seen| {
        (StatusCode::TEMPORARY_REDIRECT, [("location", "/mcp")])
    });
    let (address, _serving) = serve(router).await;
    let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
    pipe.call(0, "initialize").await;
    let HttpEnd::Lost(fault) = pipe.end().await else {
        panic!("it is not usable");
    };
    let told = "POST /mcp was redirected more than 3 times";
    assert!(fault.to_string().contains(told), "{fault}");
    assert_eq!(log.all().len(), 4);

    let router = Router::new().route("/sse", any(|| async { Redirect::temporary("/sse") }));
    let (at, _serving) = serve(router).await;
    let unready = connect(&endpoint(at, Kind::Sse)).await;
    let Err(Unready::Fault(fault)) = unready else {
        panic!("it is not usable: {unready:?}");
    };
    let told = "GET /sse was redirected more than 3 times";
    assert!(fault.to_string().contains(told), "{fault}");
}
