use super::*;
use crate::event::{DropReason, Side};

fn dropped(scene: &Scene, from: Side) -> Vec<DropReason> {
    scene.events_of(|event| match event {
        HubEvent::MessageDropped {
            from: side, why, ..
        } if *side == from => Some(*why),
        _ => None,
    })
}

fn progress(token: &str) -> String {
    note(
        "notifications/progress",
        &format!(r#"{{"progress":0.50,"progressToken":{token}}}"#),
    )
}

#[test]
fn progress_returns_on_its_calls_stream_under_the_clients_own_token() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.session("b", "2025-06-18", "{}");
    let body = request("1", "tools/call", r#"{"_meta":{"progressToken":"same"}}"#);
    scene.post("a", 1, &body);
    scene.post("b", 2, &body);
    let ids: Vec<_> = scene.lines_out().iter().map(|line| id_of(line)).collect();
    scene.line(&progress(&ids[1].to_string()));
    scene.line(&progress(&ids[0].to_string()));
    let expected = progress("\"same\"");
    assert_eq!(
        scene.said(),
        [format!("2 {expected}"), format!("1 {expected}")]
    );
}

#[test]
fn progress_of_a_call_whose_stream_is_gone_takes_the_listener() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.post(
        "a",
        1,
        &request("1", "tools/call", r#"{"_meta":{"progressToken":7}}"#),
    );
    let id = id_of(&scene.lines_out()[0]);
    scene.gone(1);
    scene.line(&progress(&id.to_string()));
    assert_eq!(dropped(&scene, Side::Server), [DropReason::NoStream]);
    scene.listen("a", 2);
    scene.forget();
    scene.line(&progress(&id.to_string()));
    assert_eq!(scene.said(), [format!("2 {}", progress("7"))]);
}

#[test]
fn progress_that_nobody_asked_for_goes_nowhere() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.listen("a", 9);
    let id = scene.call("a", 1, "1", "tools/call");
    scene.forget();
    scene.line(&progress(&id.to_string()));
    scene.line(&progress("\"x\""));
    scene.line(&note("notifications/progress", "{}"));
    assert_eq!(scene.said(), [""; 0]);
    let expected = [
        DropReason::Unmatched,
        DropReason::Unmatched,
        DropReason::Malformed,
    ];
    assert_eq!(dropped(&scene, Side::Server), expected);
}

#[test]
fn a_changed_list_is_told_once_to_every_session_that_listens() {
    let mut scene = Scene::ready();
    for (session, stream) in [("a", 8), ("b", 9)] {
        scene.session(session, "2025-06-18", "{}");
        scene.listen(session, stream);
        scene.forget();
    }
    scene.session("c", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    for list in ["tools", "resources", "prompts"] {
        let changed = note(&format!("notifications/{list}/list_changed"), "{}");
        scene.line(&changed);
        assert_eq!(
            scene.said(),
            [format!("8 {changed}"), format!("9 {changed}")]
        );
    }
}

#[test]
fn the_clients_initialized_stops_at_the_bridge() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.post("a", 1, &note("notifications/initialized", "{}"));
    assert_eq!(scene.said(), ["1 accepted"]);
    assert_eq!(dropped(&scene, Side::Client), [DropReason::Absorbed]);
}

#[test]
fn an_unknown_notification_passes_unchanged_but_for_line_breaks() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.post(
        "a",
        1,
        "{\"jsonrpc\":\"2.0\",\n\"method\":\"notifications/mine\"}",
    );
    assert_eq!(
        scene.lines_out(),
        ["{\"jsonrpc\":\"2.0\", \"method\":\"notifications/mine\"}"]
    );
}

#[test]
fn an_unknown_notification_of_the_server_goes_to_the_session_that_caused_it() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    let mine = note("notifications/mine", "{}");
    scene.line(&mine);
    assert_eq!(scene.said(), [format!("1 {mine}")]);
}
