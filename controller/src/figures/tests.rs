use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use super::*;

const TEXT: &str = "hivewright_proxy_sessions 3\n";

async fn proxy(router: Router) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    at
}

fn asked(name: &str, proxies: &[SocketAddr]) -> Asked {
    Asked {
        server: Key::new("a", name),
        proxies: proxies.to_vec(),
    }
}

async fn one(figures: &Figures, asked: Asked) -> model::Figures {
    figures.of(vec![asked]).await.remove(0)
}

fn why(figures: model::Figures) -> String {
    match figures {
        model::Figures::Unanswered(why) => why,
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test]
async fn two_proxies_of_a_server_are_one_sum_and_a_server_without_one_has_none() {
    let at = proxy(Router::new().route("/metrics", get(|| async { TEXT }))).await;
    let figures = Figures::default();
    let all = figures.of(vec![asked("two", &[at, at]), asked("none", &[])]);
    let all = all.await;
    assert!(
        matches!(&all[0], model::Figures::Known(load) if load.sessions == 6),
        "{all:?}"
    );
    assert!(matches!(&all[1], model::Figures::NoProxy));
}

#[tokio::test]
async fn who_looks_again_at_once_sees_the_same_without_another_question() {
    static QUESTIONS: AtomicUsize = AtomicUsize::new(0);
    let answer = || async {
        QUESTIONS.fetch_add(1, Ordering::Relaxed);
        TEXT
    };
    let at = proxy(Router::new().route("/metrics", get(answer))).await;
    let figures = Figures::default();
    for _ in 0..3 {
        one(&figures, asked("x", &[at])).await;
    }
    assert_eq!(QUESTIONS.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_proxy_that_is_gone_or_strange_or_talks_without_end_is_told_of() {
    let long = || async { "x".repeat(MAX_BODY + 1) };
    let at = proxy(Router::new().route("/metrics", get(long))).await;
    let said = why(one(&Figures::default(), asked("long", &[at])).await);
    assert!(said.contains("more than"), "{said}");
    let at = proxy(Router::new()).await;
    let said = why(one(&Figures::default(), asked("strange", &[at])).await);
    assert!(said.contains("something else"), "{said}");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    let said = why(one(&Figures::default(), asked("gone", &[at])).await);
    assert!(said.contains("could not be asked"), "{said}");
}

#[tokio::test]
async fn a_page_of_stuck_proxies_comes_within_its_time() {
    // Accepts and never answers.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let stuck: Vec<Asked> = (0..50).map(|n| asked(&n.to_string(), &[at])).collect();
    let start = Instant::now();
    tokio::time::pause();
    let all = Figures::default().of(stuck).await;
    // The runtime's clock goes by milliseconds.
    let tick = Duration::from_millis(2);
    assert!(start.elapsed() <= TOGETHER + tick, "{:?}", start.elapsed());
    assert_eq!(all.len(), 50);
    assert!(why(all[49].clone()).contains("in time"));
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_bounded_and_old_answers_make_room() {
    let figures = Figures::default();
    for n in 0..=MAX_KEPT {
        figures.keep(Key::new("a", &n.to_string()), model::Figures::NoProxy);
    }
    assert_eq!(figures.0.kept.lock().len(), MAX_KEPT);
    tokio::time::advance(KEPT).await;
    figures.keep(Key::new("a", "new"), model::Figures::NoProxy);
    assert_eq!(figures.0.kept.lock().len(), 1);
}
