//! Calls whose server of 2026-07-28 asks for something first.

use super::{
    modern_server::{INTRO, modern},
    *,
};
use crate::{
    limits::{ASK_TIMEOUT, MAX_ROUNDS},
    refusal::InputFault,
};

pub(super) fn wants(id: u64, inputs: &str, state: &str) -> String {
    result(
        id,
        &format!(
            r#"{{"resultType":"input_required","inputRequests":{inputs},"requestState":"{state}"}}"#
        ),
    )
}

/// The call "1" of session a on stream 1, and the minted id of what it was asked on it.
pub(super) fn asked(scene: &mut Scene, input: &str) -> (u64, u64) {
    let call = scene.call("a", 1, "1", "tools/call");
    scene.line(&wants(call, &format!(r#"{{"k":{input}}}"#), "s"));
    let said = scene.said();
    (
        call,
        id_of(said[0].strip_prefix("1 ").expect("on the call's stream")),
    )
}

pub(super) const ELICIT: &str =
    r#"{"method":"elicitation/create","params":{"message":"n?", "x":1.50}}"#;

pub(super) fn missing(fault: InputFault) -> String {
    format!("1! {}", refused("1", &Refusal::InputMissing(fault)))
}

#[test]
fn what_the_server_wants_is_asked_of_the_client_and_the_call_goes_out_again() {
    let mut scene = modern();
    scene.post(
        "a",
        1,
        &request(
            "\"x\"",
            "tools/call",
            r#"{"name":"t","_meta":{"progressToken":"p"}}"#,
        ),
    );
    let call = id_of(&scene.lines_out()[0]);
    scene.line(&wants(
        call,
        &format!(r#"{{"k":{ELICIT},"r\"":{{"method":"roots/list"}}}}"#),
        "s\\u0031",
    ));
    let (first, second) = (call + 1, call + 2);
    assert_eq!(
        scene.said(),
        [
            format!(
                r#"1 {{"jsonrpc":"2.0","id":{first},"method":"elicitation/create","params":{{"message":"n?", "x":1.50}}}}"#
            ),
            format!(r#"1 {{"jsonrpc":"2.0","id":{second},"method":"roots/list"}}"#),
        ]
    );
    assert_eq!(scene.hub.counts().asks, 2);
    scene.post("a", 2, &result(second, r#"{"roots":[ ]}"#));
    assert_eq!(scene.said(), ["2 accepted"]);
    scene.post("a", 3, &result(first, r#"{"action":"accept"}"#));
    let lines = scene.lines_out();
    let again = id_of(&lines[0]);
    assert_eq!(
        lines[0],
        format!(
            r#"{{"jsonrpc":"2.0","id":{again},"method":"tools/call","params":{{"inputResponses":{{"k":{{"action":"accept"}},"r\"":{{"roots":[ ]}}}},"requestState":"s\u0031","name":"t","_meta":{{{INTRO},"progressToken":{again}}}}}}}"#
        )
    );
    scene.forget();
    scene.line(&note(
        "notifications/progress",
        &format!(r#"{{"progressToken":{again},"progress":1}}"#),
    ));
    scene.line(&result(again, r#"{"content":[]}"#));
    assert_eq!(
        scene.said(),
        [
            format!(
                "1 {}",
                note(
                    "notifications/progress",
                    r#"{"progressToken":"p","progress":1}"#
                )
            ),
            format!("1! {}", result("\"x\"", r#"{"content":[]}"#))
        ]
    );
    scene.assert_nothing_waits();
}

#[test]
fn another_session_cannot_answer_what_this_one_was_asked() {
    let mut scene = modern();
    let (_, question) = asked(&mut scene, ELICIT);
    scene.post("b", 2, &result(question, "{}"));
    assert_eq!(scene.said(), ["2 accepted"]);
    assert_eq!(scene.hub.counts().asks, 1);
}

#[test]
fn a_result_with_a_state_alone_is_repeated_at_once_but_not_without_end() {
    let mut scene = modern();
    let mut call = scene.call("a", 1, "1", "tools/call");
    for _ in 0..MAX_ROUNDS {
        scene.line(&result(
            call,
            r#"{"resultType":"input_required","requestState":"s"}"#,
        ));
        call = id_of(&scene.lines_out()[0]);
    }
    scene.line(&result(
        call,
        r#"{"resultType":"input_required","requestState":"s"}"#,
    ));
    assert_eq!(scene.said(), [missing(InputFault::TooManyRounds)]);
    scene.assert_nothing_waits();
}

#[rstest::rstest]
#[case::unknown(r#"{"method":"tasks/get"}"#, InputFault::NotCapable)]
#[case::undeclared(
    r#"{"method":"sampling/createMessage","params":{}}"#,
    InputFault::NotCapable
)]
#[case::malformed(r#"{"params":{}}"#, InputFault::Malformed)]
fn what_the_client_cannot_be_asked_fails_the_call(#[case] input: &str, #[case] fault: InputFault) {
    let mut scene = Scene::new();
    scene.bring_up_modern(MODERN);
    scene.session("a", "2025-06-18", r#"{"roots":{}}"#);
    let call = scene.call("a", 1, "1", "tools/call");
    scene.line(&wants(
        call,
        &format!(r#"{{"r":{{"method":"roots/list"}},"k":{input}}}"#),
        "s",
    ));
    assert_eq!(scene.said(), [missing(fault)], "and nothing was asked");
    scene.assert_nothing_waits();
}

#[test]
fn a_client_without_a_stream_cannot_be_asked() {
    let mut scene = modern();
    let call = scene.call("a", 1, "1", "tools/call");
    scene.gone(1);
    scene.line(&wants(call, &format!(r#"{{"k":{ELICIT}}}"#), "s"));
    let why = scene.events_of(|event| match event {
        HubEvent::Refused { refusal } => Some(refusal.clone()),
        _ => None,
    });
    assert_eq!(why, [Refusal::InputMissing(InputFault::NoStream)]);
    scene.assert_nothing_waits();
}

#[test]
fn an_error_of_the_client_fails_the_call_and_takes_the_other_questions_back() {
    let mut scene = modern();
    let call = scene.call("a", 1, "1", "tools/call");
    scene.line(&wants(
        call,
        &format!(r#"{{"k":{ELICIT},"l":{ELICIT}}}"#),
        "s",
    ));
    scene.forget();
    let error = format!(
        r#"{{"jsonrpc":"2.0","id":{},"error":{{"code":-1,"message":"no"}}}}"#,
        call + 1
    );
    scene.post("a", 2, &error);
    let said = scene.said();
    assert!(
        said[1].contains("notifications/cancelled") && said[1].contains(&(call + 2).to_string()),
        "{said:?}"
    );
    assert_eq!(said[2], missing(InputFault::Refused));
    scene.assert_nothing_waits();
}

#[test]
fn a_client_that_does_not_answer_has_an_error_after_the_longest_wait() {
    let mut scene = modern();
    asked(&mut scene, ELICIT);
    scene.pass(ASK_TIMEOUT);
    assert_eq!(scene.said().last(), Some(&missing(InputFault::TimedOut)));
    scene.assert_nothing_waits();
}

#[test]
fn only_so_many_questions_wait_at_once() {
    let mut scene = Scene::with(|limits| limits.max_asks = 1);
    scene.bring_up_modern(MODERN);
    scene.session("a", "2025-06-18", ABLE);
    let call = scene.call("a", 1, "1", "tools/call");
    scene.line(&wants(
        call,
        &format!(r#"{{"k":{ELICIT},"l":{ELICIT}}}"#),
        "s",
    ));
    assert_eq!(scene.said(), [missing(InputFault::TooMany)]);
}

#[test]
fn answers_past_their_bound_fail_the_call() {
    let mut scene = modern();
    let (_, question) = asked(&mut scene, ELICIT);
    let long = "x".repeat(crate::limits::MAX_INPUT_BYTES);
    scene.post("a", 2, &result(question, &format!("{{\"x\":\"{long}\"}}")));
    assert_eq!(scene.said().last(), Some(&missing(InputFault::TooLarge)));
}

#[test]
fn a_call_too_long_to_be_kept_is_sent_but_not_repeated() {
    let mut scene = modern();
    let long = "x".repeat(crate::limits::MAX_REPEAT_BYTES);
    scene.post(
        "a",
        1,
        &request("1", "tools/call", &format!(r#"{{"x":"{long}"}}"#)),
    );
    let call = id_of(&scene.lines_out()[0]);
    scene.line(&wants(call, &format!(r#"{{"k":{ELICIT}}}"#), "s"));
    assert_eq!(scene.said(), [missing(InputFault::NotKept)]);
}

#[test]
fn a_result_of_another_method_asks_nothing() {
    let mut scene = modern();
    let call = scene.call("a", 1, "1", "tools/list");
    let text = r#"{"resultType":"input_required","requestState":"s"}"#;
    scene.line(&result(call, text));
    assert_eq!(scene.said(), [format!("1! {}", result(1, text))]);
}
