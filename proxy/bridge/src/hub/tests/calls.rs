use super::*;
use crate::{event::Outcome, protocol::MethodLabel};

#[test]
fn two_sessions_with_the_same_id_each_get_their_own_answer() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.session("b", "2025-06-18", "{}");
    let of_a = scene.call("a", 1, "1", "tools/call");
    let of_b = scene.call("b", 2, "1", "tools/call");
    scene.line(&result(of_b, "\"for b\""));
    scene.line(&result(of_a, "\"for a\""));
    assert_eq!(
        scene.said(),
        [
            r#"2! {"jsonrpc":"2.0","id":1,"result":"for b"}"#,
            r#"1! {"jsonrpc":"2.0","id":1,"result":"for a"}"#
        ]
    );
    scene.assert_nothing_waits();
}

#[test]
fn only_id_and_progress_token_change_and_line_breaks_become_spaces() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let body = "{ \"params\": {\"_meta\":{\"x\":1,\"progressToken\" : \"t\"},\r\n \"n\":1.50e0, \"s\":\"\u{2028}\\ud800\"},\n\"method\":\"tools/call\",\"id\":\"i\",\"jsonrpc\":\"2.0\"}\n";
    scene.post("a", 1, body);
    let line = scene.lines_out().pop().unwrap();
    let id = id_of(&line.replace("\\ud800", ""));
    let expected = body
        .replace("\"t\"", &id.to_string())
        .replace("\"i\"", &id.to_string())
        .replace(['\r', '\n'], " ");
    assert_eq!(line, expected);
}

#[test]
fn ping_is_answered_by_the_bridge_even_without_a_server() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.down(Loss::ProcessExited);
    scene.forget();
    scene.post("a", 1, r#"{"jsonrpc":"2.0","id":"x","method":"ping"}"#);
    assert_eq!(
        scene.said(),
        [r#"1! {"jsonrpc":"2.0","id":"x","result":{}}"#]
    );
}

#[test]
fn an_id_that_is_in_flight_is_refused_and_free_again_afterwards() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let first = scene.call("a", 1, "1", "tools/list");
    scene.post("a", 2, &request("1", "tools/list", "{}"));
    assert_eq!(
        scene.said(),
        [format!("2! {}", refused("1", &Refusal::DuplicateId))]
    );
    scene.line(&result(first, "{}"));
    scene.forget();
    scene.call("a", 3, "1", "tools/list");
}

#[test]
fn the_call_goes_on_when_its_stream_is_gone_and_its_answer_reaches_nobody() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.listen("a", 9);
    let id = scene.call("a", 1, "1", "tools/call");
    scene.gone(1);
    scene.forget();
    scene.line(&result(id, "{}"));
    assert_eq!(
        scene.said(),
        [""; 0],
        "the GET stream must not carry responses"
    );
    scene.assert_nothing_waits();
}

#[test]
fn a_second_initialize_is_refused() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.post("a", 1, &initialize("2025-06-18", "{}"));
    assert_eq!(scene.said(), ["1 refused 400 already_initialized"]);
}

#[rstest::rstest]
#[case::not_json("{", "1 refused 400 not_json")]
#[case::not_rpc("{}", "1 refused 400 not_json_rpc")]
#[case::batch("[]", "1 refused 400 batch_not_allowed")]
fn a_body_that_is_no_message_is_refused(#[case] body: &str, #[case] expected: &str) {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.post("a", 1, body);
    assert_eq!(scene.said(), [expected]);
}

#[test]
fn a_repeated_progress_token_is_refused_because_server_and_bridge_could_disagree() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let params = r#"{"_meta":{"progressToken":1,"progressToken":2}}"#;
    scene.post("a", 1, &request("1", "tools/call", params));
    assert!(scene.said()[0].contains("-32602"));
}

#[test]
fn every_request_is_started_and_finished_once_with_its_outcome() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let body = request("1", "tools/call", r#"{"name":"fetch"}"#);
    scene.post("a", 1, &body);
    scene.pass(Now::from_millis(250));
    let id = id_of(&scene.lines_out()[0]);
    scene.line(&result(id, r#"{"content":[],"isError":true}"#));
    let started = scene.events_of(|event| match event {
        HubEvent::RequestStarted {
            method,
            tool,
            bytes,
            ..
        } => Some((*method, tool.as_deref().map(str::to_owned), *bytes)),
        _ => None,
    });
    assert_eq!(
        started,
        [(MethodLabel::ToolsCall, Some("fetch".to_owned()), body.len())]
    );
    let finished = scene.events_of(|event| match event {
        HubEvent::RequestFinished {
            outcome, duration, ..
        } => Some((*outcome, *duration)),
        _ => None,
    });
    assert_eq!(finished, [(Outcome::ToolError, Now::from_millis(250))]);
}
