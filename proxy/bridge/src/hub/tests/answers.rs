use super::*;
use crate::event::DropReason;

fn dropped(scene: &Scene) -> Vec<DropReason> {
    scene.events_of(|event| match event {
        HubEvent::MessageDropped { why, .. } => Some(*why),
        _ => None,
    })
}

#[test]
fn an_answer_to_nothing_is_counted_and_goes_nowhere() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let id = scene.call("a", 1, "1", "tools/call");
    scene.line(&result(id, "{}"));
    scene.forget();
    scene.line(&result(id, "{}"));
    scene.line(&result(999, "{}"));
    scene.line(&result(format!("\"{id}\""), "{}"));
    scene.line(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}"#);
    assert_eq!(scene.said(), [""; 0]);
    assert_eq!(dropped(&scene), [DropReason::Unmatched; 4]);
}

#[test]
fn a_server_cannot_answer_a_call_that_it_has_not_been_sent() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.down(Loss::ProcessExited);
    scene.forget();
    scene.post("a", 1, &request("1", "tools/call", "{}"));
    let initialize = scene.up();
    scene.line(&result(initialize - 1, "{}"));
    assert_eq!(dropped(&scene), [DropReason::Unmatched]);
    assert_eq!(scene.hub.counts().held, 1);
}

#[test]
fn a_batch_of_the_server_is_taken_message_by_message() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let one = scene.call("a", 1, "1", "tools/call");
    let two = scene.call("a", 2, "2", "tools/call");
    scene.line(&format!("[{},{},7]", result(two, "2"), result(one, "1")));
    assert_eq!(
        scene.said(),
        [
            r#"2! {"jsonrpc":"2.0","id":2,"result":2}"#,
            r#"1! {"jsonrpc":"2.0","id":1,"result":1}"#
        ]
    );
}

#[test]
fn an_error_crosses_unchanged() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let id = scene.call("a", 1, "\"k\"", "tools/call");
    let error = |id: &str| {
        format!(
            r#"{{"error" : {{"code":-5,"message":"é","data":[1.0]}},"id": {id},"jsonrpc":"2.0"}}"#
        )
    };
    scene.line(&error(&id.to_string()));
    assert_eq!(scene.said(), [format!("1! {}", error("\"k\""))]);
}

#[test]
fn lines_without_a_server_are_counted() {
    let mut scene = Scene::new();
    scene.line(&result(1, "{}"));
    assert_eq!(dropped(&scene), [DropReason::NoServer]);
}

fn oversized(scene: &mut Scene, head: &str, tail: &str) {
    scene.step(Input::Server(FromServer::Oversized(
        crate::line::Oversized {
            bytes: 99,
            head: Bytes::copy_from_slice(head.as_bytes()),
            tail: Bytes::copy_from_slice(tail.as_bytes()),
        },
    )));
}

#[test]
fn a_call_whose_answer_was_too_long_is_told_so_at_once() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    let first = scene.call("a", 1, "1", "tools/call");
    let last = scene.call("a", 2, "2", "tools/call");
    oversized(
        &mut scene,
        &format!(r#"{{"jsonrpc":"2.0","id":{first},"result":"#),
        "",
    );
    oversized(&mut scene, r#"{"result":"#, &format!(r#","id":{last}}}"#));
    let refusal = Refusal::AnswerTooLong {
        limit: crate::line::MAX_LINE,
    };
    assert_eq!(
        scene.said(),
        [
            format!("1! {}", refused("1", &refusal)),
            format!("2! {}", refused("2", &refusal))
        ]
    );
    scene.assert_nothing_waits();
}

#[test]
fn any_other_line_that_was_too_long_is_counted_only() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    oversized(
        &mut scene,
        r#"{"jsonrpc":"2.0","method":"notifications/message","#,
        "}}",
    );
    assert_eq!(scene.said(), [""; 0]);
    assert_eq!(scene.hub.counts().pending, 1);
    let bounds = scene.events_of(|event| match event {
        HubEvent::Overflow { bound } => Some(*bound),
        _ => None,
    });
    assert_eq!(bounds, [crate::event::Bound::Line]);
}
