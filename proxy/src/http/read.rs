//! Reading one request body, bounded in bytes and time.

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::{BODY_WAIT, MAX_BODY, door::Rejection};

/// The whole body. One that arrives in one piece, as most do, is not copied.
///
/// # Errors
/// [`Rejection`] if it is too large, too slow or broken.
pub(super) async fn body(mut body: Body) -> Result<Bytes, Rejection> {
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(Rejection::BodyTooLarge);
    }
    timeout(BODY_WAIT, collect(&mut body)).await.unwrap_or(Err(Rejection::BodyTooSlow))
}

async fn collect(body: &mut Body) -> Result<Bytes, Rejection> {
    let first = piece(body).await?.unwrap_or_default();
    if first.len() > MAX_BODY {
        return Err(Rejection::BodyTooLarge);
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = BytesMut::from(first);
    while let Some(piece) = piece(body).await? {
        if whole.len() + piece.len() > MAX_BODY {
            return Err(Rejection::BodyTooLarge);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
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

    fn pieces(pieces: Vec<Bytes>) -> Body {
        Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, Infallible>)))
    }

    #[tokio::test]
    async fn pieces_are_joined_in_order() {
        let sent = pieces(vec![Bytes::from_static(b"ab"), Bytes::new(), Bytes::from_static(b"c")]);
        assert_eq!(body(sent).await, Ok(Bytes::from_static(b"abc")));
        assert_eq!(body(Body::empty()).await, Ok(Bytes::new()));
    }

    #[tokio::test]
    async fn a_body_of_the_bound_passes_and_one_byte_more_is_refused_however_it_is_sent() {
        let exact = Bytes::from(vec![b'x'; MAX_BODY]);
        assert_eq!(body(Body::from(exact.clone())).await.map(|read| read.len()), Ok(MAX_BODY));
        let more = Bytes::from(vec![b'x'; MAX_BODY + 1]);
        assert_eq!(body(Body::from(more.clone())).await, Err(Rejection::BodyTooLarge));
        assert_eq!(body(pieces(vec![more])).await, Err(Rejection::BodyTooLarge));
        let split = pieces(vec![exact, Bytes::from_static(b"x")]);
        assert_eq!(body(split).await, Err(Rejection::BodyTooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_coming_is_refused_after_the_wait() {
        let start = tokio::time::Instant::now();
        let stuck = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        assert_eq!(body(stuck).await, Err(Rejection::BodyTooSlow));
        assert_eq!(start.elapsed(), BODY_WAIT);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused() {
        let broken = stream::iter([
            Ok(Bytes::from_static(b"{")),
            Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
        ]);
        assert_eq!(body(Body::from_stream(broken)).await, Err(Rejection::BodyBroken));
    }
}
