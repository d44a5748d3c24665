//! Calls that wait at the server for what their clients bring.

use super::{visitor::*, *};
use crate::limits::{GATHER, PARK_TIMEOUT};

#[test]
fn what_the_server_asks_at_once_is_asked_at_once_and_the_call_goes_on_when_all_is_answered() {
    let mut scene = scene();
    let (minted, _) = call(&mut scene, 1, "1", "").unwrap();
    let own = r#"{"message":"n = 1.50","_meta":{"hivewright.dev/inputKey":"who"}}"#;
    scene.line(&request("\"e\"", "elicitation/create", own));
    scene.line(&request("9", "roots/list", "{}"));
    scene.pass(GATHER);
    let said = scene.said();
    assert!(said[0].contains(&format!(
        r#""who":{{"method":"elicitation/create","params":{own}}}"#
    )));
    assert!(
        said[0].contains(r#""roots-1":{"method":"roots/list","params":{}}"#),
        "{said:?}"
    );
    let first = state_of(&said[0]);
    // One is missing: asked again, under another state.
    let rest =
        format!(r#","inputResponses":{{"who":{{"a":1e5}},"extra":{{}}}},"requestState":"{first}""#);
    come_back(&mut scene, 2, "2", &rest);
    let said = scene.said();
    assert_eq!(
        said[0],
        r#"server {"jsonrpc":"2.0","id":"e","result":{"a":1e5}}"#
    );
    assert!(
        !said[1].contains("who") && said[1].contains("roots-1"),
        "{said:?}"
    );
    let second = state_of(&said[1]);
    assert_ne!(first, second);
    let rest =
        format!(r#","inputResponses":{{"roots-1":{{"roots":[]}}}},"requestState":"{second}""#);
    come_back(&mut scene, 3, "3", &rest);
    scene.line(&result(minted, "{}"));
    assert_eq!(
        scene.said().pop().unwrap(),
        format!("3! {}", result("3", r#"{"resultType":"complete"}"#))
    );
    // A state is good for once.
    come_back(&mut scene, 4, "4", &rest);
    assert!(scene.said()[0].starts_with("4! 400"));
    assert_eq!(scene.hub.counts(), Counts::default());
}

#[test]
fn a_call_that_nobody_comes_back_for_is_cancelled_and_its_state_is_over() {
    let (mut scene, _, state) = parked();
    scene.pass(PARK_TIMEOUT);
    let lines = scene.lines_out();
    assert!(
        lines[0].contains("-32001") && lines[1].contains("notifications/cancelled"),
        "{lines:?}"
    );
    call(&mut scene, 2, "2", &back(&state));
    assert!(scene.said()[0].contains("-32602"));
}

#[test]
fn a_parked_call_dies_with_its_process_and_what_it_waits_for_is_refused() {
    let (mut scene, _, state) = parked();
    scene.down(Loss::ProcessExited);
    scene.bring_up(LEGACY);
    scene.forget();
    call(&mut scene, 2, "2", &back(&state));
    let said = scene.said();
    assert!(said.last().unwrap().starts_with("2! 400"), "{said:?}");
    assert_eq!(scene.hub.counts().visits, 0);
}

#[test]
fn an_answer_that_comes_before_the_client_is_back_waits_for_it() {
    let (mut scene, minted, state) = parked();
    scene.line(&result(minted, r#"{"x":1}"#));
    scene.forget();
    call(&mut scene, 2, "2", &back(&state));
    assert_eq!(
        scene.said().pop().unwrap(),
        format!("2! {}", result("2", r#"{"resultType":"complete","x":1}"#))
    );
    assert_eq!(scene.hub.counts().visits, 0);
}

#[test]
fn another_request_cannot_take_a_parked_call_over() {
    let (mut scene, _, state) = parked();
    let params = format!(
        r#"{{"name":"u","arguments":{{}}{},{}}}"#,
        back(&state),
        meta(ABLE)
    );
    visit(
        &mut scene,
        2,
        head("tools/call", Some("u")),
        &request("2", "tools/call", &params),
    );
    assert!(scene.said()[0].contains("was not made for this request"));
    assert_eq!(scene.hub.counts().parked, 1, "it still waits");
}
