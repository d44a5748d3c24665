//! Who is hired, who leaves, and what a panic does; no sockets.

use std::{future::pending, time::Duration};

use hivewright_api::proxy_config::EgressRules;
use hivewright_bridge::hub::HubConfig;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::time::timeout;

use super::*;
use crate::{
    backend::pod::fake::{Calls, pass, site},
    metrics::Metrics,
};

fn live(replicas: u16) -> LiveConfig {
    LiveConfig {
        replicas,
        keep_scale: true,
        warm: None,
        egress: EgressRules::default(),
    }
}

/// A crew of so many pods, none of which there is.
fn crew(replicas: u16) -> (Crew, watch::Sender<LiveConfig>, Calls) {
    let (site, calls) = site(|_| {
        let list = json!({ "metadata": { "resourceVersion": "1" }, "items": [] });
        (StatusCode::OK, list)
    });
    let (send, live) = watch::channel(live(replicas));
    let shutdown = CancellationToken::new();
    let config = HubConfig::new("test");
    let fleet = Fleet::new(config, Metrics::new(), 0, shutdown.clone());
    let crew = Crew {
        counters: Counters::register(fleet.metrics().registry()),
        fleet,
        site,
        speech: Speech::Stdio,
        feeds: Feeds {
            live,
            denials: None,
        },
        scale: watch::channel(Count {
            replicas: 0,
            keep: true,
        })
        .0,
        poke: Arc::default(),
        roster: Roster::default(),
        shutdown,
        members: [const { None }; MAX_PODS],
        tasks: JoinSet::new(),
    };
    (crew, send, calls)
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_panics_ends_the_crew_with_an_error() {
    let (mut crew, _live, _) = crew(0);
    crew.tasks.spawn(async { panic!("on purpose") });
    let ended = timeout(Duration::from_secs(1), crew.run()).await;
    let ended = ended.expect("at once");
    assert!(ended.is_err_and(|error| error.is_panic()));
}

#[tokio::test(start_paused = true)]
async fn a_helper_that_panics_beside_a_worker_ends_the_crew_with_an_error() {
    let (mut crew, _live, _) = crew(0);
    let mut helpers = JoinSet::new();
    helpers.spawn(async { panic!("on purpose") });
    crew.tasks
        .spawn(async { (Ordinal::FIRST, together(pending(), helpers).await) });
    let ended = timeout(Duration::from_secs(1), crew.run()).await;
    let ended = ended.expect("at once");
    assert!(ended.is_err_and(|error| error.is_panic()));
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_dismissed_is_followed_no_longer_and_one_that_is_hired_again_is() {
    let (crew, send, calls) = crew(3);
    let shutdown = crew.shutdown.clone();
    let running = tokio::spawn(crew.run());
    let asked = || calls.of(&Method::GET).len();
    pass(60).await;
    assert!(asked() > 3, "each is followed");
    send.send_replace(live(0));
    pass(1).await;
    let before = asked();
    pass(3600).await;
    assert_eq!(asked(), before, "nobody is left");
    send.send_replace(live(1));
    pass(60).await;
    assert!(asked() > before);
    shutdown.cancel();
    let ended = timeout(Duration::from_mins(1), running).await;
    let ended = ended.expect("in time").expect("it does not panic");
    assert!(ended.is_ok());
}
