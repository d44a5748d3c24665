//! What a session's revision says of its requests (Streamable HTTP, 2025-03-26 to 2025-11-25).

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Events, World, bare, bytes_of, call, echoed, initialize_as, json_of, post, rpc, server,
};

const LATEST: &str = "2025-11-25";

#[rstest]
#[case("2025-03-26", true)]
#[case("2025-06-18", false)]
#[case("2025-11-25", false)]
#[tokio::test]
async fn a_batch_is_taken_in_sessions_of_2025_03_26_alone(
    #[case] revision: &str,
    #[case] taken: bool,
) {
    let world = World::new();
    let session = world.session_as(revision).await;
    let batch = |body: &[String]| post(Some(&session), format!("[{}]", body.join(",")));
    let two = [
        call(json!(1), "echo", &json!({})),
        call(json!(2), "echo", &json!({})),
    ];
    let response = world.send(batch(&two)).await;
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/x" }).to_string();
    let noted = world.send(batch(&[note])).await.status();
    if !taken {
        assert_eq!((response.status().as_u16(), noted.as_u16()), (400, 400));
        assert_eq!(json_of(response).await["error"]["code"], -32600);
        return;
    }
    assert_eq!(noted, 202);
    let mut events = Events::of(response);
    for id in [1, 2] {
        assert_eq!(events.message().await, Some(echoed(&json!(id), &json!({}))));
    }
    assert_eq!(events.next().await, None, "the last answer ends the stream");
}

#[rstest]
#[case("2024-11-05", "2024-11-05")]
#[case("2025-03-26", "2025-03-26")]
#[case("2025-06-18", "2025-06-18")]
#[case("2025-11-25", "2025-11-25")]
#[case("1999-01-01", LATEST)]
#[case("2026-07-28", LATEST)]
#[tokio::test]
async fn initialize_is_answered_with_the_revision_asked_for_or_else_the_latest_that_has_sessions(
    #[case] asked: &str,
    #[case] got: &str,
) {
    let world = World::new();
    let response = world.send(post(None, initialize_as(asked))).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("mcp-session-id"));
    let answer = json_of(response).await;
    assert_eq!(answer["result"]["protocolVersion"], got);
}

#[tokio::test]
async fn a_request_without_version_is_of_its_sessions_and_one_with_another_is_bad() {
    let world = World::new();
    let session = world.session_as("2025-06-18").await;
    for (version, status) in [
        (None, 200),
        (Some("2025-06-18"), 200),
        (Some(""), 400),
        (Some("latest"), 400),
        (Some("2025-06-18, 2025-06-18"), 400),
    ] {
        let mut request = post(Some(&session), rpc(json!(2), "ping", &json!({})));
        if let Some(version) = version {
            let version = version.parse().expect("a value");
            request
                .headers_mut()
                .insert("mcp-protocol-version", version);
        }
        let got = world.send(request).await.status().as_u16();
        assert_eq!(got, status, "{version:?}");
    }
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_bad_at_get_and_delete_too_and_ends_no_session() {
    let world = World::new();
    let session = world.session().await;
    let mut listener = bare("GET", "/mcp", Some(&session));
    let version = "1999-01-01".parse().expect("a value");
    listener
        .headers_mut()
        .insert("mcp-protocol-version", version);
    assert_eq!(world.send(listener).await.status(), 400);
    let pinged = post(Some(&session), rpc(json!(2), "ping", &json!({})));
    assert_eq!(world.send(pinged).await.status(), 200);
}

#[tokio::test]
async fn an_ask_is_on_one_stream_and_its_response_is_accepted_without_a_body() {
    let world = World::without_server();
    let mut queue = world.bridge.server_up();
    server::greet(&world.bridge, &mut queue).await;
    let initialize = initialize_as(LATEST).replace("{}", r#"{"roots":{}}"#);
    let opened = world.send(post(None, initialize)).await;
    let session = opened.headers()["mcp-session-id"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(
        world
            .send(post(Some(&session), note.to_string()))
            .await
            .status(),
        202
    );
    let router = world.router.clone();
    let request = post(Some(&session), call(json!(5), "any", &json!({})));
    let asked = tokio::spawn(tower::ServiceExt::oneshot(router, request));
    let at_server = server::read_method(&mut queue, "tools/call").await;
    let ask = json!({ "jsonrpc": "2.0", "id": "r", "method": "roots/list" });
    server::say(&world.bridge, &ask);
    let mut events = Events::of(asked.await.expect("a task").expect("a response"));
    let ask = events.message().await.expect("the ask");
    assert_eq!(ask["method"], "roots/list");
    let response = json!({ "jsonrpc": "2.0", "id": ask["id"], "result": { "roots": [] } });
    let taken = world.send(post(Some(&session), response.to_string())).await;
    assert_eq!(taken.status(), 202);
    assert!(bytes_of(taken).await.is_empty());
    let answer = server::read(&mut queue).await;
    assert_eq!(
        answer,
        json!({ "jsonrpc": "2.0", "id": "r", "result": { "roots": [] } })
    );
    let done = json!({ "jsonrpc": "2.0", "id": at_server["id"], "result": {} });
    server::say(&world.bridge, &done);
    assert_eq!(events.message().await.expect("the answer")["id"], 5);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_listener_gets_what_belongs_to_no_call_and_never_an_answer() {
    let world = World::new();
    let session = world.session().await;
    let mut events = Events::of(world.send(bare("GET", "/mcp", Some(&session))).await);
    let request = post(Some(&session), call(json!(1), "echo", &json!({})));
    assert_eq!(world.send(request).await.status(), 200);
    let changed = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
    server::say(&world.bridge, &changed);
    assert_eq!(events.message().await, Some(changed));
}
