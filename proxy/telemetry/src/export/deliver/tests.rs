use std::{collections::VecDeque, sync::Arc};

use http::StatusCode;
use parking_lot::Mutex;
use prometheus::{Registry, TextEncoder};

use super::*;

/// Answers from a list, the last one for ever.
#[derive(Clone)]
struct Scripted(Arc<Mutex<VecDeque<Answer>>>, Arc<Mutex<usize>>);

impl Post for Scripted {
    async fn post(&self, _: Bytes) -> Answer {
        *self.1.lock() += 1;
        let mut answers = self.0.lock();
        let again = match answers.front().expect("there is an answer left") {
            Answer::Later(wait) => Answer::Later(*wait),
            Answer::Taken(words) => Answer::Taken(words.clone()),
            Answer::Refused(status) => Answer::Refused(*status),
        };
        if answers.len() > 1 {
            answers.pop_front();
        }
        again
    }
}

struct Scene {
    deliverer: Deliverer<Scripted>,
    registry: Registry,
    ending: watch::Sender<bool>,
    tries: Arc<Mutex<usize>>,
}

impl Scene {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let registry = Registry::new();
        let (ending, stop) = watch::channel(false);
        let tries = Arc::default();
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        Self {
            deliverer: Deliverer {
                client: Scripted(answers, Arc::clone(&tries)),
                counts: Counts::register(&registry),
                signal: Signal::Traces,
                stop: Stop::new(stop),
            },
            registry,
            ending,
            tries,
        }
    }

    /// Delivers a request of ten items, and gives the time that it took.
    async fn deliver(&mut self, rejected: fn(Bytes) -> u64) -> Duration {
        let began = Instant::now();
        self.deliverer.deliver(Bytes::new(), 10, rejected).await;
        began.elapsed()
    }

    fn counts(&self, line: &str) -> bool {
        let text = TextEncoder::new().encode_to_string(&self.registry.gather());
        text.unwrap().lines().any(|other| other == line)
    }
}

const TAKEN: &str = r#"hivewright_telemetry_exported_total{signal="traces"} 10"#;

fn dropped(reason: &str, items: u64) -> String {
    format!(r#"hivewright_telemetry_dropped_total{{reason="{reason}",signal="traces"}} {items}"#)
}

fn none(_: Bytes) -> u64 {
    0
}

#[tokio::test(start_paused = true)]
async fn what_can_be_sent_again_is_until_it_is_taken() {
    let taken = Answer::Taken(Bytes::new());
    let mut scene = Scene::new([Answer::Later(None), Answer::Later(None), taken]);
    let took = scene.deliver(none).await;
    assert_eq!(*scene.tries.lock(), 3);
    assert!(took >= Duration::from_millis(1_500), "{took:?}");
    assert!(scene.counts(TAKEN));
}

#[tokio::test(start_paused = true)]
async fn a_collector_says_how_long_to_wait() {
    let asked = Duration::from_secs(45);
    let taken = Answer::Taken(Bytes::new());
    let mut scene = Scene::new([Answer::Later(Some(asked)), taken]);
    assert_eq!(scene.deliver(none).await, asked);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_delivered_for_long_is_given_up_and_counted() {
    let mut scene = Scene::new([Answer::Later(None)]);
    let took = scene.deliver(none).await;
    assert!(took <= GIVE_UP && took > GIVE_UP / 4, "{took:?}");
    assert!(scene.counts(&dropped("unreachable", 10)));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final_and_counted() {
    let mut scene = Scene::new([Answer::Refused(StatusCode::BAD_REQUEST)]);
    assert_eq!(scene.deliver(none).await, Duration::ZERO);
    assert_eq!(*scene.tries.lock(), 1);
    assert!(scene.counts(&dropped("refused", 10)));
}

#[tokio::test(start_paused = true)]
async fn what_the_collector_did_not_take_is_counted_apart() {
    let mut scene = Scene::new([Answer::Taken(Bytes::new())]);
    scene.deliver(|_| 4).await;
    assert!(scene.counts(&dropped("rejected", 4)));
    assert!(scene.counts(&TAKEN.replace("10", "6")));
}

#[tokio::test(start_paused = true)]
async fn a_collector_cannot_reject_more_than_it_was_given() {
    let mut scene = Scene::new([Answer::Taken(Bytes::new())]);
    scene.deliver(|_| u64::MAX).await;
    assert!(scene.counts(&dropped("rejected", 10)));
}

#[tokio::test(start_paused = true)]
async fn at_the_end_nothing_is_waited_for() {
    let mut scene = Scene::new([Answer::Later(None)]);
    scene.ending.send_replace(true);
    assert_eq!(scene.deliver(none).await, Duration::ZERO);
    assert!(scene.counts(&dropped("unreachable", 10)));
}

#[tokio::test(start_paused = true)]
async fn the_end_breaks_off_a_wait_for_a_last_try() {
    let taken = Answer::Taken(Bytes::new());
    let mut scene = Scene::new([Answer::Later(Some(Duration::from_secs(50))), taken]);
    let ending = scene.ending.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(3)).await;
        ending.send_replace(true);
    });
    assert_eq!(scene.deliver(none).await, Duration::from_secs(3));
    assert!(scene.counts(TAKEN));
}
