use super::*;
use crate::{
    event::{CloseReason, Door},
    limits::IDLE_TIMEOUT,
};

fn closed(scene: &Scene) -> Vec<(String, CloseReason)> {
    scene.events_of(|event| match event {
        HubEvent::SessionClosed { session, why, .. } => Some((session.to_string(), *why)),
        _ => None,
    })
}

#[rstest::rstest]
#[case::request(request("1", "tools/list", "{}"), "1 refused 400 session_required")]
#[case::note(
    note("notifications/initialized", "{}"),
    "1 refused 400 session_required"
)]
#[case::batch(format!("[{}]", initialize("2025-03-26", "{}")), "1 refused 400 session_required")]
#[case::no_json("}".to_owned(), "1 refused 400 not_json")]
#[case::no_version(request("1", "initialize", "{}"), "1 refused 400 invalid_params")]
fn without_a_session_only_a_good_initialize_is_taken(#[case] body: String, #[case] said: &str) {
    let mut scene = Scene::ready();
    scene.open("a", 1, &body);
    assert_eq!(scene.said(), [said]);
    assert_eq!(scene.hub.counts().sessions, 0);
}

#[test]
fn an_unknown_session_is_404_for_everything() {
    let mut scene = Scene::ready();
    scene.post("x", 1, &request("1", "ping", "{}"));
    scene.listen("x", 2);
    scene.close("x", 3);
    assert_eq!(
        scene.said(),
        [
            "1 refused 404 unknown_session",
            "2 refused 404 unknown_session",
            "3 refused 404 unknown_session"
        ]
    );
}

#[test]
fn a_revision_header_that_is_not_ours_is_refused_and_a_missing_one_is_not() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let ping = request("1", "ping", "{}");
    scene.post_version("a", 1, Some("2099-01-01"), &ping);
    assert_eq!(scene.said(), ["1 refused 400 unsupported_version"]);
    scene.post_version("a", 2, Some("2025-06-18"), &ping);
    scene.post_version("a", 3, None, &ping);
    assert_eq!(scene.said().len(), 2);
    let version = Some("x".into());
    scene.client(FromClient::Listen {
        session: "a".into(),
        version,
        stream: StreamKey(4),
    });
    assert_eq!(scene.said(), ["4 refused 400 unsupported_version"]);
}

#[test]
fn delete_cancels_the_calls_and_ends_the_streams() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.listen("a", 9);
    let id = scene.call("a", 1, "1", "tools/call");
    scene.forget();
    scene.close("a", 2);
    assert_eq!(
        scene.said(),
        [
            format!(
                r#"server {{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id},"reason":"the client's session ended"}}}}"#
            ),
            "1 end".to_owned(),
            "9 end".to_owned(),
            "2 accepted".to_owned(),
        ]
    );
    assert_eq!(closed(&scene), [("a".to_owned(), CloseReason::Deleted)]);
    scene.line(&result(id, "{}"));
    scene.post("a", 3, &request("1", "ping", "{}"));
    assert_eq!(scene.said(), ["3 refused 404 unknown_session"]);
    scene.assert_nothing_waits();
    assert_eq!(scene.hub.counts().streams, 0);
}

#[test]
fn a_newer_listener_replaces_the_old_one() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.listen("a", 1);
    scene.listen("a", 2);
    assert_eq!(scene.said(), ["1 accepted", "1 end", "2 accepted"]);
    scene.gone(1);
    scene.line(&note("notifications/tools/list_changed", "{}"));
    assert_eq!(
        scene.said().len(),
        1,
        "the end of the old one does not take the new one away"
    );
}

#[test]
fn an_idle_session_ends_and_one_with_a_stream_a_call_or_a_message_does_not() {
    let mut scene = Scene::ready();
    for session in ["idle", "listens", "calls", "talks"] {
        scene.session(session, "2025-06-18", "{}");
    }
    scene.listen("listens", 1);
    scene.call("calls", 2, "1", "tools/call");
    scene.pass(IDLE_TIMEOUT / 2);
    scene.post("talks", 3, &request("1", "ping", "{}"));
    assert_eq!(closed(&scene), []);
    scene.pass(IDLE_TIMEOUT / 2 + IDLE_TIMEOUT / 32);
    assert_eq!(closed(&scene), [("idle".to_owned(), CloseReason::Idle)]);
    scene.gone(1);
    scene.pass(IDLE_TIMEOUT + IDLE_TIMEOUT / 16);
    let names: Vec<_> = closed(&scene).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names[1..],
        ["talks", "listens"],
        "the call of the other is still in flight"
    );
}

#[test]
fn no_session_ends_before_its_idle_time() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.pass(IDLE_TIMEOUT.saturating_sub(INSTANT));
    assert_eq!(closed(&scene), []);
}

#[test]
fn without_sessions_and_calls_no_tick_is_wanted() {
    let mut scene = Scene::ready();
    let health = scene.hub.next_deadline();
    assert_eq!(health, Some(scene.now + NEVER));
    scene.session("a", "2025-06-18", "{}");
    scene.close("a", 1);
    scene.pass(IDLE_TIMEOUT * 2);
    assert_eq!(
        scene.hub.next_deadline(),
        health,
        "but for the server's health"
    );
    scene.down(Loss::ProcessExited);
    assert_eq!(scene.hub.next_deadline(), None);
}

#[test]
fn the_snapshot_shows_the_sessions_but_not_their_ids() {
    let mut scene = Scene::ready();
    scene.session("0123456789abcdef", "2025-06-18", "{}");
    scene.call("0123456789abcdef", 1, "1", "tools/call");
    scene.pass(Now::from_secs(5));
    let snapshot = scene.hub.snapshot(scene.now);
    assert_eq!(snapshot.server.phase, ServerPhase::Ready);
    assert_eq!(
        (&*snapshot.server.name, snapshot.counts.pending),
        ("echo", 1)
    );
    assert_eq!(
        snapshot.sessions,
        [SessionSnapshot {
            id_prefix: "01234567".to_owned(),
            door: Door::Streamable.as_str(),
            revision: Some("2025-06-18"),
            age_seconds: 5,
            idle_seconds: 5,
            pending: 1,
            listening: false,
        }]
    );
}
