//! The one listen of the bridge at a server of 2026-07-28.

use super::*;
use crate::limits::{LISTEN_ACK_WAIT, RELISTEN_AFTER};

fn up() -> (Scene, u64) {
    let mut scene = Scene::new();
    scene.bring_up_modern(MODERN);
    let lines = scene.lines_out();
    let listen = id_of(&lines[0]);
    assert_eq!(filter(&lines[0]), r#"{"toolsListChanged":true}"#);
    for (session, stream) in [("a", 8), ("b", 9)] {
        scene.session(session, "2025-06-18", "{}");
        scene.listen(session, stream);
    }
    scene.forget();
    (scene, listen)
}

fn filter(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["method"], "subscriptions/listen");
    line["params"]["notifications"].to_string()
}

fn tagged(id: u64, method: &str, params: &str) -> String {
    note(
        method,
        &format!(r#"{{"_meta":{{"io.modelcontextprotocol/subscriptionId":{id},"x":1}}{params}}}"#),
    )
}

fn acknowledge(scene: &mut Scene, id: u64) {
    scene.line(&tagged(
        id,
        "notifications/subscriptions/acknowledged",
        r#","notifications":{}"#,
    ));
}

fn subscribe(scene: &mut Scene, session: &str, uri: &str) -> Vec<String> {
    scene.post(
        session,
        1,
        &request("1", "resources/subscribe", &format!(r#"{{"uri":"{uri}"}}"#)),
    );
    let lines = scene.lines_out();
    assert_eq!(scene.said(), [format!("1! {}", result(1, "{}"))]);
    lines
}

#[test]
fn a_change_reaches_every_session_without_the_mark_of_our_listen() {
    let (mut scene, listen) = up();
    acknowledge(&mut scene, listen);
    scene.line(&tagged(listen, "notifications/tools/list_changed", ""));
    let bare = note("notifications/tools/list_changed", r#"{"_meta":{"x":1}}"#);
    assert_eq!(scene.said(), [format!("8 {bare}"), format!("9 {bare}")]);
}

#[test]
fn a_change_of_another_listen_reaches_nobody_and_is_counted() {
    let (mut scene, listen) = up();
    acknowledge(&mut scene, listen);
    scene.line(&tagged(listen + 7, "notifications/tools/list_changed", ""));
    scene.line(&note("notifications/tools/list_changed", "{}"));
    assert_eq!(scene.said(), [""; 0]);
    let dropped = scene.events_of(|event| match event {
        HubEvent::MessageDropped { why, .. } => Some(why.as_str()),
        _ => None,
    });
    assert_eq!(dropped, ["unmatched", "unmatched"]);
}

#[test]
fn a_new_listen_takes_the_place_of_the_old_one_when_it_is_acknowledged() {
    let (mut scene, first) = up();
    acknowledge(&mut scene, first);
    let lines = subscribe(&mut scene, "a", "x:");
    let second = id_of(&lines[0]);
    assert_eq!(
        filter(&lines[0]),
        r#"{"resourceSubscriptions":["x:"],"toolsListChanged":true}"#
    );
    scene.line(&tagged(first, "notifications/tools/list_changed", ""));
    assert_eq!(scene.said().len(), 2, "the old one counts until then");
    acknowledge(&mut scene, second);
    let lines = scene.lines_out();
    assert!(lines[0].contains("notifications/cancelled") && lines[0].contains(&first.to_string()));
    scene.line(&tagged(first, "notifications/tools/list_changed", ""));
    assert_eq!(scene.said(), [""; 0], "nothing comes twice");
    scene.line(&tagged(
        second,
        "notifications/resources/updated",
        r#","uri":"x:""#,
    ));
    assert_eq!(scene.said().len(), 1);
}

#[test]
fn changes_while_a_listen_is_not_acknowledged_are_one_more_listen_and_not_many() {
    let (mut scene, first) = up();
    for uri in ["x:1", "x:2", "x:3"] {
        assert_eq!(subscribe(&mut scene, "a", uri), [""; 0]);
    }
    acknowledge(&mut scene, first);
    let lines = scene.lines_out();
    assert_eq!(lines.len(), 1);
    assert!(filter(&lines[0]).contains(r#"["x:1","x:2","x:3"]"#));
}

#[test]
fn what_nobody_wants_any_more_is_not_listened_for() {
    let (mut scene, first) = up();
    acknowledge(&mut scene, first);
    let second = id_of(&subscribe(&mut scene, "a", "x:")[0]);
    acknowledge(&mut scene, second);
    scene.forget();
    scene.close("a", 5);
    assert_eq!(
        filter(&scene.lines_out()[0]),
        r#"{"toolsListChanged":true}"#
    );
}

#[test]
fn a_fresh_process_is_listened_to_for_the_same() {
    let (mut scene, first) = up();
    acknowledge(&mut scene, first);
    subscribe(&mut scene, "a", "x:");
    scene.down(Loss::ProcessExited);
    scene.forget();
    scene.bring_up_modern(MODERN);
    assert!(filter(&scene.lines_out()[0]).contains("x:"));
}

#[rstest::rstest]
#[case::by_its_answer(|id| result(id, r#"{"resultType":"complete"}"#))]
#[case::by_cancelling(|id| note("notifications/cancelled", &format!(r#"{{"requestId":{id}}}"#)))]
fn a_listen_that_the_server_ends_is_opened_again_after_a_while(#[case] end: fn(u64) -> String) {
    let (mut scene, first) = up();
    acknowledge(&mut scene, first);
    scene.line(&end(first));
    scene.pass(RELISTEN_AFTER.saturating_sub(INSTANT));
    assert_eq!(scene.lines_out(), [""; 0]);
    scene.pass(INSTANT);
    assert_eq!(
        filter(&scene.lines_out()[0]),
        r#"{"toolsListChanged":true}"#
    );
}

#[test]
fn a_listen_that_the_server_refuses_is_not_repeated_until_something_else_is_wanted() {
    let (mut scene, first) = up();
    scene.line(&no_such_method(first));
    scene.pass(RELISTEN_AFTER * 9);
    assert_eq!(scene.lines_out(), [""; 0]);
    assert_eq!(subscribe(&mut scene, "a", "x:").len(), 1);
}

#[test]
fn a_server_that_does_not_acknowledge_is_listened_to_all_the_same() {
    let (mut scene, first) = up();
    scene.pass(LISTEN_ACK_WAIT);
    scene.line(&tagged(first, "notifications/tools/list_changed", ""));
    assert_eq!(scene.said().len(), 2);
}

#[test]
fn a_server_that_tells_no_changes_is_not_listened_to() {
    let mut scene = Scene::new();
    scene
        .bring_up_modern(r#"{"supportedVersions":["2026-07-28"],"capabilities":{"resources":{}}}"#);
    assert_eq!(scene.lines_out(), [""; 0]);
}
