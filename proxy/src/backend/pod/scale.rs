//! Brings the pods up: the controller renders the StatefulSet without a count, the proxy scales it.
//!
//! ```text
//!  start, another size of the fleet, a pod is absent, KEPT_CHECK ──> GET scale ──wanted?──> PATCH scale
//! ```

use std::{error::Error, sync::Arc, time::Duration};

use hivewright_api::{names::PROXY_MANAGER, proxy_config::LiveConfig};
use kube::api::{Patch, PatchParams};
use serde_json::json;
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::target::{Site, TargetError, bounded};
use crate::{
    backend::backoff::{Backoff, random},
    fleet::Fleet,
};

/// First and longest wait after a failed call.
const RETRY_BASE: Duration = Duration::from_millis(100);
const RETRY_CAP: Duration = Duration::from_secs(10);
/// How often a count that is kept is looked at: `kubectl scale` upwards removes no pod of ours, so
/// nothing else would tell of it.
pub const KEPT_CHECK: Duration = Duration::from_mins(1);

/// How many pods there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// As many as the fleet serves.
    pub(super) replicas: usize,
    /// Whether the StatefulSet is kept there, whoever scales it otherwise.
    pub(super) keep: bool,
}

impl Count {
    /// As large as the fleet is. Nobody else scales a pool: its pods are taken and given back by
    /// sessions, which only the proxy knows.
    pub(super) fn of(fleet: &Fleet, live: &LiveConfig) -> Self {
        Self {
            replicas: fleet.size(),
            keep: live.keep_scale || fleet.is_pool(),
        }
    }
}

/// The count that is to be set, if another one than the current.
fn wanted(count: Count, current: i32) -> Option<i32> {
    if count.keep {
        let replicas = i32::try_from(count.replicas).unwrap_or(i32::MAX);
        (current != replicas).then_some(replicas)
    } else {
        // More or fewer than we know of is somebody else's decision; none at all is the state in
        // which the StatefulSet is made.
        (current < 1).then_some(1)
    }
}

/// Keeps the StatefulSet at the count that is asked for, until `shutdown`. `poke` asks for a look
/// at once: a pod is missing.
pub(super) async fn keep(
    site: Site,
    mut count: watch::Receiver<Count>,
    poke: Arc<Notify>,
    shutdown: CancellationToken,
) {
    let mut backoff = Backoff::new(RETRY_BASE, RETRY_CAP);
    loop {
        let now = *count.borrow_and_update();
        let wait = match site.ensure_scaled(now).await {
            Ok(scaled) => {
                backoff.reset();
                if let Some(replicas) = scaled {
                    tracing::info!(replicas, "StatefulSet scaled");
                }
                now.keep.then_some(KEPT_CHECK)
            }
            Err(error) => {
                let wait = backoff.wait(random());
                let error = &error as &dyn Error;
                tracing::warn!(error, ?wait, "StatefulSet not scaled");
                Some(wait)
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            Ok(()) = count.changed() => {}
            () = poke.notified() => {}
            () = sleep(wait.unwrap_or_default()), if wait.is_some() => {}
        }
    }
}

impl Site {
    /// Scales the StatefulSet if need be; gives the count that it set.
    async fn ensure_scaled(&self, count: Count) -> Result<Option<i32>, TargetError> {
        let sets = self.stateful_sets();
        let scale = bounded(sets.get_scale(&self.stateful_set)).await?;
        let current = scale.spec.and_then(|spec| spec.replicas).unwrap_or(0);
        let Some(replicas) = wanted(count, current) else {
            return Ok(None);
        };
        let params = PatchParams {
            field_manager: Some(PROXY_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let patch = Patch::Merge(json!({ "spec": { "replicas": replicas } }));
        bounded(sets.patch_scale(&self.stateful_set, &params, &patch)).await?;
        Ok(Some(replicas))
    }
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};
    use parking_lot::Mutex;
    use tokio::time::Instant;

    use super::*;
    use crate::backend::pod::fake::{Calls, pass, site};

    const fn count(replicas: usize, keep: bool) -> Count {
        Count { replicas, keep }
    }

    #[test]
    fn a_kept_count_is_set_in_both_directions_and_another_one_only_from_none_to_one() {
        assert_eq!(wanted(count(3, true), 0), Some(3));
        assert_eq!(wanted(count(3, true), 5), Some(3));
        assert_eq!(wanted(count(3, true), 3), None);
        assert_eq!(wanted(count(0, true), 2), Some(0));
        assert_eq!(wanted(count(1, false), 0), Some(1));
        assert_eq!(wanted(count(3, false), 0), Some(1));
        assert_eq!(wanted(count(1, false), 5), None);
        assert_eq!(wanted(count(5, false), 2), None);
    }

    /// Keeps a StatefulSet whose count is this; what was asked for, and how to change the count.
    fn keeping(asked: Count, count: i32) -> (Arc<Mutex<i32>>, Calls, Arc<Notify>) {
        let count = Arc::new(Mutex::new(count));
        let kept = count.clone();
        let (site, calls) = site(move |call| {
            if let Some(replicas) = call.body["spec"]["replicas"].as_i64() {
                *kept.lock() = i32::try_from(replicas).expect("a small count");
            }
            let scale =
                json!({ "metadata": { "name": "echo" }, "spec": { "replicas": *kept.lock() } });
            (StatusCode::OK, scale)
        });
        let poke = Arc::new(Notify::new());
        let poked = poke.clone();
        tokio::spawn(async move {
            // Held, so that the configuration can still change.
            let (_live, follow) = watch::channel(asked);
            keep(site, follow, poked, CancellationToken::new()).await;
        });
        (count, calls, poke)
    }

    #[tokio::test(start_paused = true)]
    async fn a_kept_count_that_somebody_else_changes_is_set_back_within_a_minute() {
        let start = Instant::now();
        let (count, calls, _poke) = keeping(count(3, true), 3);
        pass(10).await;
        *count.lock() = 5;
        pass(KEPT_CHECK.as_secs()).await;
        assert_eq!(*count.lock(), 3);
        let patches = calls.of(&Method::PATCH);
        assert_eq!(patches.len(), 1);
        assert_eq!(patches[0].at - start, KEPT_CHECK);
        pass(9 * KEPT_CHECK.as_secs()).await;
        assert_eq!(calls.of(&Method::GET).len(), 11, "one look a minute");
    }

    #[tokio::test(start_paused = true)]
    async fn a_count_that_is_left_to_others_is_looked_at_only_when_a_pod_is_missing() {
        let (count, calls, poke) = keeping(count(2, false), 2);
        pass(3600).await;
        assert_eq!(calls.of(&Method::GET).len(), 1, "at the start");
        *count.lock() = 0;
        poke.notify_one();
        pass(1).await;
        assert_eq!(*count.lock(), 1, "the server is started again");
    }
}
