//! Several pods, and how many of them changes.

use hivewright_proxy::{
    backend::pod::Speech,
    driver::ServerHealth,
    fleet::{Fleet, Ordinal},
};

use crate::{
    Proxy, assert_lawful,
    cluster::{Cluster, patient},
    pods,
    world::{Fact, Script},
};

async fn up(fleet: &Fleet, pod: usize) {
    let pod = Ordinal::below(pod + 1).last().expect("a pod");
    let mut status = fleet.bridge(pod).status();
    let up = status.wait_for(|health| matches!(health, ServerHealth::Initialized(_)));
    patient(up).await.expect("the bridge lives");
}

fn scaled(replicas: i64) -> impl Fn(&Fact) -> bool {
    move |fact| *fact == Fact::Scaled(replicas)
}

#[tokio::test]
async fn every_pod_of_the_spec_is_brought_up_and_initialised_by_a_worker_of_its_own() {
    let cluster = Cluster::start(Script::Echo).await;
    let proxy = Proxy::with(&cluster, pods(3, true), Speech::Stdio);
    cluster.until(scaled(3)).await;
    for pod in 0..3 {
        up(&proxy.fleet, pod).await;
    }
    assert_lawful(&cluster.facts());
    assert!(proxy.fleet.gauges().pods.iter().all(|pod| pod.up));
    proxy.stop().await;
}

#[tokio::test]
async fn the_end_of_one_process_leaves_the_other_pods_alone() {
    let cluster = Cluster::start(Script::Echo).await;
    let proxy = Proxy::with(&cluster, pods(2, true), Speech::Stdio);
    up(&proxy.fleet, 0).await;
    up(&proxy.fleet, 1).await;
    cluster.kill_in("echo-1", 137);
    let second = Ordinal::below(2).last().expect("two pods");
    let mut lost = proxy.fleet.bridge(second).status();
    let failed = lost.wait_for(|health| matches!(health, ServerHealth::Failed(_)));
    patient(failed).await.expect("the bridge lives");
    let first = proxy.bridge.status().borrow().clone();
    assert!(matches!(first, ServerHealth::Initialized(_)), "{first:?}");
    up(&proxy.fleet, 1).await;
    assert_lawful(&cluster.facts());
    proxy.stop().await;
}

#[tokio::test]
async fn a_count_that_grows_and_shrinks_is_followed_without_deleting_a_pod() {
    let cluster = Cluster::start(Script::Echo).await;
    let proxy = Proxy::with(&cluster, pods(1, true), Speech::Stdio);
    up(&proxy.fleet, 0).await;
    proxy.live.send_replace(pods(2, true));
    cluster.until(scaled(2)).await;
    up(&proxy.fleet, 1).await;
    proxy.live.send_replace(pods(1, true));
    cluster.until(scaled(1)).await;
    assert_eq!(proxy.fleet.size(), 1);
    proxy.live.send_replace(pods(2, true));
    cluster.until(scaled(2)).await;
    up(&proxy.fleet, 1).await;
    let facts = cluster.facts();
    assert_lawful(&facts);
    assert!(
        !facts.iter().any(|fact| matches!(fact, Fact::Deleted(_))),
        "scaling is the StatefulSet's work: {facts:?}"
    );
    proxy.stop().await;
}

#[tokio::test]
async fn a_server_that_is_stopped_by_its_spec_has_no_pod_until_it_is_started_again() {
    let cluster = Cluster::start(Script::Echo).await;
    let proxy = Proxy::with(&cluster, pods(1, true), Speech::Stdio);
    up(&proxy.fleet, 0).await;
    proxy.live.send_replace(pods(0, true));
    cluster.until(scaled(0)).await;
    assert_eq!(proxy.fleet.size(), 0);
    proxy.live.send_replace(pods(1, true));
    cluster.until(scaled(1)).await;
    up(&proxy.fleet, 0).await;
    assert_lawful(&cluster.facts());
    proxy.stop().await;
}

#[tokio::test]
async fn pods_that_somebody_else_scaled_up_are_served_and_their_count_is_left_alone() {
    let cluster = Cluster::start(Script::Echo).await;
    cluster.with(|world| world.set_scale(2));
    let proxy = Proxy::with(&cluster, pods(2, false), Speech::Stdio);
    up(&proxy.fleet, 0).await;
    up(&proxy.fleet, 1).await;
    let facts = cluster.facts();
    let scaled = facts.iter().filter(|fact| matches!(fact, Fact::Scaled(_)));
    assert_eq!(scaled.count(), 1, "by the test itself: {facts:?}");
    proxy.stop().await;
}
