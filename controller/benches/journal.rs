//! What the journal takes: events a second, time of a pass, bytes of an event. Prints JSON; `make
//! bench PART=journal` makes a page of it.

use std::time::Duration;

use futures::StreamExt as _;
use hivewright_api::MCPServerStatus;
use hivewright_controller::journal::{Journal, Limits, Pass, Settings, Store};
use hivewright_controller::key::Key;
use hivewright_controller::lead::CONCURRENCY;
use hivewright_controller::metrics::Metrics;
use hivewright_core::{
    Backend, Endpoint, Event, Part, PodState, Policy, Presence, Proxy, Replicas, Story, status,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::Instant;

/// Servers that start, each with every event of a start.
const SERVERS: usize = 500;

/// The passes of a server's start, as a cluster shows them.
fn start() -> Vec<Vec<Event>> {
    let parts = |presence: &Presence| {
        Part::ALL.map(|part| Event::Object {
            part,
            presence: presence.clone(),
        })
    };
    let mut first = vec![Event::GenerationObserved(1), Event::Accepted];
    first.extend(parts(&Presence::Missing));
    first.extend(Part::ALL.map(|part| Event::Applied { part }));
    first.extend(parts(&Presence::Current));
    first.push(Event::EndpointPublished(Endpoint {
        url: "http://mcp-fetch-proxy.default.svc.cluster.local:8080/mcp".to_owned(),
        streamable_http: "http://mcp-fetch-proxy.default.svc.cluster.local:8080/mcp".to_owned(),
        sse: "http://mcp-fetch-proxy.default.svc.cluster.local:8080/sse".to_owned(),
    }));
    first.push(Event::Proxy(Proxy::Pod(PodState::Pending)));
    let backend = |story: Story| Event::Backend(Backend::from(story));
    let count = |ready| Event::Replicas(Replicas { wanted: 1, ready });
    vec![
        first,
        vec![Event::Proxy(Proxy::Pod(PodState::Starting))],
        vec![Event::Policy(Policy::Enforced), Event::Proxy(Proxy::Ready)],
        vec![backend(Story::Pod(PodState::Starting)), count(0)],
        vec![backend(Story::Handshaking)],
        vec![backend(Story::Initialized), count(1), Event::Ready],
    ]
}

/// The same, of one server, as the journal takes them.
fn passes(server: usize) -> Vec<Pass> {
    let mut before: Option<MCPServerStatus> = None;
    let mut passes = Vec::new();
    for events in start() {
        let at = Timestamp::now();
        let mut after = before.clone().unwrap_or_default();
        status::fold_all(&mut after, &events, at);
        passes.push(Pass {
            server: Key::new("default", &format!("server-{server}")),
            uid: "7c5b3c1e-0000-4000-8000-000000000001".to_owned(),
            before: before.replace(after.clone()),
            after: Some(after),
            events,
            at,
            traceparent: None,
        });
    }
    passes
}

/// Starts of so many servers at once; the time of each append, and of all.
async fn run(journal: &Journal, from: usize, at_once: usize) -> (Vec<Duration>, Duration) {
    let servers: Vec<_> = (from..from + SERVERS).map(passes).collect();
    let began = Instant::now();
    let times = futures::stream::iter(servers)
        .map(async |passes| {
            let mut times = Vec::with_capacity(passes.len());
            for pass in passes {
                let began = Instant::now();
                journal
                    .append(pass.into())
                    .await
                    .expect("the disk takes what is measured");
                times.push(began.elapsed());
            }
            times
        })
        .buffer_unordered(at_once)
        .concat()
        .await;
    (times, began.elapsed())
}

fn figures(at_once: usize, (mut times, took): (Vec<Duration>, Duration)) -> serde_json::Value {
    let events: usize = start().iter().map(Vec::len).sum::<usize>() * SERVERS;
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
    let seconds = took.as_secs_f64();
    json!({
        "at_once": at_once,
        "passes": times.len(),
        "events": events,
        "seconds": seconds,
        "p50_ms": at(50),
        "p99_ms": at(99),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let directory = tempfile::tempdir().expect("there is a directory for temporary files");
    let path = directory.path().join("journal.db");
    let settings = Settings {
        path: path.clone(),
        limits: Limits {
            age: SignedDuration::from_hours(720),
            bytes: 1 << 30,
        },
    };
    let journal = Journal::start(settings, Metrics::new().journal())
        .await
        .expect("a thread can be had");
    let mut runs = Vec::new();
    for (number, at_once) in [1, usize::from(CONCURRENCY)].into_iter().enumerate() {
        let measured = run(&journal, number * SERVERS, at_once).await;
        runs.push(figures(at_once, measured));
    }
    journal.close().await;
    let bytes = Store::open(&path)
        .and_then(|store| store.bytes())
        .expect("what was written can be read");
    println!("{}", json!({ "runs": runs, "bytes": bytes }));
}
