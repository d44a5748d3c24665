//! A pool with backends that keep what they are told, as a process does until it is replaced.

mod visits;
mod world;

use std::sync::atomic::Ordering::Relaxed;

use hivewright_bridge::protocol::Era;
use tokio::time::{Duration, sleep, timeout};

use self::world::{START, world, world_of};
use super::*;

/// As the door opens a session.
async fn join(fleet: &Fleet) -> Result<SessionId, NotOpened> {
    let body = initialize_body();
    let input = |session, stream| FromClient::Open {
        session,
        stream,
        body: body.clone(),
    };
    let mut stream = fleet.open_first(StreamKind::Answer, input).await?;
    match stream.next().await {
        Some(StreamItem::Opened(session)) => Ok(session),
        other => panic!("{other:?}"),
    }
}

/// All that the session's process was ever told.
async fn call(fleet: &Fleet, session: &SessionId, name: &str) -> Vec<String> {
    let request =
        json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": name } });
    let body = Bytes::from(request.to_string());
    let bridge = fleet.of(session).expect("a session of ours");
    let mut stream = bridge.open(StreamKind::Answer, |stream| FromClient::Post {
        session: session.clone(),
        version: None,
        stream,
        body,
    });
    let Some(StreamItem::Last(answer)) = stream.next().await else {
        panic!("an answer is expected")
    };
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    serde_json::from_value(answer["result"]["all"].clone()).expect("names")
}

fn leave(fleet: &Fleet, session: SessionId) {
    let bridge = fleet.of(&session).expect("a session of ours").clone();
    drop(bridge.open(StreamKind::Answer, |stream| FromClient::Close {
        session,
        stream,
    }));
}

/// Lets so much time pass; everything that is due happens.
async fn pass(time: Duration) {
    sleep(time).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn sessions_get_the_first_free_pods_and_none_reads_what_another_said() {
    let world = world(3, 1);
    let (a, b) = (
        join(&world.fleet).await.unwrap(),
        join(&world.fleet).await.unwrap(),
    );
    assert_eq!((pod_of(&a), pod_of(&b)), (0, 1));
    assert_eq!(call(&world.fleet, &a, "a1").await, ["a1"]);
    assert_eq!(call(&world.fleet, &b, "b1").await, ["b1"]);
    assert_eq!(call(&world.fleet, &a, "a2").await, ["a1", "a2"]);
}

#[tokio::test(start_paused = true)]
async fn a_session_gets_a_process_that_nobody_had_though_the_pod_is_the_same() {
    let world = world(1, 1);
    let a = join(&world.fleet).await.unwrap();
    call(&world.fleet, &a, "secret").await;
    leave(&world.fleet, a);
    let b = join(&world.fleet)
        .await
        .expect("it waits for the fresh process");
    assert_eq!(pod_of(&b), 0);
    assert_eq!(call(&world.fleet, &b, "b1").await, ["b1"]);
    assert_eq!(*world.told.lock(), [vec!["secret"], vec!["b1"]]);
}

#[tokio::test(start_paused = true)]
async fn past_the_bound_a_client_is_refused_until_a_session_ends() {
    let world = world(2, 1);
    let a = join(&world.fleet).await.unwrap();
    let _b = join(&world.fleet).await.unwrap();
    let refused = join(&world.fleet).await;
    assert!(
        matches!(refused, Err(NotOpened::PoolFull { max: 2 })),
        "{refused:?}"
    );
    leave(&world.fleet, a);
    assert_eq!(pod_of(&join(&world.fleet).await.unwrap()), 0);
}

#[tokio::test(start_paused = true)]
async fn a_spare_process_is_kept_ready_so_that_the_next_session_does_not_wait() {
    let world = world(4, 1);
    let begun = tokio::time::Instant::now();
    let _a = join(&world.fleet).await.unwrap();
    assert_eq!(begun.elapsed(), START, "the very first one waits");
    pass(START).await;
    assert_eq!(world.fleet.size(), 2);
    let begun = tokio::time::Instant::now();
    let _b = join(&world.fleet).await.unwrap();
    assert!(begun.elapsed().is_zero(), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn without_spares_the_pool_grows_when_a_client_comes_and_one_pod_always_stays() {
    let world = world(4, 0);
    pass(10 * SHRINK_AFTER).await;
    assert_eq!(world.fleet.size(), 1);
    let _a = join(&world.fleet).await.unwrap();
    pass(START).await;
    assert_eq!(world.fleet.size(), 1);
    let begun = tokio::time::Instant::now();
    let _b = join(&world.fleet).await.unwrap();
    assert_eq!((begun.elapsed(), world.fleet.size()), (START, 2));
}

#[tokio::test(start_paused = true)]
async fn an_idle_pool_shrinks_to_its_spares_after_a_minute_and_not_before() {
    let world = world(4, 1);
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(join(&world.fleet).await.unwrap());
    }
    assert_eq!(world.fleet.size(), 4);
    for session in sessions {
        leave(&world.fleet, session);
    }
    pass(SHRINK_AFTER * 9 / 10).await;
    assert_eq!(world.fleet.size(), 4);
    pass(SHRINK_AFTER / 5).await;
    assert_eq!(world.fleet.size(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_keeps_its_pod_and_those_before_it_though_the_bounds_are_lowered() {
    let world = world(3, 1);
    let a = join(&world.fleet).await.unwrap();
    let b = join(&world.fleet).await.unwrap();
    let c = join(&world.fleet).await.unwrap();
    let live = LiveConfig {
        replicas: 1,
        keep_scale: true,
        warm: Some(1),
        egress: hivewright_api::proxy_config::EgressRules::default(),
    };
    world.fleet.follow(&live);
    leave(&world.fleet, a);
    leave(&world.fleet, b);
    pass(2 * SHRINK_AFTER).await;
    assert_eq!(world.fleet.size(), 3);
    assert_eq!(call(&world.fleet, &c, "c1").await, ["c1"]);
    leave(&world.fleet, c);
    pass(2 * SHRINK_AFTER).await;
    assert_eq!(world.fleet.size(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_session_costs_no_process() {
    let world = world(1, 1);
    pass(START).await;
    let nonsense = |session, stream| FromClient::Open {
        session,
        stream,
        body: Bytes::from_static(b"{}"),
    };
    for _ in 0..3 {
        let opened = world.fleet.open(StreamKind::Answer, nonsense);
        let (_, mut stream) = opened.expect("the pod is free");
        let said = stream.next().await;
        assert!(matches!(said, Some(StreamItem::Refused(_))), "{said:?}");
    }
    pass(START).await;
    assert_eq!(world.starts.load(Relaxed), 1);
    join(&world.fleet).await.expect("the pod is free");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_gave_up_waiting_has_used_no_process() {
    let world = world(1, 1);
    let waits = timeout(START / 2, join(&world.fleet)).await;
    assert!(waits.is_err(), "it starts");
    let b = join(&world.fleet).await.expect("the pod is free again");
    assert_eq!(call(&world.fleet, &b, "b1").await, ["b1"]);
    assert_eq!(world.starts.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_outlives_its_process_and_what_ended_meanwhile_leaves_nothing_behind() {
    let world = world(1, 1);
    let a = join(&world.fleet).await.unwrap();
    world
        .fleet
        .bridge(Ordinal::FIRST)
        .server_down(Loss::ProcessExited);
    assert_eq!(
        call(&world.fleet, &a, "a1").await,
        ["a1"],
        "by the next process"
    );
    let bridge = world.fleet.bridge(Ordinal::FIRST).clone();
    bridge.server_down(Loss::ProcessExited);
    leave(&world.fleet, a);
    assert!(
        bridge.server_up_in("uid-1".into()).is_none(),
        "its pod must be replaced"
    );
}

#[tokio::test(start_paused = true)]
async fn an_sse_session_ends_with_its_stream_and_its_process_with_it() {
    let world = world(1, 1);
    pass(START).await;
    let input = |session, stream| FromClient::OpenSse { session, stream };
    let opened = world.fleet.open_settled(StreamKind::Sse, input).await;
    let (_, stream) = opened.expect("the pod is free");
    let full = world.fleet.open_settled(StreamKind::Sse, input).await;
    assert!(matches!(full, Err(NotOpened::PoolFull { max: 1 })));
    drop(stream);
    pass(START).await;
    assert_eq!(world.starts.load(Relaxed), 2, "a fresh one");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_pool_has_no_pods_and_refuses() {
    let world = world(2, 1);
    let a = join(&world.fleet).await.unwrap();
    let stopped = LiveConfig {
        replicas: 0,
        keep_scale: true,
        warm: None,
        egress: hivewright_api::proxy_config::EgressRules::default(),
    };
    world.fleet.follow(&stopped);
    assert_eq!(world.fleet.size(), 0);
    assert_eq!(world.fleet.of(&a).expect("known").snapshot().sessions, []);
    assert!(matches!(join(&world.fleet).await, Err(NotOpened::NoPods)));
}
