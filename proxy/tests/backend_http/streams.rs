//! Event streams that break, end early, or never end.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hivewright_bridge::line::MAX_LINE;
use hivewright_proxy::backend::http::Kind;
use serde_json::{Value, json};

use crate::support::{
    Heard, Pipe,
    script::{Log, Seen, broken_events, event, events, good, open_events, plain, streamable},
    serve,
};

/// A pipe to a server that answers `tools/call` and GET by `act`.
async fn with(
    act: impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static,
) -> (Pipe, Log, crate::support::Serving) {
    let log = Log::default();
    let router = streamable(&log, move |seen: &Seen| match seen.what() {
        "tools/call" => act(seen),
        "GET" if !seen.header("last-event-id").is_empty() => act(seen),
        _ => good(seen),
    });
    let (address, serving) = serve(router).await;
    (
        Pipe::open(address, Kind::StreamableHttp).await,
        log,
        serving,
    )
}

fn answer(id: u64) -> Value {
    plain(&json!({"id": id, "method": "tools/call"}))
}

#[tokio::test]
async fn a_stream_that_breaks_before_the_answer_is_resumed_after_its_last_event() {
    for breaks in [true, false] {
        let (mut pipe, log, _serving) = with(move |seen| match seen.what() {
            "GET" => events([event(&answer(1))]),
            _ if breaks => {
                broken_events(["retry: 100\nid: e-1\ndata: {\"n\":1}\n\nid: e-2\ndata: {\"cut"])
            }
            _ => events(["retry: 100\nid: e-1\ndata:\n\n"]),
        })
        .await;
        pipe.call(1, "tools/call").await;
        if breaks {
            assert_eq!(pipe.answer().await, json!({"n": 1}));
        }
        assert_eq!(pipe.answer().await, answer(1));
        let gets: Vec<_> = log
            .all()
            .into_iter()
            .filter(|seen| seen.what() == "GET")
            .collect();
        let resumed = gets
            .iter()
            .find(|seen| !seen.header("last-event-id").is_empty());
        assert_eq!(resumed.unwrap().header("last-event-id"), "e-1");
        let calls = log
            .whats()
            .into_iter()
            .filter(|what| what == "tools/call")
            .count();
        assert_eq!(calls, 1, "a call is never sent twice");
    }
}

#[tokio::test]
async fn without_event_ids_the_call_fails_at_once_and_no_other() {
    let cases = [(true, "connection_broken"), (false, "unanswered")];
    for (breaks, reason) in cases {
        let (mut pipe, _log, _serving) = with(move |_| {
            let started = ["data: {\"n\":1}\n\n"];
            if breaks {
                broken_events(started)
            } else {
                events(started)
            }
        })
        .await;
        pipe.call(1, "tools/call").await;
        assert_eq!(pipe.answer().await, json!({"n": 1}));
        let failed = pipe.answer().await;
        assert_eq!(
            (&failed["id"], &failed["error"]["data"]["reason"]),
            (&json!(1), &json!(reason))
        );
        pipe.call(2, "ping").await;
        assert_eq!(pipe.answer().await["id"], 2);
    }
}

#[tokio::test]
async fn a_stream_that_cannot_be_resumed_fails_its_call() {
    let (mut pipe, _log, _serving) = with(|seen| match seen.what() {
        "GET" => StatusCode::BAD_REQUEST.into_response(),
        _ => broken_events(["retry: 100\nid: e-1\ndata:\n\n"]),
    })
    .await;
    pipe.call(1, "tools/call").await;
    assert_eq!(
        pipe.answer().await["error"]["data"]["reason"],
        "connection_broken"
    );
}

#[tokio::test]
async fn a_server_that_only_promises_is_asked_a_few_times() {
    let (mut pipe, log, _serving) = with(|seen| match seen.what() {
        "GET" => events([": nothing\n\n"]),
        _ => events(["retry: 0\nid: e-1\ndata:\n\n"]),
    })
    .await;
    pipe.call(1, "tools/call").await;
    assert_eq!(pipe.answer().await["error"]["data"]["reason"], "unanswered");
    let asked = log
        .all()
        .iter()
        .filter(|seen| !seen.header("last-event-id").is_empty())
        .count();
    assert_eq!(asked, 5);
}

#[tokio::test]
async fn a_stream_that_stays_open_after_the_answer_keeps_no_call_waiting() {
    let (mut pipe, _log, _serving) = with(|seen| open_events([event(&plain(&seen.body))])).await;
    for id in 1..=300 {
        pipe.call(id, "tools/call").await;
    }
    for _ in 1..=300 {
        assert!(pipe.answer().await["result"].is_object());
    }
}

#[tokio::test]
async fn a_stream_cut_into_single_bytes_is_put_together() {
    let (mut pipe, _log, _serving) = with(|seen| {
        let bytes = event(&plain(&seen.body)).into_bytes();
        events(bytes.into_iter().map(|byte| vec![byte]))
    })
    .await;
    pipe.call(1, "tools/call").await;
    assert_eq!(pipe.answer().await, answer(1));
}

#[tokio::test]
async fn an_answer_past_the_bound_fails_its_call_and_no_other() {
    for json in [false, true] {
        let (mut pipe, _log, _serving) = with(move |_| {
            let giant = vec![b'x'; MAX_LINE + 1];
            if json {
                ([("content-type", "application/json")], giant).into_response()
            } else {
                events([b"data: ".to_vec(), giant, b"\n\n".to_vec()])
            }
        })
        .await;
        pipe.call(1, "tools/call").await;
        assert_eq!(pipe.heard().await, Heard::Oversized(MAX_LINE + 1));
        let failed = pipe.answer().await;
        assert_eq!(failed["id"], 1);
        let message = failed["error"]["message"].as_str().unwrap();
        assert!(message.contains("longer than 16777216 bytes"), "{message}");
        pipe.call(2, "ping").await;
        assert_eq!(pipe.answer().await["id"], 2);
    }
}

#[tokio::test]
async fn a_cancelled_call_is_let_go_though_its_stream_never_ends() {
    let (mut pipe, log, _serving) = with(|_| open_events(["data: {\"n\":1}\n\n"])).await;
    pipe.call(1, "tools/call").await;
    assert_eq!(pipe.answer().await, json!({"n": 1}));
    pipe.cancel(1).await;
    log.wait("notifications/cancelled", 1).await;
    pipe.call(2, "ping").await;
    assert_eq!(pipe.answer().await["id"], 2, "and has no answer");
}
