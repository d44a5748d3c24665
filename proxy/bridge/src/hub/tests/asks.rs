use super::*;
use crate::{event::AskOutcome, limits::ASK_TIMEOUT};

const PARAMS: &str = r#"{"message":"n = 1.50","_meta":{"progressToken":"s"}}"#;

fn outcomes(scene: &Scene) -> Vec<AskOutcome> {
    scene.events_of(|event| match event {
        HubEvent::AskFinished { outcome, .. } => Some(*outcome),
        _ => None,
    })
}

/// A session with a call in flight on stream 1, asked for something; gives the id that it sees.
fn asked() -> (Scene, u64) {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", ABLE);
    scene.call("a", 1, "1", "tools/call");
    scene.line(&request("\"srv\"", "sampling/createMessage", PARAMS));
    let said = scene.said();
    let ask = said[0]
        .strip_prefix("1 ")
        .expect("on the stream of the call that caused it");
    let id = id_of(ask);
    assert_eq!(
        ask,
        request(&id.to_string(), "sampling/createMessage", PARAMS)
    );
    scene.forget();
    (scene, id)
}

#[test]
fn a_request_of_the_server_is_answered_with_its_own_id() {
    let (mut scene, id) = asked();
    scene.post("a", 2, &result(id, "{\n\"x\": 1e5}"));
    assert_eq!(
        scene.said(),
        [
            "2 accepted",
            r#"server {"jsonrpc":"2.0","id":"srv","result":{ "x": 1e5}}"#
        ]
    );
    assert_eq!(outcomes(&scene), [AskOutcome::Ok]);
}

#[test]
fn it_is_answered_only_once_and_only_by_the_session_that_was_asked() {
    let (mut scene, id) = asked();
    scene.session("b", "2025-06-18", ABLE);
    scene.post("b", 2, &result(id, "{}"));
    assert_eq!(scene.said(), ["2 accepted"]);
    scene.post("a", 3, &result(id, "{}"));
    scene.post("a", 4, &result(id, "{}"));
    assert_eq!(scene.lines_out().len(), 1);
}

#[test]
fn an_error_of_the_client_crosses() {
    let (mut scene, id) = asked();
    let error =
        |id: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-1,"message":"no"}}}}"#);
    scene.post("a", 2, &error(&id.to_string()));
    assert_eq!(scene.lines_out(), [error("\"srv\"")]);
    assert_eq!(outcomes(&scene), [AskOutcome::Error]);
}

#[test]
fn its_progress_crosses_from_the_asked_session_only() {
    let (mut scene, _) = asked();
    scene.session("b", "2025-06-18", ABLE);
    let progress = note(
        "notifications/progress",
        r#"{"progressToken":"s","progress":1}"#,
    );
    scene.post("b", 2, &progress);
    scene.post("a", 3, &progress.replace("\"s\"", "\"other\""));
    assert_eq!(scene.lines_out(), [""; 0]);
    scene.post("a", 4, &progress);
    assert_eq!(scene.lines_out(), [progress]);
}

#[test]
fn a_cancellation_of_the_server_reaches_the_client_with_the_id_that_it_knows() {
    let (mut scene, id) = asked();
    let cancelled = |id: &str| {
        note(
            "notifications/cancelled",
            &format!(r#"{{"requestId":{id}}}"#),
        )
    };
    scene.line(&cancelled("\"other\""));
    assert_eq!(scene.said(), [""; 0]);
    scene.line(&cancelled("\"srv\""));
    assert_eq!(scene.said(), [format!("1 {}", cancelled(&id.to_string()))]);
    assert_eq!(scene.hub.counts().asks, 0);
}

#[test]
fn a_client_that_does_not_answer_in_time_is_told_so_and_the_server_too() {
    let (mut scene, _) = asked();
    scene.pass(ASK_TIMEOUT);
    let said = scene.said();
    assert!(
        said[0].starts_with("1 ") && said[0].contains("notifications/cancelled"),
        "{said:?}"
    );
    assert_eq!(
        said[1],
        r#"server {"jsonrpc":"2.0","id":"srv","error":{"code":-32001,"message":"the client did not answer in time"}}"#
    );
    assert_eq!(outcomes(&scene), [AskOutcome::TimedOut]);
}

#[test]
fn the_server_is_told_when_the_asked_session_ends() {
    let (mut scene, _) = asked();
    scene.close("a", 5);
    let lines = scene.lines_out();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("session ended before it answered"))
    );
    assert_eq!(outcomes(&scene), [AskOutcome::SessionClosed]);
}

#[test]
fn a_client_is_not_asked_for_what_it_did_not_declare() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", r#"{"roots":{}}"#);
    scene.call("a", 1, "1", "tools/call");
    scene.line(&request("1", "sampling/createMessage", "{}"));
    scene.line(&request("2", "elicitation/create", "{}"));
    scene.line(&request("3", "roots/list", "{}"));
    let said = scene.said();
    assert!(
        said[0].starts_with("server ") && said[0].contains("-32601"),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("server ") && said[1].contains("-32601"),
        "{said:?}"
    );
    assert!(
        said[2].starts_with("1 ") && said[2].contains("roots/list"),
        "{said:?}"
    );
}

#[test]
fn without_an_open_stream_the_server_is_told_at_once() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", ABLE);
    scene.call("a", 1, "1", "tools/call");
    scene.gone(1);
    scene.line(&request("1", "elicitation/create", "{}"));
    assert_eq!(outcomes(&scene), [AskOutcome::NoStream]);
    scene.listen("a", 2);
    scene.forget();
    scene.line(&request("2", "elicitation/create", "{}"));
    assert!(
        scene.said()[0].starts_with("2 "),
        "the listener is open now"
    );
}

#[test]
fn the_most_recent_call_with_an_open_stream_carries_it() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", ABLE);
    for stream in 1..=3 {
        scene.call("a", stream, &stream.to_string(), "tools/call");
    }
    scene.gone(3);
    scene.line(&request("1", "elicitation/create", "{}"));
    assert!(scene.said()[0].starts_with("2 "));
}

#[test]
fn one_more_than_may_wait_is_refused() {
    let mut scene = Scene::with(|limits| limits.max_asks = 1);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", ABLE);
    scene.call("a", 1, "1", "tools/call");
    scene.line(&request("1", "elicitation/create", "{}"));
    scene.line(&request("2", "elicitation/create", "{}"));
    assert_eq!(outcomes(&scene), [AskOutcome::TooMany]);
}

#[test]
fn a_ping_of_the_server_is_answered_at_once() {
    let mut scene = Scene::ready();
    scene.line(&request("7", "ping", "{}"));
    assert_eq!(
        scene.said(),
        [r#"server {"jsonrpc":"2.0","id":7,"result":{}}"#]
    );
}
