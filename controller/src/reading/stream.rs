//! A stream of events (SSE) that goes on as the journal does.
//!
//! ```text
//!  page of the journal ──> event, event, ... ──empty──> wait for the newest row ──> next page
//!                                                  └── every RECHECK: still let through, still leading?
//! ```
//!
//! The id of an event is its row, so a client that lost its connection says with `Last-Event-ID` where
//! it was (HTML standard, section 9.2) and misses nothing.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, timeout_at};

use super::query::Events;
use super::{Reading, Refusal, answer};
use crate::auth::{Ask, TRUST};
use crate::journal::{Entry, Query};
use crate::metrics::OpenStream;

/// Streams at once. Each holds a page of events while its reader is slow, [`PAGE`] of some 1 kB.
pub const MOST_STREAMS: usize = 64;
/// Time between two looks whether the reader may still read: as long as the gate believes an answer.
pub const RECHECK: Duration = TRUST;
/// Events read at once for one stream.
const PAGE: usize = 100;
/// Time between two comments on a stream that has nothing to say: less than the minute after which
/// proxies and load balancers commonly give up.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Opens a stream. Who asks was let through.
pub(super) fn open(
    reading: Reading,
    headers: HeaderMap,
    asked: Events,
) -> Result<Response, Refusal> {
    let newest = reading.journal()?.newest.clone();
    let place = reading.streams.clone().try_acquire_owned();
    let followed = Followed {
        ask: asked.ask(),
        query: resumed(&headers, asked.query)?,
        page: VecDeque::new(),
        checked: Instant::now(),
        _place: place.map_err(|_| Refusal::Busy)?,
        _counted: reading.metrics.open_stream(),
        reading,
        headers,
        newest,
    };
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(followed.events())
        .keep_alive(keep_alive)
        .into_response())
}

/// Where the client was. A first page of the newest events is not asked for again.
fn resumed(headers: &HeaderMap, query: Query) -> Result<Query, Refusal> {
    let Some(last) = headers.get(LAST_EVENT_ID) else {
        return Ok(query);
    };
    let last = last.to_str().ok().and_then(|text| text.trim().parse().ok());
    Ok(Query {
        after: Some(last.ok_or(Refusal::LastEventId)?),
        newest: false,
        ..query
    })
}

/// A stream on its way.
struct Followed {
    reading: Reading,
    headers: HeaderMap,
    ask: Ask,
    query: Query,
    page: VecDeque<Entry>,
    newest: watch::Receiver<u64>,
    checked: Instant,
    _place: OwnedSemaphorePermit,
    _counted: OpenStream,
}

impl Followed {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut followed| {
            let entry = followed.next().await?;
            let text = serde_json::to_string(&entry.event).ok()?;
            let event = Event::default().id(entry.row.to_string()).data(text);
            Some((Ok(event), followed))
        })
    }

    /// The next event; `None` ends the stream: its client comes again and is told why.
    async fn next(&mut self) -> Option<Entry> {
        loop {
            if let Some(entry) = self.page.pop_front() {
                return Some(entry);
            }
            self.check().await?;
            // Marked as seen before the read: what is appended meanwhile wakes us again.
            self.newest.mark_unchanged();
            self.turn().await?;
            if self.page.is_empty() {
                self.wait().await?;
            }
        }
    }

    /// Whether the reader may still read.
    async fn check(&mut self) -> Option<()> {
        if self.checked.elapsed() >= RECHECK {
            self.reading
                .gate
                .admit(&self.headers, &self.ask)
                .await
                .ok()?;
            self.checked = Instant::now();
        }
        Some(())
    }

    /// Reads the next page.
    async fn turn(&mut self) -> Option<()> {
        let mut query = self.query.clone();
        if !query.newest {
            query.limit = PAGE;
        }
        let page = self
            .reading
            .read(move |path| answer::events(path, &query))
            .await;
        self.page = page.ok()?.into();
        if let Some(last) = self.page.back() {
            self.query.after = Some(last.row);
        } else if self.query.after.is_none() {
            // Nothing there yet that fits: whatever comes is new.
            self.query.newest = false;
        }
        if !self.page.is_empty() {
            self.query.newest = false;
        }
        Some(())
    }

    /// Waits until there is more, or it is time to check.
    async fn wait(&mut self) -> Option<()> {
        let stop = self.reading.stop.clone();
        let changed = timeout_at(self.checked + RECHECK, self.newest.changed());
        match stop.run_until_cancelled(changed).await? {
            Ok(Ok(())) | Err(_) => Some(()),
            // The journal is closed.
            Ok(Err(_)) => None,
        }
    }
}
