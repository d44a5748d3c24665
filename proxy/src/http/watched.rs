//! A body that is known, and whose exchange ends when the connection has taken it.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::access::Access;

/// The body with its record, which is written when it is dropped.
#[derive(Debug)]
pub(super) struct Watched {
    body: Option<Bytes>,
    _access: Access,
}

impl Watched {
    pub(super) const fn new(access: Access, body: Bytes) -> Self {
        Self {
            body: Some(body),
            _access: access,
        }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = self.get_mut().body.take();
        Poll::Ready(body.map(|body| Ok(Frame::data(body))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.body.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(left as u64)
    }
}
