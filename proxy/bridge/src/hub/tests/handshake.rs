use super::*;

fn excerpts(scene: &Scene) -> Vec<(Loss, String)> {
    scene.events_of(|event| match event {
        HubEvent::HandshakeFailed { loss, excerpt } => Some((*loss, excerpt.to_string())),
        _ => None,
    })
}

#[test]
fn a_fresh_process_is_initialized_by_us_and_told_so_before_anything_else() {
    let mut scene = Scene::new();
    scene.step(Input::Server(FromServer::Up));
    assert_eq!(
        scene.lines_out(),
        [
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"sampling":{},"elicitation":{},"roots":{"listChanged":true}},"clientInfo":{"name":"hivewright-proxy","version":"9.9"}}}"#
        ]
    );
    scene.line(&result(1, SERVER));
    assert_eq!(
        scene.lines_out(),
        [r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#]
    );
    let names = scene.events_of(|event| match event {
        HubEvent::ServerInitialized {
            name,
            version,
            changed,
            ..
        } => Some((name.to_string(), version.to_string(), *changed)),
        _ => None,
    });
    assert_eq!(names, [("echo".to_owned(), "1.2".to_owned(), false)]);
}

#[rstest::rstest]
#[case("2024-11-05", "2024-11-05")]
#[case("2025-03-26", "2025-03-26")]
#[case("2025-06-18", "2025-06-18")]
#[case("2025-11-25", "2025-11-25")]
#[case("1999-01-01", "2025-11-25")]
fn initialize_is_answered_from_the_kept_handshake_with_the_clients_revision(
    #[case] asked: &str,
    #[case] got: &str,
) {
    let mut scene = Scene::ready();
    scene.open("a", 7, &initialize(asked, "{}"));
    let expected = SERVER.replace("2025-06-18", got);
    assert_eq!(
        scene.said(),
        [
            "7 opened a".to_owned(),
            format!("7! {}", result("0", &expected))
        ]
    );
}

#[test]
fn a_client_that_comes_before_the_handshake_is_answered_after_it() {
    let mut scene = Scene::new();
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    let id = scene.up();
    scene.open("b", 2, &initialize("2025-06-18", "{}"));
    assert_eq!(scene.said(), [""; 0]);
    scene.line(&result(id, SERVER));
    scene.lines_out();
    let answer = result("0", SERVER);
    assert_eq!(
        scene.said(),
        [
            "1 opened a".to_owned(),
            format!("1! {answer}"),
            "2 opened b".to_owned(),
            format!("2! {answer}")
        ]
    );
    scene.assert_nothing_waits();
}

#[test]
fn a_waiting_client_that_hangs_up_is_forgotten() {
    let mut scene = Scene::new();
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    scene.gone(1);
    scene.bring_up(SERVER);
    scene.lines_out();
    assert_eq!(scene.said(), [""; 0]);
    assert_eq!(scene.hub.counts().sessions, 0);
}

#[test]
fn a_waiting_client_is_told_after_the_hold_time_why_there_is_no_server() {
    let mut scene = Scene::new();
    scene.bring_up(SERVER);
    scene.down(Loss::AttachLost);
    scene.forget();
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    scene.pass(crate::limits::HOLD_TIMEOUT);
    assert_eq!(scene.said(), ["1 refused 503 server_unavailable"]);
    let why = scene.events_of(|event| match event {
        HubEvent::Refused { refusal } => Some(refusal.clone()),
        _ => None,
    });
    assert_eq!(why, [Refusal::ServerUnavailable(Some(Loss::AttachLost))]);
}

#[test]
fn no_answer_in_time_drops_the_server() {
    let mut scene = Scene::new();
    scene.up();
    scene.pass(crate::limits::HANDSHAKE_TIMEOUT.saturating_sub(INSTANT));
    assert_eq!(scene.lines_out().len(), 1, "the other question");
    assert_eq!(scene.said(), [""; 0]);
    scene.pass(INSTANT);
    assert_eq!(scene.said(), ["drop handshake_timeout"]);
    scene.line(&result(1, SERVER));
    assert_eq!(
        scene.said(),
        [""; 0],
        "an answer after that counts for nothing"
    );
}

#[rstest::rstest]
#[case::an_error(
    r#""error":{"code":-1,"message":"no"}"#,
    r#"{\"code\":-1,\"message\":\"no\"}"#
)]
#[case::another_result(r#""result":{"ok":true}"#, r#"{\"ok\":true}"#)]
fn what_is_no_answer_to_initialize_drops_the_server(#[case] body: &str, #[case] excerpt: &str) {
    let mut scene = Scene::new();
    let id = scene.up();
    scene.line(&format!(r#"{{"jsonrpc":"2.0","id":{id},{body}}}"#));
    let other = id_of(&scene.lines_out()[0]);
    scene.line(&no_such_method(other));
    assert_eq!(scene.said(), ["drop not_mcp"]);
    assert_eq!(excerpts(&scene), [(Loss::NotMcp, excerpt.to_owned())]);
}

#[test]
fn garbage_before_the_answer_is_counted_and_does_not_disturb() {
    let mut scene = Scene::new();
    let id = scene.up();
    scene.line("Downloading package \u{1b}[32mok");
    scene.line("");
    scene.line(r#"{"level":"info"}"#);
    scene.line(&result(id, SERVER));
    assert_eq!(scene.lines_out().len(), 1, "initialized");
    let garbage = scene.events_of(|event| match event {
        HubEvent::GarbageDropped { bytes, excerpt } => Some((*bytes, excerpt.to_string())),
        _ => None,
    });
    assert_eq!(
        garbage[0],
        (27, "Downloading package \\u{1b}[32mok".to_owned())
    );
    assert_eq!(garbage.len(), 3);
}

#[test]
fn before_it_is_initialized_a_server_may_ping_and_nothing_else() {
    let mut scene = Scene::new();
    scene.up();
    scene.line(&request("\"p\"", "ping", "{}"));
    scene.line(&request("5", "roots/list", "{}"));
    scene.line(&note(
        "notifications/message",
        r#"{"level":"info","data":1}"#,
    ));
    assert_eq!(
        scene.said(),
        [
            r#"server {"jsonrpc":"2.0","id":"p","result":{}}"#,
            r#"server {"jsonrpc":"2.0","id":5,"error":{"code":-32600,"message":"not initialized yet"}}"#
        ]
    );
}

#[test]
fn the_next_process_gets_the_handshake_again_and_a_changed_answer_counts_from_then_on() {
    let mut scene = Scene::ready();
    scene.down(Loss::ProcessExited);
    let other = SERVER.replace("1.2", "2.0");
    scene.bring_up(&other);
    let changed = scene.events_of(|event| match event {
        HubEvent::ServerInitialized { changed, .. } => Some(*changed),
        _ => None,
    });
    assert_eq!(changed, [true]);
    scene.forget();
    scene.open("a", 1, &initialize("2025-06-18", "{}"));
    assert_eq!(scene.said()[1], format!("1! {}", result("0", &other)));
}

#[test]
fn a_second_up_without_a_down_starts_anew() {
    let mut scene = Scene::ready();
    scene.session("a", "2025-06-18", "{}");
    scene.call("a", 1, "1", "tools/call");
    scene.step(Input::Server(FromServer::Up));
    let lost = refused("1", &Refusal::ServerLost(Loss::AttachLost));
    let said = scene.said();
    assert_eq!(said[0], format!("1! {lost}"));
    assert!(said[1].contains("\"initialize\""), "{said:?}");
}
