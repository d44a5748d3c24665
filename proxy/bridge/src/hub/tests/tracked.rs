//! Log levels and subscriptions, which the one server has for all sessions.

use super::*;

fn two_sessions() -> Scene {
    let mut scene = Scene::ready();
    for (session, stream) in [("a", 8), ("b", 9)] {
        scene.session(session, "2025-06-18", "{}");
        scene.listen(session, stream);
    }
    scene.forget();
    scene
}

/// Posts on stream 1, answers what goes to the server with `{}`, and gives those lines' bodies
/// without their ids.
fn settle(scene: &mut Scene, session: &str, id: u32, method: &str, params: &str) -> Vec<String> {
    scene.post(session, 1, &request(&id.to_string(), method, params));
    let lines = scene.lines_out();
    let bare = lines
        .iter()
        .map(|line| line.replace(&format!("\"id\":{},", id_of(line)), ""));
    let bare = bare.collect();
    for line in &lines {
        scene.line(&result(id_of(line), "{}"));
    }
    assert_eq!(scene.said(), [format!("1! {}", result(id, "{}"))]);
    bare
}

fn bare(method: &str, params: &str) -> String {
    note(method, params)
}

fn level(level: &str) -> String {
    format!(r#"{{"level":"{level}"}}"#)
}

fn log(at: &str) -> String {
    note("notifications/message", &level(at))
}

#[test]
fn the_server_gets_the_most_verbose_level_and_hears_of_changes_only() {
    let mut scene = two_sessions();
    let method = "logging/setLevel";
    assert_eq!(
        settle(&mut scene, "a", 1, method, &level("warning")),
        [bare(method, &level("warning"))]
    );
    assert_eq!(
        settle(&mut scene, "b", 2, method, &level("debug")),
        [bare(method, &level("debug"))]
    );
    assert_eq!(settle(&mut scene, "a", 3, method, &level("error")), [""; 0]);
    scene.close("b", 4);
    let lines = scene.lines_out();
    assert!(
        lines[0].contains(r#""params":{"level":"error"}"#),
        "{lines:?}"
    );
}

#[test]
fn each_session_gets_only_messages_of_its_own_level() {
    let mut scene = two_sessions();
    settle(&mut scene, "a", 1, "logging/setLevel", &level("warning"));
    settle(&mut scene, "b", 1, "logging/setLevel", &level("debug"));
    let call = scene.call("a", 2, "2", "tools/call");
    for at in ["debug", "notice", "warning", "emergency"] {
        scene.line(&log(at));
    }
    assert_eq!(
        scene.said(),
        [
            format!("2 {}", log("warning")),
            format!("2 {}", log("emergency"))
        ]
    );
    scene.line(&result(call, "{}"));
    scene.call("b", 3, "2", "tools/call");
    scene.forget();
    scene.line(&log("debug"));
    assert_eq!(scene.said(), [format!("3 {}", log("debug"))]);
}

#[test]
fn a_level_that_the_server_refuses_is_not_kept() {
    let mut scene = two_sessions();
    scene.post("a", 1, &request("1", "logging/setLevel", &level("error")));
    let id = id_of(&scene.lines_out()[0]);
    scene.line(&format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"no"}}}}"#
    ));
    scene.call("a", 2, "2", "tools/call");
    scene.forget();
    scene.line(&log("debug"));
    assert_eq!(scene.said(), [format!("2 {}", log("debug"))]);
    scene.down(Loss::ProcessExited);
    scene.bring_up(SERVER);
    assert_eq!(scene.lines_out().len(), 1, "initialized, and no level");
}

#[test]
fn a_level_that_does_not_exist_is_refused() {
    let mut scene = two_sessions();
    scene.post("a", 1, &request("1", "logging/setLevel", &level("loud")));
    let said = scene.said();
    assert!(
        said[0].starts_with("1! ") && said[0].contains("-32602"),
        "{said:?}"
    );
}

#[test]
fn the_server_is_subscribed_once_and_unsubscribed_with_the_last() {
    let mut scene = two_sessions();
    let (on, off, uri) = (
        "resources/subscribe",
        "resources/unsubscribe",
        r#"{"uri":"f:///x"}"#,
    );
    assert_eq!(settle(&mut scene, "a", 1, on, uri), [bare(on, uri)]);
    assert_eq!(settle(&mut scene, "b", 2, on, uri), [""; 0]);
    assert_eq!(settle(&mut scene, "a", 3, off, uri), [""; 0]);
    assert_eq!(settle(&mut scene, "b", 4, off, uri), [bare(off, uri)]);
    assert_eq!(scene.hub.counts().subscriptions, 0);
}

#[test]
fn an_update_reaches_the_subscribers_of_the_resource_or_of_what_it_is_part_of() {
    let mut scene = two_sessions();
    settle(
        &mut scene,
        "a",
        1,
        "resources/subscribe",
        r#"{"uri":"f:///x"}"#,
    );
    settle(
        &mut scene,
        "b",
        1,
        "resources/subscribe",
        r#"{"uri":"f:\/\/\/x/é"}"#,
    );
    let updated = |uri: &str| {
        note(
            "notifications/resources/updated",
            &format!(r#"{{"uri":"{uri}"}}"#),
        )
    };
    let mut reach = |uri: &str| {
        scene.line(&updated(uri));
        let said = scene.said();
        said.iter()
            .map(|text| text.split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(reach("f:///x"), ["8"]);
    assert_eq!(reach("f:///x/\\u00e9"), ["8", "9"]);
    assert_eq!(reach("f:///x/other"), ["8"]);
    assert_eq!(reach("f:///xy"), [""; 0]);
    assert_eq!(reach("f:///"), [""; 0]);
}

#[test]
fn a_subscription_that_the_server_refuses_is_not_kept() {
    let mut scene = two_sessions();
    scene.post(
        "a",
        1,
        &request("1", "resources/subscribe", r#"{"uri":"x:"}"#),
    );
    let id = id_of(&scene.lines_out()[0]);
    scene.line(&format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-1,"message":"no"}}}}"#
    ));
    assert_eq!(scene.hub.counts().subscriptions, 0);
}

#[test]
fn the_end_of_the_last_subscriber_unsubscribes_the_server() {
    let mut scene = two_sessions();
    settle(&mut scene, "a", 1, "resources/subscribe", r#"{"uri":"x:"}"#);
    scene.close("a", 2);
    let lines = scene.lines_out();
    assert!(lines[0].contains("resources/unsubscribe"), "{lines:?}");
    scene.line(&result(id_of(&lines[0]), "{}"));
    scene.assert_nothing_waits();
}

#[test]
fn a_fresh_process_is_told_levels_and_subscriptions_before_any_held_call() {
    let mut scene = two_sessions();
    settle(&mut scene, "a", 1, "logging/setLevel", &level("info"));
    settle(
        &mut scene,
        "b",
        1,
        "resources/subscribe",
        r#"{"uri":"x:\""}"#,
    );
    scene.down(Loss::ProcessExited);
    scene.post("a", 1, &request("7", "tools/call", "{}"));
    scene.bring_up(SERVER);
    let lines = scene.lines_out();
    let methods: Vec<_> = lines
        .iter()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["method"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        methods,
        [
            "notifications/initialized",
            "logging/setLevel",
            "resources/subscribe",
            "tools/call"
        ]
    );
    assert!(lines[2].contains(r#"{"uri":"x:\""}"#));
    scene.forget();
    assert_eq!(scene.hub.counts().pending, 3);
    for line in &lines[1..3] {
        scene.line(&result(id_of(line), "{}"));
    }
    assert_eq!(scene.said(), [""; 0], "nobody waits for these answers");
    assert_eq!(
        settle(
            &mut scene,
            "a",
            2,
            "resources/subscribe",
            r#"{"uri":"x:\""}"#
        ),
        [""; 0]
    );
}

#[test]
fn a_new_subscriber_is_not_told_yes_before_the_fresh_process_has_said_so() {
    let mut scene = two_sessions();
    let uri = r#"{"uri":"x:"}"#;
    settle(&mut scene, "a", 1, "resources/subscribe", uri);
    scene.down(Loss::ProcessExited);
    scene.bring_up(SERVER);
    scene.forget();
    scene.post("b", 2, &request("1", "resources/subscribe", uri));
    assert_eq!(scene.lines_out().len(), 1);
    assert_eq!(scene.said(), [""; 0]);
}

#[test]
fn a_subscription_to_a_folder_covers_what_is_in_it() {
    let mut scene = two_sessions();
    settle(
        &mut scene,
        "a",
        1,
        "resources/subscribe",
        r#"{"uri":"f:///x/"}"#,
    );
    scene.line(&note(
        "notifications/resources/updated",
        r#"{"uri":"f:///x/y"}"#,
    ));
    assert_eq!(scene.said().len(), 1);
}

#[test]
fn an_ended_subscription_makes_room_for_another() {
    let mut scene = Scene::with(|limits| limits.max_subscriptions = 1);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", "{}");
    for id in 0..3 {
        settle(
            &mut scene,
            "a",
            id,
            "resources/subscribe",
            r#"{"uri":"x:"}"#,
        );
        settle(
            &mut scene,
            "a",
            id,
            "resources/unsubscribe",
            r#"{"uri":"x:"}"#,
        );
    }
}

#[test]
fn a_subscription_that_a_modern_server_does_not_offer_is_an_error() {
    let mut scene = Scene::new();
    scene
        .bring_up_modern(r#"{"supportedVersions":["2026-07-28"],"capabilities":{"resources":{}}}"#);
    scene.session("a", "2025-06-18", "{}");
    scene.post(
        "a",
        2,
        &request("1", "resources/subscribe", r#"{"uri":"x:"}"#),
    );
    let said = scene.said();
    assert!(
        said.len() == 1 && said[0].contains("\"code\":-32601"),
        "{said:?}"
    );
}
