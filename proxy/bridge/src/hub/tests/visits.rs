//! Requests of 2026-07-28 and what becomes of them.

use super::{visitor::*, *};
use crate::modern::Field;

#[test]
fn a_call_reaches_a_legacy_server_without_what_it_does_not_know_and_its_answer_says_its_kind() {
    let mut scene = scene();
    let (minted, line) = call(&mut scene, 1, "\"c\"", "").unwrap();
    assert_eq!(
        line,
        request(
            &minted.to_string(),
            "tools/call",
            r#"{"name":"t","arguments":{"n":1.50},"_meta":{}}"#
        )
    );
    scene.line(&result(minted, r#"{"content":[1e5]}"#));
    assert_eq!(
        scene.said(),
        [format!(
            "1! {}",
            result("\"c\"", r#"{"resultType":"complete","content":[1e5]}"#)
        )]
    );
    assert_eq!(scene.hub.counts(), Counts::default());
}

#[test]
fn what_the_headers_or_the_metadata_lack_is_refused_by_its_code_and_status_with_the_id() {
    let mut scene = scene();
    let no_meta = request("5", "server/discover", "{}");
    visit(&mut scene, 1, head("server/discover", None), &no_meta);
    let params = format!("{{{}}}", meta("{}"));
    visit(
        &mut scene,
        2,
        head("prompts/list", None),
        &request("6", "tools/list", &params),
    );
    for (stream, method) in [
        (3, "ping"),
        (4, "initialize"),
        (5, "unknown/method/of/nobody"),
    ] {
        visit(
            &mut scene,
            stream,
            head(method, None),
            &request("7", method, &params),
        );
    }
    let other = params.replace("2026-07-28", "v9");
    let mut unknown = head("tools/list", None);
    unknown.version = Field::Value("v9".into());
    visit(&mut scene, 6, unknown, &request("8", "tools/list", &other));
    visit(
        &mut scene,
        7,
        head("tools/list", None),
        &request("9", "tools/list", &other),
    );
    let said = scene.said();
    let expect = [
        ("1! 400", "\"id\":5", "-32602"),
        ("2! 400", "\"id\":6", "-32020"),
        ("3! 404", "\"id\":7", "-32601"),
        ("4! 404", "\"id\":7", "-32601"),
        ("server", "unknown/method", ""),
        ("6! 400", "\"id\":8", r#""requested":"v9""#),
        ("7! 400", "\"id\":9", "-32020"),
    ];
    assert_eq!(said.len(), expect.len(), "{said:?}");
    for (said, (start, id, code)) in said.iter().zip(expect) {
        assert!(
            said.starts_with(start) && said.contains(id) && said.contains(code),
            "{said}"
        );
    }
}

#[test]
fn a_client_that_leaves_has_cancelled_and_hears_nothing_more() {
    let mut scene = scene();
    let (minted, _) = call(&mut scene, 1, "1", "").unwrap();
    scene.gone(1);
    let lines = scene.lines_out();
    assert!(lines[0].contains("notifications/cancelled"), "{lines:?}");
    scene.line(&result(minted, "{}"));
    assert_eq!(scene.said(), [""; 0]);
    assert_eq!(scene.hub.counts().visits, 0);
}

#[test]
fn a_call_that_fails_for_want_of_a_capability_says_which() {
    let mut scene = scene();
    call(&mut scene, 9, "0", "");
    scene.gone(9);
    scene.pass(crate::limits::CANCEL_GRACE);
    scene.forget();
    let params = format!(r#"{{"name":"t",{}}}"#, meta("{}"));
    visit(
        &mut scene,
        1,
        head("tools/call", Some("t")),
        &request("1", "tools/call", &params),
    );
    let minted = id_of(&scene.lines_out()[0]);
    scene.line(&request("9", "sampling/createMessage", "{}"));
    assert!(scene.lines_out()[0].contains("-32601"));
    scene.line(&result(minted, r#"{"content":[],"isError":true}"#));
    let said = scene.said();
    assert!(
        said[0].starts_with("1! 400")
            && said[0].contains(r#"{"requiredCapabilities":{"sampling":{}}}"#),
        "{said:?}"
    );
}

#[test]
fn log_messages_come_only_at_the_level_that_the_request_asked_for() {
    let mut scene = scene();
    call(&mut scene, 1, "1", "");
    let log = note("notifications/message", r#"{"level":"error","data":1}"#);
    scene.line(&log);
    assert_eq!(scene.said(), [""; 0]);
}

#[test]
fn a_listen_is_acknowledged_first_and_hears_what_it_asked_for_only() {
    let mut scene = scene();
    let params = format!(
        r#"{{"notifications":{{"toolsListChanged":true,"promptsListChanged":true,"resourceSubscriptions":["u:1"]}},{}}}"#,
        meta("{}")
    );
    let body = request("\"l\"", "subscriptions/listen", &params);
    visit(&mut scene, 1, head("subscriptions/listen", None), &body);
    let said = scene.said();
    assert!(said[0].contains("resources/subscribe"), "{said:?}");
    assert!(
        said[1].starts_with("1 ")
            && said[1].contains(
                r#""notifications":{"toolsListChanged":true,"resourceSubscriptions":["u:1"]}"#
            ),
        "{said:?}"
    );
    for (method, params) in [
        ("notifications/tools/list_changed", "{}"),
        ("notifications/prompts/list_changed", "{}"),
        ("notifications/resources/updated", r#"{"uri":"u:1"}"#),
        ("notifications/resources/updated", r#"{"uri":"u:2"}"#),
    ] {
        scene.line(&note(method, params));
    }
    let said = scene.said();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said.iter()
            .all(|said| said.contains(r#""io.modelcontextprotocol/subscriptionId":"l""#))
    );
    scene.down(Loss::Draining);
    let said = scene.said();
    assert!(
        said[0].starts_with("1! ") && said[0].contains(r#""resultType":"complete""#),
        "{said:?}"
    );
    assert_eq!(scene.hub.counts().listens, 0);
}

#[test]
fn a_visit_before_the_first_handshake_waits_and_is_turned_away_in_time() {
    let mut scene = Scene::new();
    let params = format!("{{{}}}", meta("{}"));
    visit(
        &mut scene,
        1,
        head("server/discover", None),
        &request("1", "server/discover", &params),
    );
    visit(
        &mut scene,
        2,
        head("tools/list", None),
        &request("2", "tools/list", &params),
    );
    assert_eq!(scene.said(), [""; 0]);
    scene.gone(2);
    scene.bring_up(LEGACY);
    let said = scene.said();
    assert!(
        said.iter()
            .any(|said| said.starts_with("1! ") && said.contains("supportedVersions"))
    );
    let mut scene = Scene::new();
    visit(
        &mut scene,
        3,
        head("tools/list", None),
        &request("3", "tools/list", &params),
    );
    scene.pass(crate::limits::HOLD_TIMEOUT);
    assert!(scene.said()[0].starts_with("3! 503"));
    scene.assert_nothing_waits();
}
