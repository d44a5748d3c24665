//! Waiting for something outside to become true, with a bound.

use std::time::Duration;

use tokio::time::Instant;

/// How long between two looks: quick enough that nobody waits for the waiting.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Asks until there is an answer or the time is up; asks at least once.
pub async fn until<T>(bound: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + bound;
    loop {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        if Instant::now() + LOOK_AGAIN > end {
            return None;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_asks_until_there_is_an_answer() {
        let mut left = 3;
        let answer = until(Duration::from_secs(10), async || {
            left -= 1;
            (left == 0).then_some("yes")
        });
        assert_eq!(answer.await, Some("yes"));
    }

    #[tokio::test(start_paused = true)]
    async fn it_gives_up_within_the_bound_but_asks_at_least_once() {
        let start = Instant::now();
        let mut asked = 0;
        let answer = until(Duration::from_secs(2), async || {
            asked += 1;
            None::<()>
        });
        assert_eq!(answer.await, None);
        assert!(start.elapsed() <= Duration::from_secs(2));
        let mut once = 0;
        let none = until(Duration::ZERO, async || {
            once += 1;
            None::<()>
        });
        assert_eq!(none.await, None);
        assert_eq!((asked > 1, once), (true, 1));
    }
}
