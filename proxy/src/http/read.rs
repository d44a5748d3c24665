//! Reading one request body, bounded in bytes and time.

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use hivewright_bridge::refusal::Refusal;
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::{BODY_WAIT, MAX_BODY, rejection::Rejection};

const TOO_LARGE: Refusal = Refusal::BodyTooLarge { limit: MAX_BODY };

/// Bytes of a body that is too large which are read for nothing. A larger one is cut off.
const MAX_DISCARD: usize = 4 * MAX_BODY;

/// The whole body. One that arrives in one piece, as most do, is not copied.
///
/// # Errors
/// [`Rejection`] if it is too large, too slow or broken.
pub(super) async fn body(mut body: Body) -> Result<Bytes, Rejection> {
    timeout(BODY_WAIT, whole(&mut body))
        .await
        .unwrap_or(Err(Rejection::Rule(Refusal::BodyTimeout)))
}

async fn whole(body: &mut Body) -> Result<Bytes, Rejection> {
    let announced = body.size_hint().lower();
    let read = if announced > MAX_BODY as u64 {
        None
    } else {
        collect(body).await?
    };
    if read.is_none() && announced <= MAX_DISCARD as u64 {
        discard(body).await?;
    }
    read.ok_or(Rejection::Rule(TOO_LARGE))
}

/// The body, or none if it is larger than it may be.
async fn collect(body: &mut Body) -> Result<Option<Bytes>, Rejection> {
    let first = piece(body).await?.unwrap_or_default();
    if first.len() > MAX_BODY || body.is_end_stream() {
        return Ok(Some(first).filter(|first| first.len() <= MAX_BODY));
    }
    let mut whole = BytesMut::from(first);
    while let Some(piece) = piece(body).await? {
        if whole.len() + piece.len() > MAX_BODY {
            return Ok(None);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(Some(whole.freeze()))
}

/// Reads on, so that the client gets to see the refusal: a connection closed while it still sends
/// would be reset under it.
async fn discard(body: &mut Body) -> Result<(), Rejection> {
    let mut discarded = 0;
    while let Some(piece) = piece(body).await? {
        discarded += piece.len();
        if discarded > MAX_DISCARD {
            break;
        }
    }
    Ok(())
}

/// The next piece of data; trailers are skipped.
async fn piece(body: &mut Body) -> Result<Option<Bytes>, Rejection> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_broken| Rejection::BodyBroken)?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;

    use super::*;

    /// The body, or the reason why there is none.
    async fn read(sent: Body) -> Result<Bytes, &'static str> {
        body(sent).await.map_err(|rejection| rejection.reason())
    }

    fn pieces(pieces: Vec<Bytes>) -> Body {
        Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, Infallible>)))
    }

    #[tokio::test]
    async fn pieces_are_joined_in_order() {
        let sent = pieces(vec![
            Bytes::from_static(b"ab"),
            Bytes::new(),
            Bytes::from_static(b"c"),
        ]);
        assert_eq!(read(sent).await, Ok(Bytes::from_static(b"abc")));
        assert_eq!(read(Body::empty()).await, Ok(Bytes::new()));
    }

    #[tokio::test]
    async fn a_body_of_the_bound_passes_and_one_byte_more_is_refused_however_it_is_sent() {
        let exact = Bytes::from(vec![b'x'; MAX_BODY]);
        assert_eq!(
            read(Body::from(exact.clone())).await.map(|read| read.len()),
            Ok(MAX_BODY)
        );
        let more = Bytes::from(vec![b'x'; MAX_BODY + 1]);
        assert_eq!(read(Body::from(more.clone())).await, Err("body_too_large"));
        assert_eq!(read(pieces(vec![more])).await, Err("body_too_large"));
        let split = pieces(vec![exact, Bytes::from_static(b"x")]);
        assert_eq!(read(split).await, Err("body_too_large"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_coming_is_refused_after_the_wait() {
        let start = tokio::time::Instant::now();
        let stuck = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        assert_eq!(read(stuck).await, Err("body_timeout"));
        assert_eq!(start.elapsed(), BODY_WAIT);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused() {
        let broken = stream::iter([
            Ok(Bytes::from_static(b"{")),
            Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
        ]);
        assert_eq!(read(Body::from_stream(broken)).await, Err("body_broken"));
    }
}
