//! Sessions of earlier revisions in front of a server of 2026-07-28.

use super::*;

pub(super) const INTRO: &str = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"sampling":{},"elicitation":{},"roots":{}},"io.modelcontextprotocol/clientInfo":{"name":"t","version":"0"}"#;

/// A modern server and two sessions that can be asked everything.
pub(super) fn modern() -> Scene {
    let mut scene = Scene::new();
    scene.bring_up_modern(MODERN);
    scene.session("a", "2025-06-18", ABLE);
    scene.session("b", "2025-11-25", ABLE);
    scene
}

#[test]
fn each_request_says_who_asks() {
    let mut scene = modern();
    scene.post("a", 1, &request("7", "tools/list", r#"{"cursor": "x"}"#));
    let line = scene.lines_out().pop().unwrap();
    let id = id_of(&line);
    assert_eq!(
        line,
        request(
            &id.to_string(),
            "tools/list",
            &format!(r#"{{"_meta":{{{INTRO}}},"cursor": "x"}}"#)
        )
    );
    scene.line(&result(id, r#"{"resultType":"complete","tools":[]}"#));
    assert_eq!(
        scene.said(),
        [format!(
            "1! {}",
            result(7, r#"{"resultType":"complete","tools":[]}"#)
        )]
    );
}

#[test]
fn a_call_that_was_held_before_the_era_was_known_says_who_asks_too() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", ABLE);
    scene.down(Loss::ProcessExited);
    scene.post("a", 1, &request("7", "tools/call", "{}"));
    scene.bring_up_modern(MODERN);
    let lines = scene.lines_out();
    assert!(lines.iter().any(|line| line.contains(INTRO)), "{lines:?}");
}

#[test]
fn a_level_is_said_in_each_request_and_the_server_is_told_of_none() {
    let mut scene = modern();
    scene.post(
        "a",
        1,
        &request("1", "logging/setLevel", r#"{"level":"info"}"#),
    );
    assert_eq!(scene.said(), [format!("1! {}", result(1, "{}"))]);
    scene.post("a", 2, &request("2", "tools/call", "{}"));
    let line = scene.lines_out().pop().unwrap();
    assert!(
        line.contains(r#""io.modelcontextprotocol/logLevel":"info""#),
        "{line}"
    );
    scene.post("b", 3, &request("2", "tools/call", "{}"));
    let line = scene.lines_out().pop().unwrap();
    assert!(!line.contains("logLevel"), "{line}");
}

#[test]
fn methods_that_the_server_does_not_have_end_at_the_bridge() {
    let mut scene = modern();
    for (id, method) in ["ping", "resources/subscribe", "resources/unsubscribe"]
        .iter()
        .enumerate()
    {
        scene.post("a", 1, &request(&id.to_string(), method, r#"{"uri":"x:"}"#));
        let said = scene.said();
        assert_eq!(
            said.last(),
            Some(&format!("1! {}", result(id, "{}"))),
            "{said:?}"
        );
        assert!(!said.iter().any(|line| line.contains(method)), "{said:?}");
    }
    scene.post("a", 2, &note("notifications/initialized", "{}"));
    scene.post("a", 3, &note("notifications/roots/list_changed", "{}"));
    assert_eq!(scene.said(), ["2 accepted", "3 accepted"]);
}

#[test]
fn what_was_held_for_an_unknown_server_and_it_does_not_have_is_answered_by_the_bridge() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", ABLE);
    scene.down(Loss::ProcessExited);
    scene.post(
        "a",
        1,
        &request("1", "logging/setLevel", r#"{"level":"info"}"#),
    );
    scene.post(
        "a",
        2,
        &request("2", "resources/subscribe", r#"{"uri":"x:"}"#),
    );
    scene.bring_up_modern(MODERN);
    scene.lines_out();
    assert_eq!(
        scene.said(),
        [
            format!("1! {}", result(1, "{}")),
            format!("2! {}", result(2, "{}"))
        ]
    );
    scene.assert_nothing_waits();
}

#[test]
fn a_resource_that_is_not_there_has_the_code_of_the_clients_revision() {
    let mut scene = modern();
    let error = |id: &str, code: i64| {
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"no","data":{{"uri":"x:"}}}}}}"#
        )
    };
    let id = scene.call("a", 1, "1", "resources/read");
    scene.line(&error(&id.to_string(), -32602));
    assert_eq!(scene.said(), [format!("1! {}", error("1", -32002))]);
    let id = scene.call("a", 1, "2", "tools/call");
    scene.line(&error(&id.to_string(), -32602));
    assert_eq!(scene.said(), [format!("1! {}", error("2", -32602))]);
}
