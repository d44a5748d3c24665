//! Bodies of answers: the host's, passed on piece by piece, or a sentence of the gateway's own.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio_util::task::AbortOnDropHandle;

use super::{exchange::Exchange, refusal::Refusal};

const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// A body.
#[derive(Debug)]
pub(super) enum Answer {
    /// The gateway's own.
    Text(Full<Bytes>),
    /// The host's.
    Passed(Passed),
}

/// What the host sends, and what must live until it is sent.
#[derive(Debug)]
pub(super) struct Passed {
    pub(super) body: Incoming,
    pub(super) _connection: AbortOnDropHandle<()>,
    pub(super) _exchange: Exchange,
}

impl Answer {
    pub(super) fn empty() -> Self {
        Self::Text(Full::default())
    }

    /// The answer that tells of a refusal.
    pub(super) fn refusal(refusal: &Refusal) -> Response<Self> {
        let body = Full::from(format!("{refusal}\n"));
        let mut answer = Response::new(Self::Text(body));
        *answer.status_mut() = refusal.status();
        let headers = answer.headers_mut();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, plain);
        let status = format!("hivewright; error={}", refusal.proxy_error());
        let status = HeaderValue::try_from(status);
        headers.insert(
            PROXY_STATUS,
            status.expect("error types are lower-case words"),
        );
        answer
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Text(text) => Pin::new(text)
                .poll_frame(cx)
                .map_err(|never| match never {}),
            Self::Passed(passed) => Pin::new(&mut passed.body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Text(text) => text.is_end_stream(),
            Self::Passed(passed) => passed.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Text(text) => text.size_hint(),
            Self::Passed(passed) => passed.body.size_hint(),
        }
    }
}
