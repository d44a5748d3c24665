//! An event stream while it is open.

use std::{sync::Arc, time::Duration};

use hivewright_bridge::sse_decoder::{Decoded, Decoder};
use http_body_util::BodyExt;
use hyper::body::Incoming;

/// The body of a response with `Content-Type: text/event-stream`.
#[derive(Debug)]
pub(super) struct Events {
    body: Incoming,
    decoder: Decoder,
}

impl Events {
    pub(super) fn new(body: Incoming) -> Self {
        Self {
            body,
            decoder: Decoder::default(),
        }
    }

    /// The next event; none once the server has ended the stream. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<Option<Decoded>, hyper::Error> {
        loop {
            if let Some(decoded) = self.decoder.next() {
                return Ok(Some(decoded));
            }
            match self.body.frame().await.transpose()? {
                // Trailers say nothing.
                Some(frame) => {
                    if let Ok(chunk) = frame.into_data() {
                        self.decoder.feed(chunk);
                    }
                }
                None => return Ok(None),
            }
        }
    }

    /// See [`Decoder::last_id`].
    pub(super) fn last_id(&self) -> Option<Arc<str>> {
        self.decoder.last_id().cloned()
    }

    /// See [`Decoder::retry`].
    pub(super) fn retry(&self) -> Option<Duration> {
        self.decoder.retry()
    }
}
