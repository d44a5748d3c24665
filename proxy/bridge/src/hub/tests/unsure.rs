use std::time::Duration;

use super::*;
use crate::{event::Outcome, limits::UNSURE_WAIT};

/// Three calls, of which the latter two were written just before a break.
fn broken() -> (Scene, [u64; 3]) {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let sure = scene.call("a", 1, "1", "tools/call");
    scene.pass(Duration::from_secs(10));
    let first = scene.call("a", 2, "2", "tools/call");
    let second = scene.call("a", 3, "3", "tools/call");
    scene.pass(Duration::from_secs(4));
    let (from, before) = (Duration::from_secs(5), second + 1);
    scene.step(Input::Server(FromServer::Unsure { from, before }));
    scene.forget();
    (scene, [sure, first, second])
}

fn outcomes(scene: &Scene) -> Vec<Outcome> {
    scene.events_of(|event| match event {
        HubEvent::RequestFinished { outcome, .. } => Some(*outcome),
        _ => None,
    })
}

#[test]
fn calls_that_may_not_have_arrived_fail_with_a_typed_error_and_are_cancelled() {
    let (mut scene, [_, first, second]) = broken();
    scene.pass(UNSURE_WAIT.saturating_sub(INSTANT));
    assert_eq!(scene.said(), [""; 0]);
    scene.pass(INSTANT);
    let said = scene.said();
    let about = |words: &str| said.iter().filter(|line| line.contains(words)).count();
    let data = r#""data":{"reason":"delivery_unknown","retryable":false}"#;
    assert_eq!((said.len(), about(data)), (4, 2), "{said:?}");
    for id in [first, second] {
        assert_eq!(about(&format!(r#""requestId":{id}"#)), 1, "{said:?}");
    }
    assert_eq!(outcomes(&scene), [Outcome::Lost; 2]);
}

#[test]
fn an_answer_proves_that_every_call_written_before_it_has_arrived() {
    let (mut scene, [sure, first, second]) = broken();
    scene.line(&result(second, "{}"));
    scene.pass(2 * UNSURE_WAIT);
    assert_eq!(scene.said().len(), 1, "only the answer");
    scene.line(&result(first, "{}"));
    scene.line(&result(sure, "{}"));
    assert_eq!(scene.said().len(), 2);
    assert_eq!(outcomes(&scene), [Outcome::Ok; 3]);
}

#[test]
fn an_answer_to_an_earlier_call_or_to_one_written_after_the_break_proves_nothing() {
    let (mut scene, [sure, ..]) = broken();
    let later = scene.call("a", 4, "4", "tools/call");
    scene.line(&result(sure, "{}"));
    scene.line(&result(later, "{}"));
    scene.pass(UNSURE_WAIT);
    let lost = outcomes(&scene).into_iter();
    assert_eq!(lost.filter(|outcome| *outcome == Outcome::Lost).count(), 2);
}

#[test]
fn a_call_that_was_still_queued_at_the_break_is_neither_in_doubt_nor_a_proof() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    let queued = scene.call("a", 2, "2", "tools/call");
    let (from, before) = (Duration::from_secs(1), queued);
    scene.step(Input::Server(FromServer::Unsure { from, before }));
    scene.line(&result(queued, "{}"));
    scene.pass(UNSURE_WAIT);
    assert_eq!(outcomes(&scene), [Outcome::Ok, Outcome::Lost]);
}

#[test]
fn what_was_written_to_one_connection_proves_nothing_about_another() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let mut broken_after = |stream: u64| {
        let id = scene.call("a", stream, &stream.to_string(), "tools/call");
        let (from, before) = (Duration::from_secs(1), id + 1);
        scene.step(Input::Server(FromServer::Unsure { from, before }));
        id
    };
    broken_after(1);
    let second = broken_after(2);
    scene.line(&result(second, "{}"));
    scene.pass(UNSURE_WAIT);
    assert_eq!(outcomes(&scene), [Outcome::Ok, Outcome::Lost]);
}

#[test]
fn progress_proves_it_too() {
    let (mut scene, [_, _, second]) = broken();
    let params = format!(r#"{{"progressToken":{second},"progress":1}}"#);
    scene.line(&note("notifications/progress", &params));
    scene.pass(2 * UNSURE_WAIT);
    assert_eq!(outcomes(&scene), []);
}

#[test]
fn with_the_process_the_doubt_is_gone() {
    let (mut scene, _) = broken();
    scene.down(Loss::ProcessExited);
    scene.bring_up(SERVER);
    scene.forget();
    scene.call("a", 5, "5", "tools/call");
    scene.pass(2 * UNSURE_WAIT);
    assert_eq!(scene.said(), [""; 0]);
}
