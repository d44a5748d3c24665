//! A client that does not read harms nobody but itself.

use hivewright_proxy::driver::MAX_STREAM_ITEMS;
use serde_json::json;

use crate::support::{Events, World, bare, call, echoed, post, server};

#[tokio::test]
async fn a_listener_that_does_not_read_loses_its_stream_and_others_keep_theirs() {
    let world = World::new();
    let (slow, quick) = (world.session().await, world.session().await);
    let mut stuck = Events::of(world.send(bare("GET", "/mcp", Some(&slow))).await);
    let mut reading = Events::of(world.send(bare("GET", "/mcp", Some(&quick))).await);

    let changed = json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"});
    for _ in 0..=MAX_STREAM_ITEMS {
        server::say(&world.bridge, &changed);
        assert_eq!(reading.message().await, Some(changed.clone()));
    }
    assert!(
        world
            .scrape()
            .contains(r#"hivewright_proxy_overflow_total{queue="stream"} 1"#)
    );

    let mut read = 0;
    while stuck.message().await.is_some() {
        read += 1;
    }
    assert!(read <= MAX_STREAM_ITEMS, "what waited is bounded");
    let (_, answer) = world
        .ask(post(Some(&slow), call(json!(1), "echo", &json!({}))))
        .await;
    assert_eq!(answer, echoed(&json!(1), &json!({})));
    assert_eq!(world.bridge.gauges().listeners, 1);
}

#[tokio::test]
async fn a_post_that_is_not_read_ends_with_an_error_for_its_call() {
    let world = World::new();
    let session = world.session().await;
    let many = MAX_STREAM_ITEMS + 1;
    let body = call(json!("mine"), "progress", &json!({"count": many}));
    let mut stuck = Events::of(world.send(post(Some(&session), body)).await);
    let mut last = None;
    while let Some(message) = stuck.message().await {
        last = Some(message);
    }
    let last = last.expect("something was said");
    assert_eq!(last["id"], "mine", "{last}");
    assert_eq!(last["error"]["code"], -32000, "{last}");
    assert!(
        last["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("unread")),
        "{last}"
    );
}
