//! Servers that say nothing any more.

use super::*;
use crate::limits::{PING_AFTER, PING_WAIT};

fn watched() -> Scene {
    let mut scene = Scene::with(|limits| limits.ping_after = PING_AFTER);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", "{}");
    scene
}

#[test]
fn a_silent_server_is_asked_once_a_minute_and_lives_while_it_answers() {
    let mut scene = watched();
    for _ in 0..3 {
        scene.pass(PING_AFTER.saturating_sub(INSTANT));
        assert_eq!(scene.lines_out(), [""; 0]);
        scene.pass(INSTANT);
        let lines = scene.lines_out();
        let id = id_of(&lines[0]);
        assert_eq!(lines, [request(&id.to_string(), "ping", "{}")]);
        scene.line(&result(id, "{}"));
    }
    assert_eq!(scene.said(), [""; 0]);
    let dropped =
        scene.events_of(|event| matches!(event, HubEvent::MessageDropped { .. }).then_some(()));
    assert_eq!(dropped, []);
}

#[test]
fn a_server_that_does_not_answer_is_dropped() {
    let mut scene = watched();
    scene.pass(PING_AFTER + PING_WAIT.saturating_sub(INSTANT));
    scene.lines_out();
    assert_eq!(scene.said(), [""; 0]);
    scene.pass(INSTANT);
    assert_eq!(scene.said(), ["drop not_answering"]);
    let lost = scene.events_of(|event| match event {
        HubEvent::ServerLost { loss, .. } => Some(*loss),
        _ => None,
    });
    assert_eq!(lost, [Loss::NotAnswering]);
}

#[test]
fn whatever_a_server_says_proves_that_it_lives() {
    let mut scene = watched();
    scene.pass(PING_AFTER);
    scene.line(&note(
        "notifications/message",
        r#"{"level":"info","data":1}"#,
    ));
    scene.pass(PING_WAIT);
    assert_eq!(
        scene
            .said()
            .iter()
            .filter(|said| said.starts_with("drop"))
            .count(),
        0
    );
}

#[test]
fn a_server_at_a_call_is_neither_asked_nor_given_up() {
    let mut scene = watched();
    scene.call("a", 1, "1", "tools/call");
    scene.pass(PING_AFTER * 3);
    assert_eq!(scene.said(), [""; 0]);
}

#[test]
fn a_call_that_comes_while_it_is_asked_gives_it_time() {
    let mut scene = watched();
    scene.pass(PING_AFTER);
    scene.lines_out();
    scene.call("a", 1, "1", "tools/call");
    scene.pass(PING_AFTER * 3);
    assert_eq!(scene.said(), [""; 0]);
}

#[test]
fn a_modern_server_is_asked_in_its_own_manner() {
    let mut scene = Scene::with(|limits| limits.ping_after = PING_AFTER);
    scene.bring_up_modern(r#"{"supportedVersions":["2026-07-28"],"capabilities":{}}"#);
    scene.pass(PING_AFTER);
    assert!(scene.lines_out()[0].contains("server/discover"));
}
