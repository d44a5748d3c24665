use super::*;

fn ready() -> Scene {
    let mut scene = Scene::ready();
    scene.session("a", "2025-03-26", "{}");
    scene
}

#[test]
fn each_request_of_a_batch_is_answered_on_one_stream_that_ends_with_the_last() {
    let mut scene = ready();
    let batch = format!(
        "[{},\n{},{},{}]",
        request("1", "tools/call", "{}"),
        note("notifications/initialized", "{}"),
        request("2", "ping", "{}"),
        request("3", "tools/list", "{}"),
    );
    scene.post("a", 1, &batch);
    let lines = scene.lines_out();
    assert_eq!(scene.said(), [r#"1 {"jsonrpc":"2.0","id":2,"result":{}}"#]);
    scene.line(&result(id_of(&lines[1]), "[]"));
    scene.line(&result(id_of(&lines[0]), "[]"));
    assert_eq!(
        scene.said(),
        [
            r#"1 {"jsonrpc":"2.0","id":3,"result":[]}"#,
            r#"1! {"jsonrpc":"2.0","id":1,"result":[]}"#
        ]
    );
}

#[test]
fn a_batch_without_requests_is_accepted() {
    let mut scene = ready();
    scene.post(
        "a",
        1,
        &format!("[{},{}]", note("notifications/x", "{}"), result(7, "{}")),
    );
    assert_eq!(
        scene.said(),
        [
            "1 accepted".to_owned(),
            format!("server {}", note("notifications/x", "{}"))
        ]
    );
}

#[test]
fn an_element_that_is_no_message_gets_its_error_and_the_others_their_answers() {
    let mut scene = ready();
    scene.post("a", 1, &format!("[7,{}]", request("1", "ping", "{}")));
    let said = scene.said();
    assert!(
        said[0].starts_with("1 ") && said[0].contains("\"id\":null"),
        "{said:?}"
    );
    assert_eq!(said[1], r#"1! {"jsonrpc":"2.0","id":1,"result":{}}"#);
}

#[test]
fn the_same_id_twice_in_a_batch_is_refused_the_second_time() {
    let mut scene = ready();
    let one = request("1", "tools/call", "{}");
    scene.post("a", 1, &format!("[{one},{one}]"));
    let minted = id_of(&scene.lines_out()[0]);
    assert_eq!(
        scene.said(),
        [format!("1 {}", refused("1", &Refusal::DuplicateId))]
    );
    scene.line(&result(minted, "{}"));
    assert_eq!(scene.said(), [r#"1! {"jsonrpc":"2.0","id":1,"result":{}}"#]);
}

#[test]
fn a_cancelled_request_of_a_batch_does_not_keep_the_stream_open() {
    let mut scene = ready();
    let batch = format!("[{},{}]", request("1", "x", "{}"), request("2", "x", "{}"));
    scene.post("a", 1, &batch);
    let lines = scene.lines_out();
    scene.post(
        "a",
        2,
        &note("notifications/cancelled", r#"{"requestId":1}"#),
    );
    scene.forget();
    scene.line(&result(id_of(&lines[1]), "{}"));
    assert_eq!(scene.said(), [r#"1! {"jsonrpc":"2.0","id":2,"result":{}}"#]);
}

#[rstest::rstest]
#[case::initialize(format!("[{}]", initialize("2025-03-26", "{}")), "initialize_in_batch")]
#[case::empty("[]".to_owned(), "batch_empty")]
#[case::too_long(format!("[{}]", vec!["1"; 129].join(",")), "batch_too_long")]
#[case::not_json("[".to_owned(), "not_json")]
fn a_batch_that_may_not_be_is_refused_as_a_whole(#[case] body: String, #[case] reason: &str) {
    let mut scene = ready();
    scene.post("a", 1, &body);
    assert_eq!(scene.said(), [format!("1 refused 400 {reason}")]);
}

#[rstest::rstest]
#[case("2024-11-05")]
#[case("2025-06-18")]
#[case("2025-11-25")]
fn other_revisions_have_no_batches(#[case] version: &str) {
    let mut scene = Scene::ready();
    scene.session("a", version, "{}");
    scene.post("a", 1, &format!("[{}]", request("1", "ping", "{}")));
    assert_eq!(scene.said(), ["1 refused 400 batch_not_allowed"]);
}
