//! The first connection to a target.

use std::{io, time::Duration};

use anyhow::{Context as _, Result};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

/// How long a target may refuse before the first connection. A Service refuses until every node has
/// heard that its pod is ready: kube-proxy collects changes for 1 s before it writes them down, and
/// longer on a node that has much to do.
const REFUSED: Duration = Duration::from_secs(5);
/// Between two tries.
const TRY: Duration = Duration::from_millis(100);

/// Waits until the target takes connections.
///
/// # Errors
/// It refuses for longer than [`REFUSED`], or it cannot be reached for another reason.
pub(super) async fn reach(target: &str) -> Result<()> {
    let begin = Instant::now();
    loop {
        let Err(error) = TcpStream::connect(target).await else {
            return Ok(());
        };
        let Some(pause) = pause(&error, begin.elapsed()) else {
            return Err(error).with_context(|| format!("{target} cannot be reached"));
        };
        sleep(pause).await;
    }
}

/// How long to wait before the next try, if there is one after so much time.
fn pause(error: &io::Error, tried: Duration) -> Option<Duration> {
    let refused = error.kind() == io::ErrorKind::ConnectionRefused;
    (refused && tried < REFUSED).then_some(TRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_refuses_is_tried_again_for_a_while_and_no_longer() {
        let refused = io::ErrorKind::ConnectionRefused.into();
        assert_eq!(pause(&refused, Duration::ZERO), Some(TRY));
        assert_eq!(pause(&refused, REFUSED), None);
    }

    #[test]
    fn any_other_trouble_is_told_at_once() {
        let unreachable = io::ErrorKind::HostUnreachable.into();
        assert_eq!(pause(&unreachable, Duration::ZERO), None);
    }
}
