use super::*;
use crate::event::Bound;

fn overflows(scene: &Scene) -> Vec<Bound> {
    scene.events_of(|event| match event {
        HubEvent::Overflow { bound } => Some(*bound),
        _ => None,
    })
}

#[test]
fn one_session_more_than_the_table_holds_is_refused_at_either_door() {
    let mut scene = Scene::with(|limits| limits.max_sessions = 2);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", "{}");
    scene.client(FromClient::OpenSse {
        session: "b".into(),
        stream: StreamKey(1),
    });
    scene.forget();
    scene.open("c", 2, &initialize("2025-06-18", "{}"));
    scene.client(FromClient::OpenSse {
        session: "d".into(),
        stream: StreamKey(3),
    });
    assert_eq!(
        scene.said(),
        [
            "2 refused 503 too_many_sessions",
            "3 refused 503 too_many_sessions"
        ]
    );
    assert_eq!(overflows(&scene), [Bound::Sessions; 2]);
}

#[test]
fn clients_that_wait_count_as_sessions() {
    let mut scene = Scene::with(|limits| limits.max_sessions = 1);
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    scene.open("b", 2, &initialize("2025-06-18", "{}"));
    assert_eq!(scene.said(), ["2 refused 503 too_many_sessions"]);
}

#[test]
fn one_client_more_than_may_wait_is_refused() {
    let mut scene = Scene::with(|limits| limits.max_held = 1);
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    scene.open("b", 2, &initialize("2025-06-18", "{}"));
    assert_eq!(scene.said(), ["2 refused 503 server_unavailable"]);
    assert_eq!(overflows(&scene), [Bound::HeldCount]);
}

#[test]
fn one_call_more_than_a_session_may_have_is_refused_and_others_are_not() {
    let mut scene = Scene::with(|limits| limits.max_pending_per_session = 1);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", "{}");
    scene.session("b", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    scene.post("a", 2, &request("2", "tools/call", "{}"));
    assert_eq!(
        scene.said(),
        [format!("2! {}", refused("2", &Refusal::TooManyPending))]
    );
    assert_eq!(overflows(&scene), [Bound::SessionPending]);
    scene.call("b", 3, "1", "tools/call");
}

#[test]
fn one_call_more_than_all_may_have_is_refused() {
    let mut scene = Scene::with(|limits| limits.max_pending = 1);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", "{}");
    scene.session("b", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    scene.post("b", 2, &request("2", "tools/call", "{}"));
    assert_eq!(
        scene.said(),
        [format!("2! {}", refused("2", &Refusal::TooManyPending))]
    );
    assert_eq!(overflows(&scene), [Bound::Pending]);
}

#[test]
fn cancelled_calls_count_so_that_cancelling_is_no_way_around_the_bound() {
    let mut scene = Scene::with(|limits| limits.max_pending_per_session = 1);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    scene.post(
        "a",
        2,
        &note("notifications/cancelled", r#"{"requestId":1}"#),
    );
    scene.forget();
    scene.post("a", 3, &request("2", "tools/call", "{}"));
    assert_eq!(
        scene.said(),
        [format!("3! {}", refused("2", &Refusal::TooManyPending))]
    );
}

#[test]
fn one_subscription_more_than_a_session_may_have_is_refused() {
    let mut scene = Scene::with(|limits| limits.max_subscriptions = 1);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", "{}");
    scene.post(
        "a",
        1,
        &request("1", "resources/subscribe", r#"{"uri":"x:1"}"#),
    );
    scene.forget();
    scene.post(
        "a",
        2,
        &request("2", "resources/subscribe", r#"{"uri":"x:2"}"#),
    );
    assert_eq!(
        scene.said(),
        [format!(
            "2! {}",
            refused("2", &Refusal::TooManySubscriptions)
        )]
    );
    assert_eq!(overflows(&scene), [Bound::Subscriptions]);
}

#[test]
fn a_progress_token_that_is_too_long_is_refused() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let token = "t".repeat(crate::limits::MAX_ID);
    let params = format!(r#"{{"_meta":{{"progressToken":"{token}"}}}}"#);
    scene.post("a", 1, &request("1", "tools/call", &params));
    assert!(scene.said()[0].contains("-32602"));
}

#[test]
fn a_tool_name_in_events_is_cut() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let params = format!(r#"{{"name":"{}"}}"#, "n".repeat(500));
    scene.post("a", 1, &request("1", "tools/call", &params));
    let lengths = scene.events_of(|event| match event {
        HubEvent::RequestStarted { tool, .. } => tool.as_ref().map(|tool| tool.len()),
        _ => None,
    });
    assert_eq!(lengths, [crate::limits::MAX_TOOL_NAME]);
}

#[test]
fn the_handshake_of_a_fresh_process_writes_no_more_lines_than_announced() {
    let mut scene = Scene::ready();
    for session in 0..8 {
        let name = format!("s{session}");
        scene.session(&name, "2025-06-18", "{}");
        for uri in 0..256 {
            let params = format!(r#"{{"uri":"x:{session}/{uri}"}}"#);
            scene.post(
                &name,
                1,
                &request(&uri.to_string(), "resources/subscribe", &params),
            );
            if let Some(line) = scene.lines_out().first() {
                scene.line(&result(id_of(line), "{}"));
            }
            scene.forget();
        }
    }
    scene.post(
        "s0",
        2,
        &request("1", "logging/setLevel", r#"{"level":"info"}"#),
    );
    scene.down(Loss::ProcessExited);
    for call in 0..1_100 {
        let session = format!("s{}", call % 8);
        scene.post(
            &session,
            3,
            &request(&format!("\"{call}\""), "tools/call", "{}"),
        );
    }
    let id = scene.up();
    scene.forget();
    scene.line(&result(id, SERVER));
    let lines = scene.lines_out().len();
    let most = crate::limits::MAX_LINES_PER_STEP;
    assert!((most - 8..=most).contains(&lines), "{lines} lines");
}

#[test]
fn a_uri_that_is_too_long_is_refused() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    for (length, sent) in [(crate::limits::MAX_URI, 1), (crate::limits::MAX_URI + 1, 0)] {
        let params = format!(r#"{{"uri":"{}"}}"#, "u".repeat(length));
        scene.post("a", 1, &request("1", "resources/subscribe", &params));
        assert_eq!(scene.lines_out().len(), sent);
        scene.down(Loss::ProcessExited);
        scene.bring_up(SERVER);
        scene.forget();
    }
}

#[test]
fn what_was_owed_on_a_stream_that_nobody_reads_is_answered_with_errors() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-03-26", "{}");
    let batch = format!(
        "[{},{}]",
        request("1", "tools/call", "{}"),
        request("\"q\"", "tools/list", "{}")
    );
    scene.post("a", 1, &batch);
    let sent = scene.lines_out();
    let stream = StreamKey(1);
    scene.client(FromClient::Overrun { stream });
    let errors = [
        refused("1", &Refusal::NotRead),
        refused("\"q\"", &Refusal::NotRead),
    ];
    assert_eq!(scene.said(), [format!("1 overrun {}", errors.join(" "))]);
    scene.line(&result(id_of(&sent[0]), "{}"));
    assert_eq!(scene.said(), [""; 0], "the late answer is for nobody");
}
