//! Requests without a session in a pool: each is a tenant of its own.

use futures::future::join_all;
use hivewright_bridge::modern::{Field, ModernHead};

use super::*;

/// What a server of 2026-07-28 says of itself.
pub(super) fn discovered() -> serde_json::Value {
    json!({
        "resultType": "complete", "supportedVersions": ["2026-07-28"],
        "capabilities": { "tools": {} }, "ttlMs": 0, "cacheScope": "private",
        "_meta": { "io.modelcontextprotocol/serverInfo": { "name": "s", "version": "1" } },
    })
}

fn head(method: &str, name: &str) -> ModernHead {
    ModernHead {
        version: Field::Value("2026-07-28".into()),
        method: Field::Value(method.into()),
        name: Field::Value(name.into()),
        ..ModernHead::default()
    }
}

/// All that was ever said to the process which gets this call.
async fn visit(fleet: &Fleet, name: &str) -> Result<Vec<String>, NotVisited> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": name, "arguments": {}, "_meta": meta });
    let request = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
    let (head, body) = (head("tools/call", name), Bytes::from(request.to_string()));
    let input = |stream| FromClient::Visit { stream, head, body };
    let mut stream = fleet.visit(None, StreamKind::Answer, input).await?;
    let Some(StreamItem::Last(answer)) = stream.next().await else {
        panic!("an answer is expected")
    };
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    Ok(serde_json::from_value(answer["result"]["all"].clone()).expect("names"))
}

#[tokio::test(start_paused = true)]
async fn each_visit_has_a_legacy_process_to_itself_which_is_renewed_after_it() {
    let world = world(1, 1);
    for name in ["a", "b", "c"] {
        let told = visit(&world.fleet, name)
            .await
            .expect("it waits for a fresh one");
        assert_eq!(told, [name]);
    }
    pass(START).await;
    assert_eq!(world.starts.load(Relaxed), 4, "one is ready for the next");
}

#[tokio::test(start_paused = true)]
async fn visits_at_once_get_a_pod_each_and_one_more_is_refused() {
    let world = world(2, 1);
    let visits = ["a", "b", "c"].map(|name| visit(&world.fleet, name));
    let [a, b, c] = <[_; 3]>::try_from(join_all(visits).await).expect("three");
    assert_eq!(
        (a.expect("a pod"), b.expect("a pod")),
        (vec!["a".into()], vec!["b".into()])
    );
    assert!(
        matches!(
            c,
            Err(NotVisited::NotOpened(NotOpened::PoolFull { max: 2 }))
        ),
        "{c:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_process_of_2026_07_28_keeps_nothing_and_serves_one_visit_after_the_other() {
    let world = world_of(Era::Modern, 1, 1);
    for count in 1..=3 {
        let told = visit(&world.fleet, "a").await.expect("the pod is free");
        assert_eq!(told.len(), count);
    }
    pass(START).await;
    assert_eq!(world.starts.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_after_a_visit_reads_nothing_of_it_and_a_visit_nothing_of_a_session() {
    let world = world(1, 1);
    assert_eq!(visit(&world.fleet, "a").await.expect("a pod"), ["a"]);
    let session = join(&world.fleet).await.expect("a pod");
    assert_eq!(call(&world.fleet, &session, "b").await, ["b"]);
    leave(&world.fleet, session);
    assert_eq!(visit(&world.fleet, "c").await.expect("a pod"), ["c"]);
}
