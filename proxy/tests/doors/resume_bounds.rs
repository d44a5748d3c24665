//! What is kept for clients that are away is bounded, in time and in number.

use std::time::Duration;

use hivewright_proxy::driver::{DETACHED_FOR, MAX_DETACHED, MAX_STREAM_ITEMS};
use serde_json::json;
use tokio::time::advance;

use crate::{
    resume::{left_listener, listener, refused, resumed},
    support::{Events, World, call, numbered, post, server},
};

/// Lets the tasks of the bridge run.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_nobody_comes_back_to_is_given_up_in_time_and_begins_anew() {
    let world = World::new();
    let session = world.session().await;
    let last = left_listener(&world, &session).await;
    assert_eq!(world.bridge.gauges().detached, 1);
    advance(DETACHED_FOR.saturating_sub(Duration::from_millis(1))).await;
    settle().await;
    let held = (
        world.bridge.gauges().detached,
        world.bridge.gauges().hub.streams,
    );
    assert_eq!(held, (1, 1));
    advance(Duration::from_millis(2)).await;
    settle().await;
    let held = (
        world.bridge.gauges().detached,
        world.bridge.gauges().hub.streams,
    );
    assert_eq!(held, (0, 0), "it keeps its session no more");
    begins_anew(&world, &session, &last).await;
}

/// The listener is lost, and its client has a new one that reads from now on.
async fn begins_anew(world: &World, session: &str, last: &str) {
    let mut events = resumed(world, session, last).await;
    server::say(&world.bridge, &numbered(77));
    assert_eq!(events.message().await, Some(numbered(77)), "nothing older");
    let id = events.last_id.clone().expect("an id");
    let stream = |id: &str| id.split_once('-').expect("two parts").0.to_owned();
    assert_ne!(stream(&id), stream(last), "a stream of its own");
    drop(events);
    let mut again = resumed(world, session, &id).await;
    server::say(&world.bridge, &numbered(78));
    assert_eq!(again.message().await, Some(numbered(78)));
    let scrape = world.scrape();
    for (outcome, count) in [("lost", 1), ("resumed", 1), ("refused", 0)] {
        let line = format!(r#"hivewright_proxy_resumptions_total{{outcome="{outcome}"}} {count}"#);
        assert!(scrape.contains(&line), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_came_back_for_in_time_is_refused_and_does_not_begin_anew() {
    let world = World::new();
    let session = world.session().await;
    let body = call(json!("c"), "progress_then_never", &json!({}));
    let mut events = Events::of(world.send(post(Some(&session), body)).await);
    events.message().await.expect("progress");
    let last = events.last_id.take().expect("an id");
    drop(events);
    advance(DETACHED_FOR).await;
    settle().await;
    let (status, message) = refused(&world, &session, &last).await;
    assert_eq!(status, 409, "{message}");
    assert!(message.contains("not kept"), "{message}");
    let scrape = world.scrape();
    assert!(scrape.contains(r#"hivewright_proxy_refusals_total{reason="stream_not_kept"} 1"#));
    assert!(scrape.contains(r#"hivewright_proxy_resumptions_total{outcome="refused"} 1"#));
}

#[tokio::test(start_paused = true)]
async fn coming_back_starts_the_time_anew() {
    let world = World::new();
    let session = world.session().await;
    let last = left_listener(&world, &session).await;
    for _ in 0..4 {
        advance(DETACHED_FOR * 2 / 3).await;
        settle().await;
        drop(resumed(&world, &session, &last).await);
    }
    assert_eq!(world.bridge.gauges().detached, 1);
}

#[tokio::test]
async fn a_listener_that_cannot_be_whole_any_more_begins_anew_rather_than_with_a_gap() {
    let world = World::new();
    let session = world.session().await;
    let last = left_listener(&world, &session).await;
    // Of those that wait, none was given: nothing makes room.
    for number in 0..MAX_STREAM_ITEMS {
        server::say(&world.bridge, &numbered(number));
    }
    assert_eq!(world.bridge.gauges().detached, 1, "so many fit");
    server::say(&world.bridge, &numbered(0));
    let gauges = world.bridge.gauges();
    assert_eq!(
        (gauges.detached, gauges.stream_bytes, gauges.hub.streams),
        (0, 0, 0)
    );
    begins_anew(&world, &session, &last).await;
    let scrape = world.scrape();
    assert!(scrape.contains(r#"hivewright_proxy_overflow_total{queue="stream"} 1"#));
}

#[tokio::test]
async fn a_listener_whose_events_fell_out_of_the_log_begins_anew() {
    let world = World::new();
    let session = world.session().await;
    let mut events = listener(&world, &session).await;
    let mut first = None;
    for number in 0..=MAX_STREAM_ITEMS + 1 {
        server::say(&world.bridge, &numbered(number));
        assert_eq!(events.message().await, Some(numbered(number)));
        first.get_or_insert_with(|| events.last_id.clone().expect("an id"));
    }
    drop(events);
    begins_anew(&world, &session, &first.expect("an id")).await;
}

#[tokio::test]
async fn of_too_many_streams_that_were_left_the_oldest_is_given_up() {
    let world = World::new();
    let session = world.session().await;
    let mut ids = Vec::new();
    for number in 0..=MAX_DETACHED {
        let body = call(json!(number), "progress", &json!({"count": 1}));
        let mut events = Events::of(world.send(post(Some(&session), body)).await);
        events.message().await.expect("progress");
        ids.push(events.last_id.expect("an id"));
    }
    assert_eq!(world.bridge.gauges().detached, MAX_DETACHED);
    assert_eq!(refused(&world, &session, &ids[0]).await.0, 409);
    let mut second = resumed(&world, &session, &ids[1]).await;
    assert_eq!(second.message().await.expect("an answer")["id"], 1);
}
