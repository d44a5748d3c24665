//! `GET http://host/path`: the request is sent on, its answer sent back, both as they come.

use std::time::Duration;

use http::{Request, Response, StatusCode, Version, request::Parts};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};
use tokio_util::task::AbortOnDropHandle;

use super::{
    answer::{Answer, Passed},
    exchange::Exchange,
    headers,
    refusal::Refusal,
    serve::{MAX_HEAD, MAX_HEADERS, READ_BUFFER},
    target::Target,
};

/// Longest that a host takes from the connection to the head of its answer, upload included.
/// Shorter than [`IDLE_WAIT`](super::IDLE_WAIT), so that the client is told before it is cut off.
pub const ANSWER_WAIT: Duration = Duration::from_mins(10);

/// Sends the request over a connection of its own and gives the answer.
pub(super) async fn forward(
    request: Request<Incoming>,
    stream: TcpStream,
    exchange: Exchange,
    target: &Target,
) -> Result<Response<Answer>, Refusal> {
    let broken = |error: &hyper::Error| {
        tracing::debug!(%error, %target, "a host broke off");
        Refusal::Broken {
            target: target.clone(),
        }
    };
    let handshake = http1::Builder::new()
        .preserve_header_case(true)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD)
        .max_buf_size(READ_BUFFER)
        .handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(|error| broken(&error))?;
    let connection = AbortOnDropHandle::new(tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to a host ended early");
        }
    }));
    let answered = timeout(ANSWER_WAIT, sender.send_request(outward(request)));
    let answer = answered.await.map_err(|_| Refusal::AnswerTimeout {
        target: target.clone(),
    })?;
    let (parts, body) = answer.map_err(|error| broken(&error))?.into_parts();
    // Nobody asked for another protocol: `Upgrade` is not passed on.
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Refusal::Broken {
            target: target.clone(),
        });
    }
    let body = Passed {
        body,
        _connection: connection,
        _exchange: exchange,
    };
    let parts = inward(parts);
    Ok(Response::from_parts(parts, Answer::Passed(body)))
}

/// The request as the host gets it.
fn outward(request: Request<Incoming>) -> Request<Incoming> {
    let (mut parts, body) = request.into_parts();
    let Parts {
        uri,
        headers,
        version,
        ..
    } = &mut parts;
    headers::pass_on(headers, *version);
    if let Some(authority) = uri.authority() {
        headers::set_host(headers, authority.as_str());
    }
    *uri = headers::origin_form(uri);
    *version = Version::HTTP_11;
    Request::from_parts(parts, body)
}

/// The answer as the client gets it.
fn inward(mut parts: http::response::Parts) -> http::response::Parts {
    headers::pass_on(&mut parts.headers, parts.version);
    parts.version = Version::HTTP_11;
    parts
}
