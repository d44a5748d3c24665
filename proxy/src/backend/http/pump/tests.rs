//! How messages are posted, with servers that hang or vanish; no sockets.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::{
    sync::{Semaphore, mpsc},
    task::yield_now,
    time::Instant,
};

use super::*;
use crate::backend::http::lanes::{MAX_CALLS, MAX_WAITING};

/// Calls hang, but for those named `quick`; notifications are taken as permits come.
#[derive(Clone)]
struct Server {
    started: Arc<Mutex<Vec<What>>>,
    notes: Arc<Semaphore>,
    lost: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            started: Arc::default(),
            notes: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            lost: false,
        }
    }
}

impl Post for Server {
    fn has_responses(&self) -> bool {
        true
    }

    async fn post(&self, out: &Outgoing) -> Result<(), Fault> {
        self.started.lock().push(out.what.clone());
        match &out.what {
            What::Call(_) if out.body.ends_with(b"\"quick\"}") => Ok(()),
            What::Call(_) if self.lost => Err(Fault::ConnectionLost(Broken::Unreachable)),
            What::Initialize(_) | What::Discover(_) | What::Call(_) => pending().await,
            What::Initialized | What::Cancelled(_) | What::Note => {
                self.notes.acquire().await.expect("it is open").forget();
                Ok(())
            }
        }
    }
}

fn call(id: usize, method: &str) -> Bytes {
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"{method}\"}}\n").into()
}

fn cancel(id: usize) -> Bytes {
    let params = format!("{{\"requestId\":{id}}}");
    format!("{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{params}}}\n")
        .into()
}

/// Starts posting to the server.
fn start(
    server: &Server,
) -> (
    mpsc::UnboundedSender<Bytes>,
    tokio::task::JoinHandle<HttpEnd>,
) {
    let (lines, mut waiting) = mpsc::unbounded_channel();
    let (give, mut queue) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Some(line) = waiting.recv().await {
            if give.send(line).await.is_err() {
                return;
            }
        }
    });
    let server = server.clone();
    (
        lines,
        tokio::spawn(async move { post_all(&server, &mut queue).await }),
    )
}

/// Lets everybody do what can be done without the clock.
async fn settle_down(server: &Server) {
    let mut before = usize::MAX;
    while before != server.started.lock().len() {
        before = server.started.lock().len();
        for _ in 0..1000 {
            yield_now().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_that_hangs_makes_room_after_its_linger_and_not_before() {
    let server = Server::default();
    let (lines, _posting) = start(&server);
    for id in 0..=MAX_CALLS {
        lines.send(call(id, "hang")).unwrap();
    }
    settle_down(&server).await;
    assert_eq!(server.started.lock().len(), MAX_CALLS);
    let cancelled = Instant::now();
    lines.send(cancel(3)).unwrap();
    settle_down(&server).await;
    assert_eq!(
        server.started.lock().len(),
        MAX_CALLS + 1,
        "the cancellation"
    );
    let last = What::Call(MAX_CALLS.to_string().into());
    while server.started.lock().last() != Some(&last) {
        sleep(Duration::from_millis(10)).await;
    }
    assert!(cancelled.elapsed() >= CANCEL_LINGER);
    assert!(cancelled.elapsed() < 2 * CANCEL_LINGER);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_answered_makes_room_at_once() {
    let server = Server::default();
    let (lines, _posting) = start(&server);
    for id in 0..2 * MAX_CALLS {
        lines.send(call(id, "quick")).unwrap();
    }
    settle_down(&server).await;
    assert_eq!(server.started.lock().len(), 2 * MAX_CALLS);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_nothing_is_not_reading_once_too_much_waits() {
    let server = Server {
        notes: Arc::new(Semaphore::new(0)),
        ..Server::default()
    };
    let (lines, posting) = start(&server);
    for _ in 0..MAX_WAITING + 2 {
        lines.send(Bytes::from_static(b"{}\n")).unwrap();
    }
    assert_eq!(posting.await.unwrap(), HttpEnd::Lost(Fault::NotReading));
    assert_eq!(server.started.lock().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_server_ends_the_posting_and_so_does_the_end_of_the_queue() {
    let server = Server {
        lost: true,
        ..Server::default()
    };
    let (lines, posting) = start(&server);
    lines.send(call(1, "hang")).unwrap();
    let lost = Fault::ConnectionLost(Broken::Unreachable);
    assert_eq!(posting.await.unwrap(), HttpEnd::Lost(lost));

    let (lines, posting) = start(&Server::default());
    lines.send(call(1, "hang")).unwrap();
    drop(lines);
    assert_eq!(posting.await.unwrap(), HttpEnd::Dropped);
}

#[tokio::test(start_paused = true)]
async fn a_notification_that_is_not_taken_holds_those_behind_it_for_its_limit_only() {
    let start = Instant::now();
    assert_eq!(taken(pending::<()>()).await, None);
    assert_eq!(start.elapsed(), NOTE_LIMIT);
    assert_eq!(taken(async { 1 }).await, Some(1));
}
