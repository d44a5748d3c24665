//! Which era a fresh process is of, and what asking it costs.

use super::*;
use crate::{
    limits::{HANDSHAKE_TIMEOUT, PROBE_TIMEOUT},
    protocol::Revision,
};

const DISCOVER: &str = r#"{"jsonrpc":"2.0","id":2,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"hivewright-proxy","version":"9.9"},"io.modelcontextprotocol/clientCapabilities":{}}}}"#;

fn up(scene: &mut Scene) -> Vec<String> {
    scene.step(Input::Server(FromServer::Up));
    methods(scene)
}

/// The methods of the lines that went to the server.
fn methods(scene: &mut Scene) -> Vec<String> {
    let lines = scene.lines_out();
    let method = |line: &String| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["method"].as_str().unwrap_or_default().to_owned()
    };
    lines.iter().map(method).collect()
}

fn revisions(scene: &Scene) -> Vec<Option<&'static str>> {
    scene.events_of(|event| match event {
        HubEvent::ServerInitialized { revision, .. } => Some(revision.map(Revision::as_str)),
        _ => None,
    })
}

fn refusal(id: u64, code: i64, data: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"no","data":{data}}}}}"#
    )
}

#[test]
fn a_server_that_refuses_initialize_is_discovered_one_round_trip_later() {
    let mut scene = Scene::new();
    assert_eq!(up(&mut scene), ["initialize"]);
    scene.line(&no_such_method(1));
    assert_eq!(scene.lines_out(), [DISCOVER]);
    scene.line(&result(2, MODERN));
    assert_eq!(methods(&mut scene), ["subscriptions/listen"]);
    assert_eq!(revisions(&scene), [Some("2026-07-28")]);
    assert_eq!(scene.hub.server_era(), Era::Modern);
}

#[test]
fn a_server_that_takes_initialize_never_reads_a_word_of_the_modern_revision() {
    let mut scene = Scene::new();
    assert_eq!(up(&mut scene), ["initialize"]);
    scene.line(&result(1, SERVER));
    assert_eq!(methods(&mut scene), ["notifications/initialized"]);
    assert_eq!(revisions(&scene), [Some("2025-06-18")]);
    scene.pass(HANDSHAKE_TIMEOUT);
    assert_eq!(methods(&mut scene), [""; 0]);
}

#[test]
fn the_next_process_of_a_modern_server_is_discovered_at_once() {
    let mut scene = Scene::new();
    scene.bring_up_modern(MODERN);
    scene.down(Loss::ProcessExited);
    scene.forget();
    assert_eq!(up(&mut scene), ["server/discover"]);
}

#[rstest::rstest]
#[case::unknown_method(refusal(7, -32601, "null"))]
#[case::python_sdk(refusal(7, -32602, "\"\""))]
#[case::not_initialized(refusal(7, -32000, "{}"))]
#[case::another_result(result(7, r#"{"ok":true}"#))]
#[case::speaks_both_but_not_ours(
    refusal(7, -32022, r#"{"supported":["2027-01-01","2025-11-25"]}"#)
)]
#[case::discovered_legacy(result(7, r#"{"supportedVersions":["2025-11-25"],"capabilities":{}}"#))]
fn a_server_that_is_not_modern_any_more_is_initialized_one_round_trip_later(
    #[case] answer: String,
) {
    let mut scene = Scene::new();
    scene.bring_up_modern(MODERN);
    scene.down(Loss::ConnectionLost);
    scene.forget();
    scene.step(Input::Server(FromServer::Up));
    let asked = id_of(&scene.lines_out()[0]);
    scene.line(&answer.replace("\"id\":7", &format!("\"id\":{asked}")));
    assert_eq!(methods(&mut scene), ["initialize"]);
    scene.line(&result(asked + 1, SERVER));
    assert_eq!(methods(&mut scene), ["notifications/initialized"]);
    assert_eq!(revisions(&scene), [Some("2025-06-18")]);
}

#[rstest::rstest]
#[case(refusal(2, -32022, r#"{"supported":["2027-01-01"]}"#))]
#[case(result(2, r#"{"supportedVersions":["2027-01-01"],"capabilities":{}}"#))]
fn a_server_that_speaks_no_revision_of_ours_is_dropped(#[case] answer: String) {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.line(&no_such_method(1));
    scene.lines_out();
    scene.line(&answer);
    assert_eq!(scene.said(), ["drop not_mcp"]);
}

#[test]
fn a_server_that_says_nothing_to_initialize_is_discovered_after_the_probe_time() {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.pass(PROBE_TIMEOUT.saturating_sub(INSTANT));
    assert_eq!(scene.lines_out(), [""; 0]);
    scene.pass(INSTANT);
    assert_eq!(methods(&mut scene), ["server/discover"]);
    scene.line(&result(1, SERVER));
    assert_eq!(methods(&mut scene), ["notifications/initialized"]);
    scene.line(&refusal(2, -32601, "null"));
    assert_eq!(
        scene.said(),
        [""; 0],
        "a late answer to the other question changes nothing"
    );
}

#[test]
fn a_slow_server_that_refuses_initialize_is_modern() {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.pass(PROBE_TIMEOUT);
    scene.line(&result(2, MODERN));
    assert_eq!(revisions(&scene), [], "it may take initialize for a choice");
    scene.line(&refusal(1, -32601, "null"));
    assert_eq!(revisions(&scene), [Some("2026-07-28")]);
}

#[test]
fn a_slow_server_that_takes_initialize_too_has_chosen_the_legacy_session() {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.pass(PROBE_TIMEOUT);
    scene.line(&result(2, MODERN));
    scene.line(&result(1, SERVER));
    assert_eq!(revisions(&scene), [Some("2025-06-18")]);
}

#[test]
fn a_slow_modern_server_that_is_silent_to_initialize_is_not_waited_for_long() {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.pass(PROBE_TIMEOUT);
    scene.line(&result(2, MODERN));
    scene.pass(PROBE_TIMEOUT);
    assert_eq!(revisions(&scene), [Some("2026-07-28")]);
}

#[test]
fn a_slow_server_may_refuse_initialize_before_it_answers_the_probe() {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.pass(PROBE_TIMEOUT);
    scene.line(&refusal(1, -32601, "null"));
    scene.line(&result(2, MODERN));
    assert_eq!(revisions(&scene), [Some("2026-07-28")]);
}

#[test]
fn a_server_that_refuses_both_is_dropped_with_what_it_said_to_initialize() {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.line(&refusal(1, -32603, "\"no key\""));
    scene.line(&refusal(2, -32601, "null"));
    assert_eq!(methods(&mut scene), ["server/discover"]);
    assert_eq!(scene.said(), ["drop not_mcp"]);
    let excerpts = scene.events_of(|event| match event {
        HubEvent::HandshakeFailed { excerpt, .. } => Some(excerpt.contains("no key")),
        _ => None,
    });
    assert_eq!(excerpts, [true]);
}

#[test]
fn a_process_that_dies_of_the_probe_is_followed_by_one_that_is_not_asked() {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.pass(PROBE_TIMEOUT);
    assert_eq!(methods(&mut scene), ["server/discover"]);
    scene.down(Loss::ProcessExited);
    assert_eq!(up(&mut scene), ["initialize"]);
    scene.pass(HANDSHAKE_TIMEOUT.saturating_sub(INSTANT));
    assert_eq!(methods(&mut scene), [""; 0]);
}

#[test]
fn a_lost_connection_is_no_death_by_the_probe() {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.pass(PROBE_TIMEOUT);
    scene.down(Loss::ConnectionLost);
    scene.forget();
    assert_eq!(up(&mut scene), ["initialize"]);
    scene.pass(PROBE_TIMEOUT);
    assert_eq!(methods(&mut scene), ["server/discover"]);
}

#[test]
fn the_next_process_of_a_legacy_server_is_initialized_without_a_probe() {
    let mut scene = Scene::ready();
    scene.down(Loss::ProcessExited);
    assert_eq!(up(&mut scene), ["initialize"]);
}

#[test]
fn the_handshake_has_one_end_however_often_it_is_asked() {
    let mut scene = Scene::new();
    up(&mut scene);
    scene.pass(HANDSHAKE_TIMEOUT.saturating_sub(INSTANT));
    assert_eq!(methods(&mut scene), ["server/discover"]);
    scene.pass(INSTANT);
    assert_eq!(scene.said(), ["drop handshake_timeout"]);
}

#[test]
fn legacy_clients_read_of_a_modern_server_what_initialize_has_to_say() {
    let mut scene = Scene::new();
    scene.bring_up_modern(MODERN);
    scene.forget();
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    let expected = r#"{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},"logging":{}},"serverInfo":{"name":"echo","version":"2.0"},"instructions":"Be kind."}"#;
    assert_eq!(
        scene.said(),
        [
            "1 opened a".to_owned(),
            format!("1! {}", result(0, expected))
        ]
    );
}

#[test]
fn a_modern_server_without_a_name_has_one_for_legacy_clients() {
    let mut scene = Scene::new();
    scene.bring_up_modern(r#"{"supportedVersions":["2026-07-28"],"capabilities":{}}"#);
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    let said = scene.said();
    assert!(
        said[1].contains(r#""serverInfo":{"name":"mcp-server","version":"0"}"#),
        "{said:?}"
    );
}
