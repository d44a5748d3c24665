//! Servers that speak both eras: each client meets them in its own.

use super::{visitor::*, *};
use crate::limits::PROBE_TIMEOUT;

/// The request as its client wrote it, but for its id.
fn as_sent(minted: u64) -> String {
    let params = format!(r#"{{"name":"t","arguments":{{"n":1.50}},{}}}"#, meta(ABLE));
    request(&minted.to_string(), "tools/call", &params)
}

/// A scene with an initialized server, and a visit that makes the hub ask it; the id of the question.
fn asked() -> (Scene, u64) {
    let mut scene = scene_of_none();
    scene.bring_up_dual(LEGACY);
    scene.forget();
    assert_eq!(call(&mut scene, 1, "1", "").map(|(id, _)| id), Some(2));
    (scene, 2)
}

/// The line of the call that waited, once the hub knows which tools mirror what.
fn sent(scene: &mut Scene) -> (u64, String) {
    let mut lines = scene.lines_out();
    if lines.last().is_some_and(|line| line.contains("tools/list")) {
        scene.line(&result(id_of(&lines[0]), r#"{"tools":[]}"#));
        lines = scene.lines_out();
    }
    let line = lines.pop().expect("the call goes to the server");
    (id_of(&line), line)
}

/// A scene with a server that takes both, and no visit.
fn taken() -> Scene {
    let (mut scene, question) = asked();
    scene.line(&result(question, MODERN));
    let (minted, _) = sent(&mut scene);
    scene.line(&result(minted, "{}"));
    scene.forget();
    scene
}

#[test]
fn a_process_that_takes_both_gets_visits_as_they_are_and_sessions_as_ever() {
    let (mut scene, question) = asked();
    scene.line(&result(question, MODERN));
    let (minted, line) = sent(&mut scene);
    assert_eq!(line, as_sent(minted));
    scene.line(&result(
        minted,
        r#"{"resultType":"input_required","requestState":"s"}"#,
    ));
    let crossed = result("1", r#"{"resultType":"input_required","requestState":"s"}"#);
    assert_eq!(scene.said(), [format!("1! {crossed}")]);
    scene.session("a", "2025-06-18", ABLE);
    let minted = scene.call("a", 5, "1", "tools/call");
    scene.line(&request("9", "sampling/createMessage", "{}"));
    assert!(scene.said()[0].starts_with("5 "), "asked in the old way");
    scene.line(&result(minted, "{}"));
    assert_eq!(scene.said(), [format!("5! {}", result("1", "{}"))]);
}

#[rstest::rstest]
#[case::unknown_method(no_such_method(2))]
#[case::python_sdk(no_such_method(2).replace("-32601", "-32600"))]
#[case::another_result(result(2, "{}"))]
fn a_process_that_keeps_to_its_session_serves_visits_in_translation(#[case] answer: String) {
    let (mut scene, _) = asked();
    scene.line(&answer);
    let (minted, line) = sent(&mut scene);
    assert_ne!(line, as_sent(minted));
    scene.line(&result(minted, r#"{"content":[]}"#));
    let told = result("1", r#"{"resultType":"complete","content":[]}"#);
    assert_eq!(scene.said(), [format!("1! {told}")]);
    assert!(!call(&mut scene, 2, "2", "").unwrap().1.contains("discover"));
}

#[test]
fn a_process_that_says_nothing_to_it_serves_visits_in_translation_after_the_probe_time() {
    let (mut scene, _) = asked();
    scene.pass(PROBE_TIMEOUT.saturating_sub(INSTANT));
    assert_eq!(scene.lines_out(), [""; 0]);
    scene.pass(INSTANT);
    let (minted, line) = sent(&mut scene);
    assert_ne!(line, as_sent(minted));
}

#[test]
fn sessions_do_not_wait_for_the_question() {
    let (mut scene, _) = asked();
    scene.open("a", 5, &initialize("2025-06-18", "{}"));
    assert_eq!(scene.said().len(), 2);
    scene.call("a", 6, "1", "tools/list");
}

#[test]
fn discovery_is_answered_at_once_and_asks_the_server_for_the_next_request() {
    let mut scene = scene_of_none();
    scene.bring_up_dual(LEGACY);
    scene.forget();
    let body = request("1", "server/discover", &format!("{{{}}}", meta("{}")));
    visit(&mut scene, 1, head("server/discover", None), &body);
    let said = scene.said();
    assert!(said[0].contains("server/discover"), "{said:?}");
    assert!(said[1].starts_with("1! "), "{said:?}");
}

#[test]
fn a_process_that_refuses_the_revision_after_all_gets_translations_from_then_on() {
    let mut scene = taken();
    let (minted, line) = call(&mut scene, 2, "2", "").unwrap();
    assert_eq!(line, as_sent(minted));
    scene.line(&no_such_method(minted).replace("-32601", "-32022"));
    let (minted, line) = call(&mut scene, 3, "3", "").unwrap();
    assert_ne!(line, as_sent(minted));
}

#[test]
fn other_errors_do_not_turn_a_process_into_one_that_refuses() {
    let mut scene = taken();
    let (minted, _) = call(&mut scene, 2, "2", "").unwrap();
    scene.line(&no_such_method(minted));
    let (minted, line) = call(&mut scene, 3, "3", "").unwrap();
    assert_eq!(line, as_sent(minted));
}

#[test]
fn what_a_server_asks_beside_a_visit_is_of_the_session_that_it_can_ask() {
    let mut scene = taken();
    call(&mut scene, 2, "2", "").unwrap();
    scene.session("a", "2025-06-18", ABLE);
    scene.call("a", 5, "1", "tools/call");
    scene.line(&request("9", "sampling/createMessage", "{}"));
    assert!(scene.said()[0].starts_with("5 "));
}

#[test]
fn each_process_that_took_both_is_asked_anew_and_one_that_did_not_is_not() {
    let mut scene = taken();
    scene.down(Loss::ProcessExited);
    scene.bring_up_dual(LEGACY);
    scene.forget();
    let (question, line) = call(&mut scene, 2, "2", "").unwrap();
    assert!(line.contains("server/discover"), "{line}");
    scene.line(&no_such_method(question));
    sent(&mut scene);
    scene.down(Loss::ProcessExited);
    scene.bring_up_dual(LEGACY);
    scene.forget();
    let (_, line) = call(&mut scene, 3, "3", "").unwrap();
    assert!(line.contains("tools/call"), "{line}");
}

#[test]
fn a_process_that_ends_of_the_question_is_the_last_one_that_is_asked() {
    let (mut scene, _) = asked();
    scene.down(Loss::ProcessExited);
    scene.forget();
    scene.bring_up_dual(LEGACY);
    scene
        .out
        .retain(|output| !tell(output).contains("notifications/"));
    let (minted, line) = sent(&mut scene);
    assert_ne!(line, as_sent(minted));
    assert!(line.contains("tools/call"), "{line}");
}

#[test]
fn the_level_of_a_visit_is_told_in_its_request_only() {
    let mut scene = taken();
    let level = meta("{}").replace(
        r#""io.modelcontextprotocol/clientCap"#,
        r#""io.modelcontextprotocol/logLevel":"debug","io.modelcontextprotocol/clientCap"#,
    );
    let body = request("2", "tools/list", &format!("{{{level}}}"));
    visit(&mut scene, 2, head("tools/list", None), &body);
    let lines = scene.lines_out();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(r#"logLevel":"debug"#), "{lines:?}");
}

#[test]
fn requests_without_a_session_leave_nothing_in_a_process_that_takes_them() {
    let mut scene = taken();
    call(&mut scene, 2, "2", "").unwrap();
    assert_eq!(scene.hub.tenants(), Tenants::Visits);
}
