use super::*;
use crate::{
    event::{DropReason, Outcome},
    limits::{CALL_TIMEOUT, CANCEL_GRACE},
};

fn outcomes(scene: &Scene) -> Vec<Outcome> {
    scene.events_of(|event| match event {
        HubEvent::RequestFinished { outcome, .. } => Some(*outcome),
        _ => None,
    })
}

fn cancelled(id: &str) -> String {
    note(
        "notifications/cancelled",
        &format!(r#"{{"requestId":{id},"reason":"é"}}"#),
    )
}

#[test]
fn a_cancellation_reaches_the_server_with_the_minted_id_and_ends_the_stream() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let id = scene.call("a", 1, "\"x\"", "tools/call");
    scene.post("a", 2, &cancelled("\"x\""));
    assert_eq!(
        scene.said(),
        [
            "2 accepted".to_owned(),
            format!("server {}", cancelled(&id.to_string())),
            "1 end".to_owned()
        ]
    );
    assert_eq!(outcomes(&scene), [Outcome::Cancelled]);
}

#[test]
fn a_late_answer_to_a_cancelled_call_is_swallowed() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let id = scene.call("a", 1, "1", "tools/call");
    scene.post("a", 2, &cancelled("1"));
    scene.forget();
    scene.line(&result(id, "{}"));
    assert_eq!(scene.said(), [""; 0]);
    let why = scene.events_of(|event| match event {
        HubEvent::MessageDropped { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(why, [DropReason::AfterCancel]);
    scene.assert_nothing_waits();
}

#[test]
fn a_cancelled_call_that_is_never_answered_is_forgotten_after_its_grace() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    scene.post("a", 2, &cancelled("1"));
    assert_eq!(scene.hub.counts().pending, 1);
    scene.pass(CANCEL_GRACE);
    scene.assert_nothing_waits();
}

#[test]
fn nobody_can_cancel_the_call_of_another_session() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.session("b", "2025-06-18", "{}");
    let id = scene.call("a", 1, "1", "tools/call");
    scene.post("b", 2, &cancelled("1"));
    scene.post("b", 3, &cancelled(&id.to_string()));
    assert_eq!(scene.said(), ["2 accepted", "3 accepted"]);
    assert_eq!(scene.hub.counts().pending, 1);
}

#[test]
fn initialize_cannot_be_cancelled() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.post("a", 1, &cancelled("0"));
    assert_eq!(scene.said(), ["1 accepted"]);
}

#[test]
fn a_held_call_is_cancelled_without_the_server_hearing_of_it() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.down(Loss::ProcessExited);
    scene.forget();
    scene.post("a", 1, &request("1", "tools/call", "{}"));
    scene.post("a", 2, &cancelled("1"));
    assert_eq!(scene.said(), ["2 accepted", "1 end"]);
    scene.assert_nothing_waits();
}

#[test]
fn a_call_that_takes_too_long_is_cancelled_and_its_client_told() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let id = scene.call("a", 1, "1", "tools/call");
    scene.pass(CALL_TIMEOUT);
    let said = scene.said();
    assert!(
        said[0].contains(&format!(r#""requestId":{id},"#)),
        "{said:?}"
    );
    assert_eq!(
        said[1],
        format!("1! {}", refused("1", &Refusal::CallTimeout))
    );
    assert_eq!(outcomes(&scene), [Outcome::TimedOut]);
}
