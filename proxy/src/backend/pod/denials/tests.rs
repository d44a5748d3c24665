//! What is told on a pod, and how often, in paused time.

use std::net::IpAddr;

use http::{Method, StatusCode};
use serde_json::json;
use tokio::time::Instant;

use super::*;
use crate::{
    backend::pod::fake::{Calls, pass, pod, site},
    egress::{Denial, Why},
};

const OURS: &str = "10.0.0.1";
const NEXT: &str = "10.0.0.2";

struct Scene {
    views: watch::Sender<PodView>,
    denials: watch::Sender<Denials>,
    calls: Calls,
    start: Instant,
}

impl Scene {
    /// A teller of the first pod, which has the address [`OURS`].
    fn start(
        status: impl Fn(&crate::backend::pod::fake::Call) -> StatusCode + Send + Sync + 'static,
    ) -> Self {
        let (site, calls) = site(move |call| {
            let pod = json!({ "metadata": { "name": "echo-0" }, "spec": { "containers": [] } });
            (status(call), pod)
        });
        let (views, seen) = watch::channel(pod("u1", OURS));
        let (denials, told) = watch::channel(Denials::default());
        let teller = Teller {
            pod: Ordinal::FIRST,
            target: site.pod(Ordinal::FIRST),
            views: seen,
            denials: told,
            roster: Roster::default(),
        };
        tokio::spawn(teller.run());
        let start = Instant::now();
        Self {
            views,
            denials,
            calls,
            start,
        }
    }

    fn deny(&self, source: &str, host: &str) {
        let source: IpAddr = source.parse().expect("an address");
        let denial = Denial {
            source,
            host: host.to_owned(),
            port: 443,
            why: Why::Host,
        };
        self.denials.send_modify(|denials| denials.add(denial));
    }

    /// When each patch was made, in seconds, the uid that it was for, and what it says first.
    fn told(&self) -> Vec<(u64, String, String)> {
        let patches = self.calls.of(&Method::PATCH).into_iter();
        patches
            .map(|call| {
                let message = call.body["status"]["conditions"][0]["message"].as_str();
                let first = message.and_then(|text| text.split(' ').next());
                let uid = call.body["metadata"]["uid"].as_str();
                let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
                ((call.at - self.start).as_secs(), text(uid), text(first))
            })
            .collect()
    }
}

fn told(seconds: u64, uid: &str, times: &str) -> (u64, String, String) {
    (seconds, uid.to_owned(), times.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_denials_is_one_patch_at_once_and_one_after_each_pause() {
    let scene = Scene::start(|_| StatusCode::OK);
    for _ in 0..25 {
        scene.deny(OURS, "evil.test");
        pass(1).await;
    }
    pass(100).await;
    let ten = CONDITION_PAUSE.as_secs();
    let expected = [
        told(0, "u1", "1"),
        told(ten, "u1", "11"),
        told(2 * ten, "u1", "21"),
        told(3 * ten, "u1", "25"),
    ];
    let seen = scene.told();
    assert_eq!(seen.len(), expected.len(), "{seen:?}");
    for (seen, expected) in seen.iter().zip(&expected) {
        assert_eq!((seen.0, &seen.1), (expected.0, &expected.1));
        let (seen, expected): (u64, u64) = (seen.2.parse().unwrap(), expected.2.parse().unwrap());
        assert!(seen.abs_diff(expected) <= 1, "the newest count: {seen}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_denial_after_a_quiet_time_is_told_at_once() {
    let scene = Scene::start(|_| StatusCode::OK);
    scene.deny(OURS, "evil.test");
    pass(3600).await;
    scene.deny(OURS, "evil.test");
    pass(1).await;
    assert_eq!(scene.told(), [told(0, "u1", "1"), told(3600, "u1", "2")]);
}

#[tokio::test(start_paused = true)]
async fn a_patch_that_fails_is_made_again_after_the_pause_and_one_for_a_pod_that_is_gone_is_not() {
    let scene = Scene::start(|_| StatusCode::INTERNAL_SERVER_ERROR);
    scene.deny(OURS, "evil.test");
    pass(15).await;
    assert_eq!(scene.told(), [told(0, "u1", "1"), told(10, "u1", "1")]);
    let scene = Scene::start(|_| StatusCode::NOT_FOUND);
    scene.deny(OURS, "evil.test");
    pass(3600).await;
    assert_eq!(scene.told(), [told(0, "u1", "1")]);
}

#[tokio::test(start_paused = true)]
async fn what_a_pod_was_denied_is_not_told_on_its_successor() {
    let scene = Scene::start(|_| StatusCode::OK);
    scene.deny(OURS, "evil.test");
    pass(20).await;
    scene.views.send_replace(PodView::Absent);
    pass(20).await;
    scene.views.send_replace(pod("u2", NEXT));
    pass(3600).await;
    assert_eq!(scene.told(), [told(0, "u1", "1")], "it was denied nothing");
    scene.deny(NEXT, "evil.test");
    pass(1).await;
    assert_eq!(scene.told()[1..], [told(3640, "u2", "1")]);
}

#[tokio::test(start_paused = true)]
async fn a_denial_to_a_stranger_is_told_on_the_first_pod() {
    let scene = Scene::start(|_| StatusCode::OK);
    scene.deny("10.9.9.9", "evil.test");
    pass(1).await;
    assert_eq!(scene.told(), [told(0, "u1", "1")]);
}
