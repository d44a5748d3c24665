//! Streams that clients leave and come back to.

use hivewright_proxy::http::RETRY;
use serde_json::{Value, json};

use crate::support::{
    Events, World, back, bare, call, echoed, initialize_as, json_of, numbered, post, rpc, server,
};

pub(crate) async fn listener(world: &World, session: &str) -> Events {
    Events::of(world.send(bare("GET", "/mcp", Some(session))).await)
}

pub(crate) async fn resumed(world: &World, session: &str, last: &str) -> Events {
    Events::of(world.send(back(session, last)).await)
}

/// The status of the refusal, and its sentence.
pub(crate) async fn refused(world: &World, session: &str, last: &str) -> (u16, String) {
    let (status, body) = world.ask(back(session, last)).await;
    let message = body["error"]["message"].as_str().expect("a sentence");
    (status, message.to_owned())
}

/// A listener that has read one message and is gone, with the id of that.
pub(crate) async fn left_listener(world: &World, session: &str) -> String {
    let mut events = listener(world, session).await;
    server::say(&world.bridge, &numbered(1));
    assert_eq!(events.message().await, Some(numbered(1)));
    events.last_id.expect("an id")
}

#[tokio::test]
async fn what_comes_while_a_listener_is_away_is_read_when_it_is_back_once_and_in_order() {
    let world = World::new();
    let session = world.session().await;
    let last = left_listener(&world, &session).await;
    for number in 2..=4 {
        server::say(&world.bridge, &numbered(number));
    }
    let mut events = resumed(&world, &session, &last).await;
    for number in 2..=5 {
        if number == 5 {
            server::say(&world.bridge, &numbered(5));
        }
        assert_eq!(events.message().await, Some(numbered(number)));
    }
}

#[tokio::test]
async fn the_answer_of_a_call_whose_client_left_is_read_by_a_get_and_on_no_other_stream() {
    let world = World::new();
    let session = world.session().await;
    let mut listening = listener(&world, &session).await;
    let body = call(json!(7), "progress", &json!({"count": 2}));
    let mut events = Events::of(world.send(post(Some(&session), body)).await);
    assert_eq!(
        events.message().await.expect("progress")["params"]["progress"],
        1
    );
    let last = events.last_id.take().expect("an id");
    drop(events);
    let mut events = resumed(&world, &session, &last).await;
    assert_eq!(
        events.message().await.expect("progress")["params"]["progress"],
        2
    );
    assert_eq!(
        events.message().await,
        Some(echoed(&json!(7), &json!({"count": 2})))
    );
    assert_eq!(events.next().await, None, "that was the answer");
    server::say(&world.bridge, &numbered(1));
    assert_eq!(listening.message().await, Some(numbered(1)));
}

#[tokio::test]
async fn an_answer_that_was_sent_but_did_not_arrive_is_sent_again() {
    let world = World::new();
    let session = world.session().await;
    let body = call(json!(7), "progress", &json!({"count": 1}));
    let mut events = Events::of(world.send(post(Some(&session), body)).await);
    events.message().await.expect("progress");
    let last = events.last_id.clone().expect("an id");
    let answer = events.message().await;
    assert_eq!(events.next().await, None);
    drop(events);
    for _ in 0..2 {
        let mut events = resumed(&world, &session, &last).await;
        assert_eq!(events.message().await, answer);
        assert_eq!(events.next().await, None);
    }
}

#[tokio::test]
async fn a_stream_of_the_latest_revision_is_primed_and_can_be_read_on_from_there() {
    let world = World::new();
    let session = world.session().await;
    let mut events = listener(&world, &session).await;
    server::say(&world.bridge, &numbered(1));
    assert_eq!(events.message().await, Some(numbered(1)));
    assert_eq!(events.retry, Some(RETRY.as_millis().to_string()));
    let first = events.last_id.expect("an id");
    let primed = format!("{}-0", first.split_once('-').expect("two parts").0);
    let mut events = resumed(&world, &session, &primed).await;
    assert_eq!(events.message().await, Some(numbered(1)));
}

#[tokio::test]
async fn older_revisions_get_ids_without_priming_and_the_oldest_none() {
    let world = World::new();
    for (revision, ids) in [
        ("2025-06-18", true),
        ("2025-03-26", true),
        ("2024-11-05", false),
    ] {
        let session = world.session_as(revision).await;
        let mut events = listener(&world, &session).await;
        server::say(&world.bridge, &numbered(1));
        assert_eq!(events.message().await, Some(numbered(1)));
        assert_eq!(
            (events.last_id.is_some(), events.retry),
            (ids, None),
            "{revision}"
        );
    }
}

#[tokio::test]
async fn one_json_answer_is_kept_for_nobody() {
    let world = World::new();
    let session = world.session().await;
    let (status, _) = world
        .ask(post(Some(&session), call(json!(1), "echo", &json!({}))))
        .await;
    let gauges = world.bridge.gauges();
    assert_eq!((status, gauges.detached, gauges.stream_bytes), (200, 0, 0));
}

#[tokio::test]
async fn a_client_that_is_back_before_its_loss_is_noticed_takes_the_stream_over() {
    let world = World::new();
    let session = world.session().await;
    let mut first = listener(&world, &session).await;
    for number in 1..=3 {
        server::say(&world.bridge, &numbered(number));
    }
    assert_eq!(first.message().await, Some(numbered(1)));
    let read = first.last_id.clone().expect("an id");
    // Given, but, let us say, never arrived.
    assert_eq!(first.message().await, Some(numbered(2)));
    let mut second = resumed(&world, &session, &read).await;
    assert_eq!(first.message().await, None, "the first gets nothing more");
    drop(first);
    assert_eq!(second.message().await, Some(numbered(2)));
    assert_eq!(second.message().await, Some(numbered(3)));
    assert_eq!(world.bridge.gauges().listeners, 1);
}

#[tokio::test]
async fn a_listener_that_was_replaced_can_be_read_to_its_end_and_then_listens_anew() {
    let world = World::new();
    let session = world.session().await;
    let last = left_listener(&world, &session).await;
    server::say(&world.bridge, &numbered(2));
    let mut newer = listener(&world, &session).await;
    server::say(&world.bridge, &numbered(3));
    let mut events = resumed(&world, &session, &last).await;
    assert_eq!(events.message().await, Some(numbered(2)));
    assert_eq!(events.next().await, None, "3 is on the newer one alone");
    assert_eq!(newer.message().await, Some(numbered(3)));
    let last = events.last_id.clone().expect("an id");
    let mut anew = resumed(&world, &session, &last).await;
    assert_eq!(newer.message().await, None, "the newest listener wins");
    server::say(&world.bridge, &numbered(4));
    assert_eq!(anew.message().await, Some(numbered(4)));
}

#[tokio::test]
async fn the_end_of_a_session_ends_what_is_kept_for_it() {
    let world = World::new();
    let session = world.session().await;
    let last = left_listener(&world, &session).await;
    let deleted = world.send(bare("DELETE", "/mcp", Some(&session))).await;
    assert_eq!(deleted.status(), 204);
    let gauges = world.bridge.gauges();
    assert_eq!(
        (gauges.detached, gauges.stream_bytes, gauges.hub.streams),
        (0, 0, 0)
    );
    assert_eq!(refused(&world, &session, &last).await.0, 404);
}

#[tokio::test]
async fn a_stream_of_another_session_is_not_to_be_had() {
    let world = World::new();
    let (owner, other) = (world.session().await, world.session().await);
    let last = left_listener(&world, &owner).await;
    let mut anew = resumed(&world, &other, &last).await;
    server::say(&world.bridge, &numbered(2));
    assert_eq!(anew.message().await, Some(numbered(2)));
    assert_ne!(anew.last_id, Some(last.clone()), "a stream of its own");
    assert_eq!(refused(&world, "0123456789abcdef0", &last).await.0, 404);
    let mut events = resumed(&world, &owner, &last).await;
    assert_eq!(events.message().await, Some(numbered(2)));
}

#[tokio::test]
async fn an_id_that_was_never_given_is_refused_and_an_empty_one_is_none() {
    let world = World::new();
    let session = world.session().await;
    let last = left_listener(&world, &session).await;
    let (stream, _) = last.split_once('-').expect("two parts");
    assert_eq!(refused(&world, &session, "no-id").await.0, 400);
    assert_eq!(
        refused(&world, &session, &format!("{stream}-9")).await.0,
        409
    );
    assert_eq!(refused(&world, &session, "pffff-1").await.0, 409);
    let other_kind = last.replacen('g', "p", 1);
    assert_eq!(refused(&world, &session, &other_kind).await.0, 409);
    drop(resumed(&world, &session, "").await);
}

#[tokio::test]
async fn a_call_without_session_or_of_the_sse_door_has_no_ids() {
    let world = World::new();
    let response = world.send(post(None, initialize_as("2025-11-25"))).await;
    assert!(json_of(response).await["result"].is_object());
    let mut events = Events::of(world.send(bare("GET", "/sse", None)).await);
    let endpoint = events.next().await.expect("the endpoint");
    assert!(matches!(endpoint, crate::support::Event::Endpoint(_)));
    assert_eq!(events.last_id, None);
}

#[tokio::test]
async fn a_client_that_has_read_everything_of_a_call_is_told_to_come_back_no_more() {
    let world = World::new();
    let session = world.session().await;
    let body = call(json!("c"), "progress_then_never", &json!({}));
    let mut events = Events::of(world.send(post(Some(&session), body)).await);
    events.message().await.expect("progress");
    let last = events.last_id.take().expect("an id");
    drop(events);
    let cancelled: Value = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": {"requestId": "c"}});
    let taken = world
        .send(post(Some(&session), cancelled.to_string()))
        .await;
    assert_eq!(taken.status(), 202);
    let over = world.send(back(&session, &last)).await;
    assert_eq!(over.status(), 204, "it was cancelled meanwhile");
    let (status, _) = world
        .ask(post(Some(&session), rpc(json!(2), "ping", &json!({}))))
        .await;
    assert_eq!(status, 200);
}
