//! What becomes of a call whose server of 2026-07-28 has asked for something, when it is cancelled, or
//! its session or its server goes.

use super::{
    modern_server::modern,
    rounds::{ELICIT, asked, missing},
    *,
};
use crate::refusal::InputFault;

#[test]
fn a_call_cancelled_between_two_rounds_ends_without_a_word_to_the_server() {
    let mut scene = modern();
    asked(&mut scene, ELICIT);
    scene.post(
        "a",
        2,
        &note("notifications/cancelled", r#"{"requestId":1}"#),
    );
    let said = scene.said();
    assert!(
        !said.iter().any(|line| line.starts_with("server")),
        "{said:?}"
    );
    assert!(said.contains(&"1 end".to_owned()), "{said:?}");
    scene.assert_nothing_waits();
}

#[test]
fn a_call_cancelled_in_a_later_round_is_cancelled_under_its_latest_id() {
    let mut scene = modern();
    let (_, question) = asked(&mut scene, ELICIT);
    scene.post("a", 2, &result(question, "{}"));
    let again = id_of(&scene.lines_out()[0]);
    scene.post(
        "a",
        3,
        &note("notifications/cancelled", r#"{"requestId":1}"#),
    );
    let expected = note(
        "notifications/cancelled",
        &format!(r#"{{"requestId":{again}}}"#),
    );
    assert_eq!(scene.lines_out(), [expected]);
}

#[test]
fn the_end_of_the_session_ends_its_rounds() {
    let mut scene = modern();
    asked(&mut scene, ELICIT);
    scene.close("a", 2);
    let said = scene.said();
    assert!(
        !said.iter().any(|line| line.starts_with("server")),
        "{said:?}"
    );
    scene.assert_nothing_waits();
}

#[test]
fn the_answer_for_a_process_that_has_died_goes_to_the_next_one() {
    let mut scene = modern();
    let (_, question) = asked(&mut scene, ELICIT);
    scene.down(Loss::ProcessExited);
    scene.post("a", 2, &result(question, r#"{"action":"accept"}"#));
    scene.forget();
    scene.bring_up_modern(MODERN);
    let mut lines = scene.lines_out();
    lines.retain(|line| line.contains("tools/call"));
    assert!(
        lines[0].contains(r#""inputResponses":{"k":{"action":"accept"}}"#),
        "{lines:?}"
    );
    assert_eq!(lines[0].matches("clientInfo").count(), 1, "{lines:?}");
    scene.line(&result(id_of(&lines[0]), "{}"));
    assert_eq!(scene.said(), [format!("1! {}", result(1, "{}"))]);
}

#[test]
fn the_answer_for_a_process_whose_successor_is_older_fails_the_call() {
    let mut scene = modern();
    let (_, question) = asked(&mut scene, ELICIT);
    scene.down(Loss::ProcessExited);
    scene.post("a", 2, &result(question, "{}"));
    scene.bring_up(SERVER);
    assert_eq!(scene.said().last(), Some(&missing(InputFault::NotKept)));
    scene.assert_nothing_waits();
}

#[test]
fn a_server_that_is_gone_for_good_fails_what_is_between_two_rounds() {
    let mut scene = modern();
    asked(&mut scene, ELICIT);
    scene.down(Loss::Draining);
    assert_eq!(
        scene.said().last(),
        Some(&format!("1! {}", refused("1", &Refusal::Draining)))
    );
    scene.assert_nothing_waits();
}
