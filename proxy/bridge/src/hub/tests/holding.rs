use super::*;
use crate::limits::HOLD_TIMEOUT;

fn without_server() -> Scene {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.down(Loss::ProcessExited);
    scene.forget();
    scene
}

#[test]
fn calls_wait_for_the_next_process_and_then_go_out_in_order() {
    let mut scene = without_server();
    scene.post("a", 1, &request("1", "tools/call", "{}"));
    let handshake = scene.up();
    scene.post("a", 2, &request("2", "tools/list", "{}"));
    assert_eq!(scene.said(), [""; 0]);
    scene.line(&result(handshake, SERVER));
    let lines = scene.lines_out();
    assert!(lines[0].contains("notifications/initialized"));
    assert!(
        lines[1].contains("tools/call") && lines[2].contains("tools/list"),
        "{lines:?}"
    );
    scene.line(&result(id_of(&lines[2]), "{}"));
    assert_eq!(scene.said(), [r#"2! {"jsonrpc":"2.0","id":2,"result":{}}"#]);
}

#[test]
fn a_call_that_waited_in_vain_is_told_why() {
    let mut scene = without_server();
    scene.post("a", 1, &request("1", "tools/call", "{}"));
    scene.pass(HOLD_TIMEOUT.saturating_sub(INSTANT));
    assert_eq!(scene.said(), [""; 0]);
    scene.pass(INSTANT);
    assert_eq!(
        scene.said(),
        [
            r#"1! {"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"the server is not available (process_exited); try again later","data":{"reason":"process_exited","retryable":true}}}"#
        ]
    );
    scene.assert_nothing_waits();
}

#[test]
fn a_held_call_survives_a_process_that_fails_its_handshake() {
    let mut scene = without_server();
    scene.post("a", 1, &request("1", "tools/call", "{}"));
    let id = scene.up();
    scene.line(&result(id, "{}"));
    let discover = id_of(&scene.lines_out()[0]);
    scene.line(&no_such_method(discover));
    assert_eq!(scene.said(), ["drop not_mcp"]);
    scene.down(Loss::NotMcp);
    scene.bring_up(SERVER);
    assert!(
        scene
            .lines_out()
            .iter()
            .any(|line| line.contains("tools/call"))
    );
}

#[test]
fn one_call_more_than_can_be_held_is_refused_at_once() {
    let mut scene = Scene::with(|limits| limits.max_held = 1);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", "{}");
    scene.down(Loss::AttachLost);
    scene.forget();
    scene.post("a", 1, &request("1", "tools/call", "{}"));
    scene.post("a", 2, &request("2", "tools/call", "{}"));
    let why = Refusal::ServerUnavailable(Some(Loss::AttachLost));
    assert_eq!(scene.said(), [format!("2! {}", refused("2", &why))]);
}

#[test]
fn one_byte_more_than_can_be_held_is_refused_at_once() {
    let body = request("1", "tools/call", "{}");
    let mut scene = Scene::with(|limits| limits.max_held_bytes = body.len() - 1);
    scene.bring_up(SERVER);
    scene.session("a", "2025-06-18", "{}");
    scene.down(Loss::AttachLost);
    scene.forget();
    scene.post("a", 1, &body);
    assert!(scene.said()[0].contains("not available"));
}

#[test]
fn draining_lets_nobody_wait() {
    let mut scene = without_server();
    scene.post("a", 1, &request("1", "tools/call", "{}"));
    scene.open("b", 2, &initialize("2025-06-18", "{}"));
    scene.down(Loss::Draining);
    scene.post("a", 3, &request("3", "tools/call", "{}"));
    scene.open("c", 4, &initialize("2025-06-18", "{}"));
    assert_eq!(
        scene.said(),
        [
            "2 refused 503 draining".to_owned(),
            format!("1! {}", refused("1", &Refusal::Draining)),
            format!("3! {}", refused("3", &Refusal::Draining)),
            "4 refused 503 draining".to_owned(),
        ]
    );
}

#[test]
fn notifications_are_not_held() {
    let mut scene = without_server();
    scene.post("a", 1, &note("notifications/x", "{}"));
    assert_eq!(scene.said(), ["1 accepted"]);
    scene.bring_up(SERVER);
    assert_eq!(scene.lines_out().len(), 1, "initialized only");
}
