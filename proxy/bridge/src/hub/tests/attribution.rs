use super::*;
use crate::{event::AskOutcome, limits::CANCEL_GRACE};

fn two_sessions() -> Scene {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", ABLE);
    scene.session("b", "2025-06-18", ABLE);
    scene
}

/// Whether the server is refused because nobody can be named.
fn unattributable(scene: &mut Scene) -> bool {
    scene.forget();
    scene.line(&request("1", "elicitation/create", "{}"));
    let outcomes = scene.events_of(|event| match event {
        HubEvent::AskFinished { outcome, .. } => Some(*outcome),
        _ => None,
    });
    let refused = outcomes == [AskOutcome::NotAttributable];
    assert_eq!(refused, scene.said()[0].starts_with("server "));
    refused
}

#[test]
fn with_calls_of_two_sessions_in_flight_nobody_is_asked() {
    let mut scene = two_sessions();
    scene.call("a", 1, "1", "tools/call");
    let of_b = scene.call("b", 2, "1", "tools/call");
    assert!(unattributable(&mut scene));
    scene.line(&result(of_b, "{}"));
    assert!(!unattributable(&mut scene), "only a is left");
}

#[test]
fn with_no_call_in_flight_nobody_is_asked() {
    assert!(unattributable(&mut two_sessions()));
}

#[test]
fn a_cancelled_call_counts_until_its_grace_is_over() {
    let mut scene = two_sessions();
    scene.call("a", 1, "1", "tools/call");
    scene.post(
        "a",
        2,
        &note("notifications/cancelled", r#"{"requestId":1}"#),
    );
    assert!(
        unattributable(&mut scene),
        "the cancelled call itself causes nothing"
    );
    scene.call("b", 3, "1", "tools/call");
    assert!(
        unattributable(&mut scene),
        "the server may still work for a"
    );
    scene.pass(CANCEL_GRACE);
    assert!(!unattributable(&mut scene));
}

#[test]
fn the_calls_of_a_session_that_ended_count_until_their_grace_is_over() {
    let mut scene = two_sessions();
    scene.call("a", 1, "1", "tools/call");
    scene.close("a", 2);
    scene.call("b", 3, "1", "tools/call");
    assert!(unattributable(&mut scene));
    scene.pass(CANCEL_GRACE);
    assert!(!unattributable(&mut scene));
}

#[test]
fn roots_are_asked_of_the_only_session_even_without_a_call() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", ABLE);
    scene.listen("a", 9);
    scene.forget();
    scene.line(&request("1", "roots/list", "{}"));
    assert!(scene.said()[0].starts_with("9 "));
    scene.session("b", "2025-06-18", ABLE);
    scene.line(&request("2", "roots/list", "{}"));
    assert!(scene.said()[0].starts_with("server "));
}

#[test]
fn changed_roots_are_told_to_the_server_by_the_only_session() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", ABLE);
    let changed = note("notifications/roots/list_changed", "{}");
    scene.post("a", 1, &changed);
    assert_eq!(scene.lines_out(), [changed.as_str()]);
    scene.session("b", "2025-06-18", ABLE);
    scene.post("a", 2, &changed);
    assert_eq!(scene.lines_out(), [""; 0]);
}

#[test]
fn log_messages_go_to_the_session_that_caused_them_and_are_never_broadcast() {
    let mut scene = two_sessions();
    scene.listen("a", 8);
    scene.listen("b", 9);
    scene.forget();
    let log = note("notifications/message", r#"{"level":"info","data":"x"}"#);
    scene.line(&log);
    assert_eq!(scene.said(), [""; 0], "nobody in flight");
    scene.call("a", 1, "1", "tools/call");
    scene.line(&log);
    assert_eq!(scene.said(), [format!("1 {log}")]);
    scene.call("b", 2, "1", "tools/call");
    scene.line(&log);
    assert_eq!(scene.said(), [""; 0], "both in flight");
}

/// A scene whose process is for one session at a time.
fn exclusive() -> Scene {
    let mut scene = Scene::new();
    scene.hub.config.exclusive = true;
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", ABLE);
    scene.listen("a", 9);
    scene.forget();
    scene
}

#[test]
fn a_process_of_one_session_asks_it_and_logs_to_it_without_a_call_in_flight() {
    let mut scene = exclusive();
    scene.line(&request("1", "sampling/createMessage", "{}"));
    assert!(scene.said()[0].starts_with("9 "), "asked on the listener");
    let log = note("notifications/message", r#"{"level":"info","data":"x"}"#);
    scene.line(&log);
    assert_eq!(scene.said(), [format!("9 {log}")]);
}

#[test]
fn a_process_of_one_session_that_serves_two_after_all_guesses_nothing() {
    let mut scene = exclusive();
    scene.session("b", "2025-06-18", ABLE);
    scene.forget();
    scene.line(&request("1", "sampling/createMessage", "{}"));
    assert!(scene.said()[0].starts_with("server "), "refused");
}

#[test]
fn who_has_the_process_is_told_from_who_waits_for_it() {
    let mut scene = Scene::new();
    assert_eq!(scene.hub.tenants(), Tenants::None);
    scene.open("a", 1, &initialize("2025-06-18", ABLE));
    assert_eq!(scene.hub.tenants(), Tenants::Waiting);
    scene.bring_up(SERVER);
    assert_eq!(scene.hub.tenants(), Tenants::Sessions);
    scene.close("a", 2);
    assert_eq!(scene.hub.tenants(), Tenants::None);
}
