//! Bounded waits: every one says what it waits for, how long, and what it saw last.

use std::{fmt::Debug, time::Duration};

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// Time between two looks. Short beside everything that is waited for, and a few requests a second
/// on the API server.
pub const POLL: Duration = Duration::from_millis(200);
/// A pod of an image that the node holds, up to its MCP handshake. Measured 3 to 8 s on two cores
/// with six scenarios at a time; the fetch server takes 5 s of it to import its libraries.
pub const SERVER_READY: Duration = Duration::from_mins(2);
/// The truth about bad input, from the apply to the status.
pub const TRUTH: Duration = Duration::from_secs(30);
/// The next good answer after a process, a pod or a proxy died.
pub const RECOVERY: Duration = Duration::from_secs(90);
/// Everything of a deleted MCPServer gone. A pod may use its whole grace period of 30 s.
pub const GONE: Duration = Duration::from_secs(75);
/// One answer of a server that is up.
pub const ANSWER: Duration = Duration::from_secs(30);

/// What one look found: done with a value, or not yet and what it is like now.
#[derive(Debug)]
pub enum Look<T> {
    /// The wait is over.
    Done(T),
    /// Not yet; the text goes into the error if time runs out.
    NotYet(String),
}

impl<T> Look<T> {
    /// Not yet, and this is what is there.
    pub fn not_yet(seen: impl Debug) -> Self {
        Self::NotYet(format!("{seen:?}"))
    }
}

/// Looks again and again until `look` is done. An error of `look` counts as "not yet": while a pod
/// is replaced, connections break as a matter of course.
///
/// # Errors
/// `bound` is over; the error names `what` and the last thing seen.
pub async fn until<T>(
    what: &str,
    bound: Duration,
    mut look: impl AsyncFnMut() -> Result<Look<T>>,
) -> Result<T> {
    let begin = Instant::now();
    let mut last = String::from("nothing");
    while begin.elapsed() < bound {
        let left = bound.saturating_sub(begin.elapsed());
        match tokio::time::timeout(left, look()).await {
            Ok(Ok(Look::Done(value))) => return Ok(value),
            Ok(Ok(Look::NotYet(seen))) => last = seen,
            Ok(Err(error)) => last = format!("{error:#}"),
            Err(_) => break,
        }
        sleep(POLL).await;
    }
    bail!(
        "{what} did not happen within {} s; last seen: {last}",
        bound.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_what_was_seen_last() {
        let mut looks = 0;
        let error = until::<()>("the sun", Duration::from_secs(2), async || {
            looks += 1;
            Ok(Look::not_yet(looks))
        })
        .await
        .unwrap_err()
        .to_string();
        assert_eq!(error, "the sun did not happen within 2 s; last seen: 10");
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_hangs_does_not_outlast_the_bound() {
        let begin = Instant::now();
        let wait = until::<()>("x", Duration::from_secs(3), async || {
            std::future::pending().await
        });
        wait.await.unwrap_err();
        assert_eq!(begin.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_on_the_way_is_not_the_end() {
        let mut looks = 0;
        let value = until("x", Duration::from_secs(3), async || {
            looks += 1;
            anyhow::ensure!(looks > 2, "broken pipe");
            Ok(Look::Done(looks))
        })
        .await
        .unwrap();
        assert_eq!(value, 3);
    }
}
