//! The task of a signal that has a queue.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::deliver::Deliverer;
use crate::queue::{Item, Queue};

/// What waits longer than this goes out though its batch is not full.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// A signal whose items wait in a queue.
pub(crate) trait Queued: 'static {
    /// One of them.
    type Item: Item + Send;
    /// One request with these, encoded.
    fn request(resource: &Resource, items: Vec<Self::Item>) -> Vec<u8>;

    /// How many of them the collector did not take, by its answer.
    fn rejected(answer: Bytes) -> u64;
}

/// Sends what waits until the end, and then what still waits.
pub(crate) async fn send<S: Queued>(
    queue: Arc<Queue<S::Item>>,
    resource: Arc<Resource>,
    mut to: Deliverer,
) {
    loop {
        let mut stop = to.stop.clone();
        let batch = async {
            queue.some().await;
            // A batch may have become full and gone since: then this ends early, and no harm is done.
            let _ = tokio::time::timeout(PATIENCE, queue.full()).await;
        };
        tokio::select! {
            () = batch => {}
            () = stop.on() => {}
        }
        // Asked before the queue is emptied: what comes later comes after the end.
        let ending = to.stop.is_on();
        loop {
            let items = queue.take();
            if items.is_empty() {
                break;
            }
            let count = items.len() as u64;
            let request = S::request(&resource, items);
            to.deliver(request.into(), count, S::rejected).await;
        }
        if ending {
            return;
        }
    }
}
