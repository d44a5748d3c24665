use super::*;
use crate::event::Outcome;

#[test]
fn every_pending_call_fails_at_once_with_an_error_that_says_what_to_do() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.session("b", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    scene.call("b", 2, "\"q\"", "tools/list");
    scene.down(Loss::ProcessExited);
    let error = |id: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32000,"message":"the server process ended before it answered (process_exited); call again","data":{{"reason":"process_exited","retryable":true}}}}}}"#
        )
    };
    assert_eq!(
        scene.said(),
        [
            format!("1! {}", error("1")),
            format!("2! {}", error("\"q\""))
        ]
    );
    let (lost, failed) = (
        scene.events_of(|event| match event {
            HubEvent::RequestFinished { outcome, .. } => Some(*outcome),
            _ => None,
        }),
        scene.events_of(|event| match event {
            HubEvent::ServerLost { failed_calls, .. } => Some(*failed_calls),
            _ => None,
        }),
    );
    assert_eq!((lost, failed), (vec![Outcome::Lost; 2], vec![2]));
    scene.assert_nothing_waits();
}

#[test]
fn sessions_and_their_listeners_go_on_with_the_next_process() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.listen("a", 9);
    for _ in 0..3 {
        scene.down(Loss::ProcessExited);
        scene.bring_up(SERVER);
        scene.forget();
        let id = scene.call("a", 1, "1", "tools/call");
        scene.line(&result(id, "{}"));
        assert_eq!(scene.said(), [r#"1! {"jsonrpc":"2.0","id":1,"result":{}}"#]);
        scene.line(&note("notifications/tools/list_changed", "{}"));
        assert_eq!(scene.said().len(), 1);
    }
}

#[test]
fn an_answer_of_the_old_process_is_no_answer_to_the_new_one() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let old = scene.call("a", 1, "1", "tools/call");
    scene.down(Loss::ProcessExited);
    scene.bring_up(SERVER);
    let new = scene.call("a", 2, "1", "tools/call");
    assert_ne!(old, new);
    scene.forget();
    scene.line(&result(old, "{}"));
    assert_eq!(scene.said(), [""; 0]);
}

#[test]
fn a_second_down_changes_nothing() {
    let mut scene = Scene::ready();
    scene.down(Loss::ProcessExited);
    scene.forget();
    scene.down(Loss::AttachLost);
    assert_eq!((scene.said().len(), scene.events.len()), (0, 0));
}

#[test]
fn what_the_server_had_asked_is_withdrawn_from_the_client() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", ABLE);
    scene.call("a", 1, "1", "tools/call");
    scene.line(&request("5", "elicitation/create", "{}"));
    let ask = id_of(scene.said()[0].strip_prefix("1 ").unwrap());
    scene.down(Loss::ProcessExited);
    let said = scene.said();
    assert!(said[0].contains("notifications/cancelled") && said[0].contains(&ask.to_string()));
    scene.post("a", 2, &result(ask, "{}"));
    assert_eq!(scene.said(), ["2 accepted"], "its answer is for nobody now");
}

#[test]
fn a_retired_process_takes_its_sessions_along_and_tells_all_who_wait() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.listen("a", 8);
    scene.call("a", 1, "1", "tools/call");
    scene.forget();
    scene.step(Input::Server(FromServer::Retired));
    let lost = refused("1", &Refusal::ServerLost(Loss::ScaledDown));
    assert_eq!(scene.said(), [format!("1! {lost}"), "8 end".to_owned()]);
    scene.post("a", 2, &request("2", "tools/call", "{}"));
    assert_eq!(scene.said(), ["2 refused 404 unknown_session"]);
    scene.assert_nothing_waits();
    let why = scene.events_of(|event| match event {
        HubEvent::SessionClosed { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(why, [crate::event::CloseReason::ScaledDown]);

    scene.bring_up(SERVER);
    scene.session("b", "2025-06-18", "{}");
    let id = scene.call("b", 3, "1", "tools/call");
    scene.line(&result(id, "{}"));
    assert_eq!(scene.said(), [r#"3! {"jsonrpc":"2.0","id":1,"result":{}}"#]);
}

#[test]
fn a_retired_process_lets_nobody_wait_for_its_handshake() {
    let mut scene = Scene::new();
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    scene.step(Input::Server(FromServer::Retired));
    assert_eq!(scene.said(), ["1 refused 503 server_unavailable"]);
    scene.assert_nothing_waits();
}

#[test]
fn a_client_that_waits_can_be_taken_back_and_one_that_has_its_answer_cannot() {
    let mut scene = Scene::new();
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    assert!(scene.hub.withdraw(StreamKey(1)));
    scene.assert_nothing_waits();
    assert!(!scene.hub.withdraw(StreamKey(1)), "only once");
    scene.bring_up(SERVER);
    let said = scene.said();
    assert_eq!(said.len(), 1, "the server alone is told: {said:?}");
    scene.open("b", 2, &initialize("2025-06-18", "{}"));
    assert!(!scene.hub.withdraw(StreamKey(2)));
}
