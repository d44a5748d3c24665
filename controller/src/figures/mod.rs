//! What proxies have counted, asked of them when somebody looks: `/metrics` of their admin port, which
//! every policy opens.
//!
//! ```text
//!  page ──servers──> Figures ──(kept for a moment?)──> proxies, a few at once ──> Load
//! ```
//!
//! Nothing is asked while nobody looks, and many who look at once cost no more than one.

mod fetch;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use hivewright_page::load::Load;
use hivewright_page::model;
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use crate::key::Key;
use fetch::Fetch;
pub use fetch::{FetchError, MAX_BODY};

/// Proxies that are asked at once for one page.
pub const AT_ONCE: usize = 8;
/// Time that one proxy has. It answers in a millisecond; one that is stuck must not hold up the page.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// Time that all proxies of one page have together: with most of them stuck the page still comes.
pub const TOGETHER: Duration = Duration::from_secs(4);
/// How long an answer is shown again: shorter than the page's period, so that every update is new,
/// and long enough for several people who look at once.
pub const KEPT: Duration = Duration::from_secs(4);
/// Servers whose answers are kept, some kilobytes each. Past it the oldest go.
pub const MAX_KEPT: usize = 512;

/// Asks proxies. Clones share what they keep.
#[derive(Clone, Debug, Default)]
pub struct Figures(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    fetch: Fetch,
    kept: Mutex<HashMap<Key, (Instant, model::Figures)>>,
}

/// A server, and where its proxies are.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The server.
    pub server: Key,
    /// Admin addresses of its proxies; none: it has none.
    pub proxies: Vec<SocketAddr>,
}

impl Figures {
    /// The figures of these servers, in their order.
    pub async fn of(&self, asked: Vec<Asked>) -> Vec<model::Figures> {
        let end = Instant::now() + TOGETHER;
        let each = asked.into_iter().map(|one| self.one(one, end));
        stream::iter(each).buffered(AT_ONCE).collect().await
    }

    async fn one(&self, asked: Asked, end: Instant) -> model::Figures {
        if asked.proxies.is_empty() {
            return model::Figures::NoProxy;
        }
        if let Some(kept) = self.kept(&asked.server) {
            return kept;
        }
        let answered = tokio::time::timeout_at(end, self.ask(&asked.proxies)).await;
        let figures = match answered {
            Ok(Ok(load)) => model::Figures::Known(load),
            Ok(Err(error)) => model::Figures::Unanswered(format!("{error}.")),
            Err(_) => model::Figures::Unanswered(format!("{}.", FetchError::Silent)),
        };
        self.keep(asked.server, figures.clone());
        figures
    }

    /// All proxies of one server: while it is rolled there are two, and their sum counts.
    async fn ask(&self, proxies: &[SocketAddr]) -> Result<Load, FetchError> {
        let mut sum = Load::default();
        for proxy in proxies {
            let text = timeout(PATIENCE, self.0.fetch.metrics(*proxy)).await;
            sum.add(&Load::read(&text.map_err(|_| FetchError::Silent)??));
        }
        Ok(sum)
    }

    fn kept(&self, server: &Key) -> Option<model::Figures> {
        let kept = self.0.kept.lock();
        let (at, figures) = kept.get(server)?;
        (at.elapsed() < KEPT).then(|| figures.clone())
    }

    fn keep(&self, server: Key, figures: model::Figures) {
        let mut kept = self.0.kept.lock();
        if kept.len() >= MAX_KEPT {
            kept.retain(|_, (at, _)| at.elapsed() < KEPT);
        }
        if kept.len() < MAX_KEPT {
            kept.insert(server, (Instant::now(), figures));
        }
    }
}

#[cfg(test)]
mod tests;
