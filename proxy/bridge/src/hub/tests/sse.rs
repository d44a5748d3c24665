//! The HTTP+SSE door (2024-11-05): one stream carries everything to the client.

use super::*;
use crate::event::CloseReason;

fn connected() -> Scene {
    let mut scene = Scene::ready();
    scene.client(FromClient::OpenSse {
        session: "s".into(),
        stream: StreamKey(1),
    });
    assert_eq!(scene.said(), ["1 accepted"]);
    scene
}

fn initialized() -> Scene {
    let mut scene = connected();
    scene.post("s", 2, &initialize("2024-11-05", ABLE));
    scene.forget();
    scene
}

#[test]
fn the_post_gets_the_verdict_and_the_stream_the_answer() {
    let mut scene = connected();
    scene.post("s", 2, &initialize("2024-11-05", "{}"));
    let answer = result("0", &SERVER.replace("2025-06-18", "2024-11-05"));
    assert_eq!(
        scene.said(),
        ["2 accepted".to_owned(), format!("1 {answer}")]
    );
    let id = scene.call("s", 3, "1", "tools/call");
    assert_eq!(scene.said(), ["3 accepted"]);
    scene.line(&result(id, "{}"));
    assert_eq!(scene.said(), [r#"1 {"jsonrpc":"2.0","id":1,"result":{}}"#]);
}

#[test]
fn before_initialize_only_a_ping_is_answered_and_a_probe_gets_its_error_by_the_stream() {
    let mut scene = connected();
    scene.post("s", 2, &request("1", "server/discover", "{}"));
    scene.post("s", 3, &request("1", "ping", "{}"));
    assert_eq!(
        scene.said(),
        [
            "2 accepted",
            r#"1 {"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"the session is not initialized yet; send initialize first"}}"#,
            "3 accepted",
            r#"1 {"jsonrpc":"2.0","id":1,"result":{}}"#
        ]
    );
}

#[test]
fn initialize_waits_for_the_server_and_may_be_tried_again_after_that() {
    let mut scene = Scene::new();
    scene.client(FromClient::OpenSse {
        session: "s".into(),
        stream: StreamKey(1),
    });
    scene.post("s", 2, &initialize("2024-11-05", "{}"));
    scene.post("s", 3, &initialize("2024-11-05", "{}"));
    assert_eq!(
        scene.said(),
        [
            "1 accepted",
            "2 accepted",
            "3 refused 400 already_initialized"
        ]
    );
    scene.pass(crate::limits::HOLD_TIMEOUT);
    assert_eq!(
        scene.said(),
        [format!(
            "1 {}",
            refused("0", &Refusal::ServerUnavailable(None))
        )]
    );
    scene.post("s", 4, &initialize("2024-11-05", "{}"));
    scene.bring_up(SERVER);
    scene.lines_out();
    assert_eq!(scene.said().len(), 2);
    assert_eq!(
        scene.hub.snapshot(scene.now).sessions[0].revision,
        Some("2024-11-05")
    );
}

#[test]
fn what_the_server_asks_comes_on_the_stream_and_is_answered_by_post() {
    let mut scene = initialized();
    scene.call("s", 3, "1", "tools/call");
    scene.forget();
    scene.line(&request("9", "sampling/createMessage", "{}"));
    let said = scene.said();
    let ask = id_of(said[0].strip_prefix("1 ").unwrap());
    scene.post("s", 4, &result(ask, "{}"));
    assert_eq!(
        scene.said(),
        [
            "4 accepted",
            r#"server {"jsonrpc":"2.0","id":9,"result":{}}"#
        ]
    );
}

#[test]
fn the_session_lives_as_long_as_its_stream() {
    let mut scene = initialized();
    let id = scene.call("s", 3, "1", "tools/call");
    scene.forget();
    scene.gone(1);
    let lines = scene.lines_out();
    assert!(
        lines[0].contains(&format!("\"requestId\":{id},")),
        "{lines:?}"
    );
    assert_eq!(scene.said(), [""; 0]);
    let why = scene.events_of(|event| match event {
        HubEvent::SessionClosed { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(why, [CloseReason::StreamGone]);
    scene.post("s", 4, &request("1", "ping", "{}"));
    assert_eq!(scene.said(), ["4 refused 404 unknown_session"]);
}

#[test]
fn a_connection_that_never_initialized_opens_and_closes_no_session_in_the_events() {
    let mut scene = connected();
    scene.gone(1);
    assert_eq!(scene.events, []);
    assert_eq!(scene.hub.counts(), Counts::default());
}

#[test]
fn the_other_doors_ways_are_refused() {
    let mut scene = initialized();
    scene.listen("s", 5);
    scene.close("s", 6);
    assert_eq!(
        scene.said(),
        ["5 refused 400 wrong_door", "6 refused 400 wrong_door"]
    );
}

#[test]
fn two_connections_with_colliding_ids_each_get_their_own() {
    let mut scene = Scene::ready();
    for (session, stream) in [("a", 1), ("b", 2)] {
        scene.client(FromClient::OpenSse {
            session: session.into(),
            stream: StreamKey(stream),
        });
        scene.post(session, 10, &initialize("2024-11-05", "{}"));
    }
    let of_a = scene.call("a", 11, "1", "tools/call");
    let of_b = scene.call("b", 12, "1", "tools/call");
    scene.forget();
    scene.line(&result(of_b, "\"b\""));
    scene.line(&result(of_a, "\"a\""));
    assert_eq!(
        scene.said(),
        [
            r#"2 {"jsonrpc":"2.0","id":1,"result":"b"}"#,
            r#"1 {"jsonrpc":"2.0","id":1,"result":"a"}"#
        ]
    );
}

#[test]
fn a_connection_that_closes_while_its_initialize_waits_leaves_nothing_behind() {
    let mut scene = Scene::new();
    scene.client(FromClient::OpenSse {
        session: "s".into(),
        stream: StreamKey(1),
    });
    scene.post("s", 2, &initialize("2024-11-05", "{}"));
    scene.gone(1);
    scene.assert_nothing_waits();
    scene.forget();
    scene.bring_up(SERVER);
    assert_eq!(scene.lines_out().len(), 1, "initialized");
    assert_eq!(scene.said(), [""; 0]);
}
