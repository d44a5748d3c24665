//! One attempt to connect, and what to say when something else answers.

use http::StatusCode;
use hyper_util::client::legacy::Error;
use tokio::time::timeout;

use super::{
    answer::Answer,
    body,
    client::{Http, with},
    endpoint::{Endpoint, Kind},
    fault::Fault,
    probe::{Port, port},
    sse,
};

/// Longest wait for the head of a response that a server has no reason to think about.
pub(super) const HEAD_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

/// A server that listens, for [`pump`](super::pump). No message has been sent to it.
#[derive(Debug)]
pub struct Connection(pub(super) Way);

/// What there is of it.
#[derive(Debug)]
pub(super) enum Way {
    /// The event stream is open and has named where to post.
    Sse(Box<sse::Open>),
    /// Only a session would show more.
    Streamable(Box<Http>),
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unready {
    /// TCP gets no answer, or a refusal: the server may come up later.
    NotThere,
    /// Something is there, but not what was expected.
    Fault(Fault),
}

/// Tries once.
///
/// # Errors
/// See [`Unready`]; the server has received no message then.
pub async fn connect(endpoint: &Endpoint) -> Result<Connection, Unready> {
    let http = Http::new(endpoint.clone());
    match endpoint.kind {
        Kind::Sse => {
            let open = sse::open(http).await?;
            Ok(Connection(Way::Sse(Box::new(open))))
        }
        Kind::StreamableHttp => match port(endpoint.address).await {
            Port::Open => Ok(Connection(Way::Streamable(Box::new(http)))),
            Port::Refused | Port::Silent => Err(Unready::NotThere),
        },
    }
}

/// A response that is not what the transport has: its status and beginning, and what to change.
pub(super) async fn refused(http: &Http, asked: &str, status: StatusCode, said: &[u8]) -> Fault {
    let said = match body::excerpt(said) {
        said if said.is_empty() => said,
        said => format!(": {said:?}"),
    };
    let advice = if status == StatusCode::NOT_FOUND || status == StatusCode::METHOD_NOT_ALLOWED {
        advice(http).await
    } else if status.is_success() {
        ADVICE
    } else {
        "see the server's log for why"
    };
    wrong(
        http,
        format!("{asked} answered HTTP {status}{said}"),
        advice,
    )
}

/// No HTTP, or none that ends as it should.
pub(super) fn unintelligible(http: &Http, asked: &str, error: &Error) -> Fault {
    let parse = source(error).is_some_and(hyper::Error::is_parse);
    let what = if parse {
        "was not answered in HTTP/1.1"
    } else {
        "was cut off without an answer"
    };
    wrong(http, format!("{asked} {what}"), ADVICE)
}

/// The fault with what came instead, and what to change.
pub(super) fn wrong(http: &Http, answered: String, advice: &'static str) -> Fault {
    let endpoint = &http.endpoint;
    Fault::WrongTransport {
        port: endpoint.port(),
        kind: endpoint.kind,
        path: endpoint.path.to_string(),
        answered,
        advice,
    }
}

/// hyper's own error inside the client's.
pub(super) fn source(error: &Error) -> Option<&hyper::Error> {
    std::error::Error::source(error).and_then(|source| source.downcast_ref())
}

/// What to do when nothing better is known.
pub(super) const ADVICE: &str = "set spec.transport to what the server speaks";

/// Looks whether the other transport answers at its usual path.
async fn advice(http: &Http) -> &'static str {
    let (path, found) = match http.endpoint.kind {
        Kind::Sse => (
            "/mcp",
            "set spec.transport to streamable-http, which answers at /mcp",
        ),
        Kind::StreamableHttp => ("/sse", "set spec.transport to sse, which answers at /sse"),
    };
    let path = http::uri::PathAndQuery::from_static(path);
    let request = with(http.listen(&path), bytes::Bytes::new());
    match timeout(HEAD_LIMIT, http.send(request)).await {
        Ok(Ok(response)) if speaks(http.endpoint.kind, &Answer::of(&response)) => found,
        Ok(Ok(_) | Err(_)) | Err(_) => ADVICE,
    }
}

/// Whether a GET of an event stream answered so shows the transport other than `kind`. Streamable
/// HTTP refuses one without a session, in one of three ways.
fn speaks(kind: Kind, answer: &Answer) -> bool {
    match (kind, answer) {
        (_, Answer::Events) => true,
        (Kind::Sse, Answer::Moved(path)) => path.path() == "/mcp/",
        (Kind::Sse, Answer::Refused(status)) => [
            StatusCode::BAD_REQUEST,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::NOT_ACCEPTABLE,
        ]
        .contains(status),
        (Kind::StreamableHttp, Answer::Moved(_) | Answer::Refused(_))
        | (_, Answer::Json | Answer::Nothing | Answer::Foreign(_)) => false,
    }
}
