//! HTTP with SSE (MCP 2024-11-05, Transports): one event stream carries everything that the server
//! says, messages are posted to the path that its first event names.

use std::time::Duration;

use bytes::Bytes;
use hivewright_bridge::sse_decoder::{Decoded, EventKind};
use http::{Response, StatusCode, uri::PathAndQuery};
use hyper::body::Incoming;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    answer::{Answer, MAX_REDIRECTS, path_of},
    body,
    client::{Http, with},
    connect::{ADVICE, HEAD_LIMIT, Unready, refused, unintelligible, wrong},
    events::Events,
    failure,
    fault::{Broken, Fault, HttpEnd},
    outgoing::{Outgoing, What},
    pump::{Post, post_all, still_there, taken},
    reply::{self, Reply},
};
use crate::backend::{output::LineSink, source::LineSource};

/// Longest wait for the `endpoint` event: servers send it before anything else.
const ENDPOINT_LIMIT: Duration = Duration::from_secs(10);

/// An event stream that has named where to post.
#[derive(Debug)]
pub(super) struct Open {
    http: Http,
    events: Events,
    target: PathAndQuery,
}

/// Opens the stream. A redirect within the server is followed.
pub(super) async fn open(http: Http) -> Result<Open, Unready> {
    let mut path = http.endpoint.path.clone();
    let mut redirects = 0;
    loop {
        let response = head(&http, &path).await?;
        match Answer::of(&response) {
            Answer::Events => return named(http, &path, Events::new(response.into_body())).await,
            Answer::Moved(to) if redirects < MAX_REDIRECTS => {
                redirects += 1;
                path = to;
            }
            Answer::Moved(_) => {
                let answered = format!("GET {path} was redirected more than {MAX_REDIRECTS} times");
                return Err(Unready::Fault(wrong(&http, answered, ADVICE)));
            }
            Answer::Refused(status) if http.rename(status) => {}
            Answer::Refused(_) | Answer::Json | Answer::Nothing | Answer::Foreign(_) => {
                let status = response.status();
                let said = body::error(response.into_body()).await;
                let fault = refused(&http, &format!("GET {path}"), status, &said).await;
                return Err(Unready::Fault(fault));
            }
        }
    }
}

async fn head(http: &Http, path: &PathAndQuery) -> Result<Response<Incoming>, Unready> {
    let request = with(http.listen(path), Bytes::new());
    match timeout(HEAD_LIMIT, http.send(request)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) if error.is_connect() => Err(Unready::NotThere),
        Ok(Err(error)) => {
            let fault = unintelligible(http, &format!("GET {path}"), &error);
            Err(Unready::Fault(fault))
        }
        Err(_) => Err(Unready::Fault(Fault::Deaf {
            port: http.endpoint.port(),
            path: path.to_string(),
            limit: HEAD_LIMIT,
        })),
    }
}

/// Waits for the event that says where to post.
async fn named(http: Http, path: &PathAndQuery, mut events: Events) -> Result<Open, Unready> {
    let first = timeout(ENDPOINT_LIMIT, async {
        while let Ok(Some(event)) = events.next().await {
            if let Decoded::Event(EventKind::Endpoint, data) = event {
                return Some(data);
            }
        }
        None
    });
    let answered = match first.await {
        Ok(Some(data)) => match resolve(path, &data) {
            Some(target) => {
                return Ok(Open {
                    http,
                    events,
                    target,
                });
            }
            None => format!(
                "its endpoint event names {:?}, which is no URL",
                body::excerpt(&data)
            ),
        },
        Ok(None) => format!("GET {path} opened an event stream that ended at once"),
        Err(_) => format!("GET {path} opened an event stream without an endpoint event"),
    };
    Err(Unready::Fault(wrong(&http, answered, ADVICE)))
}

/// The path to post to, from a URL that may be relative to the stream's.
fn resolve(base: &PathAndQuery, data: &[u8]) -> Option<PathAndQuery> {
    let target = std::str::from_utf8(data).ok()?.trim();
    if let Some(query) = target.strip_prefix('?') {
        return format!("{}?{query}", base.path()).parse().ok();
    }
    let before_query = target.split('?').next().unwrap_or(target);
    if target.starts_with('/') || before_query.contains("://") {
        return path_of(target);
    }
    let folder = base
        .path()
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let target = target.strip_prefix("./").unwrap_or(target);
    (!target.is_empty()).then(|| format!("{folder}/{target}").parse().ok())?
}

/// Runs the connection. The end of the stream is the end of the session.
pub(super) async fn pump<Q, L>(
    open: Open,
    stdin: &mut Q,
    sink: &L,
    shutdown: &CancellationToken,
) -> HttpEnd
where
    Q: LineSource,
    L: LineSink + Sync,
{
    let Open {
        http,
        events,
        target,
    } = open;
    let messages = Messages { http, target, sink };
    tokio::select! {
        broken = read(events, sink) => HttpEnd::Lost(Fault::ConnectionLost(broken)),
        end = post_all(&messages, stdin) => end,
        () = shutdown.cancelled() => HttpEnd::Shutdown,
    }
}

async fn read(mut events: Events, sink: &impl LineSink) -> Broken {
    loop {
        match events.next().await {
            Ok(Some(event)) => reply::forward(event, sink),
            Ok(None) => return Broken::Closed,
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "event stream broke"
                );
                return Broken::Cut;
            }
        }
    }
}

struct Messages<'a, L> {
    http: Http,
    target: PathAndQuery,
    sink: &'a L,
}

impl<L: LineSink + Sync> Post for Messages<'_, L> {
    fn has_responses(&self) -> bool {
        false
    }

    async fn post(&self, out: &Outgoing) -> Result<(), Fault> {
        match &out.what {
            What::Initialize(id) | What::Call(id) => {
                // Without a limit: some servers answer the POST only when the call is done.
                self.call(out, &mut Reply::new(self.sink, id)).await
            }
            What::Discover(id) => self.probe(out, &mut Reply::new(self.sink, id)).await,
            What::Initialized | What::Cancelled(_) | What::Note => {
                // Its failure is nobody's but the log's; the call is a name that nothing answers.
                let mut nobody = Reply::nobody(self.sink);
                let done = taken(self.call(out, &mut nobody)).await;
                done.unwrap_or(Ok(()))
            }
        }
    }
}

impl<L: LineSink + Sync> Messages<'_, L> {
    /// Posts a question that servers of this transport need not know. Whatever they make of it, the
    /// session goes on.
    async fn probe(&self, out: &Outgoing, reply: &mut Reply<'_, L>) -> Result<(), Fault> {
        let request = with(self.http.post(&self.target), out.body.clone());
        match self.http.send(request).await {
            Ok(response) if response.status().is_success() => {
                body::discard(response.into_body()).await;
            }
            Ok(response) => {
                let status = response.status();
                let said = body::error(response.into_body()).await;
                reply.refused(status, &said);
            }
            Err(error) => {
                reply.broke(&error);
                return still_there(&self.http).await;
            }
        }
        Ok(())
    }

    /// Posts; the answer comes on the event stream.
    async fn call(&self, out: &Outgoing, reply: &mut Reply<'_, L>) -> Result<(), Fault> {
        let request = with(self.http.post(&self.target), out.body.clone());
        let response = match self.http.send(request).await {
            Ok(response) => response,
            Err(error) => {
                reply.broke(&error);
                return still_there(&self.http).await;
            }
        };
        let status = response.status();
        let said = body::error(response.into_body()).await;
        if status.is_success() {
            return Ok(());
        }
        if status == StatusCode::NOT_FOUND && !failure::names(&said, reply.id()) {
            return Err(Fault::ConnectionLost(Broken::Forgotten));
        }
        reply.refused(status, &said);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/messages?session=1", "/messages?session=1")]
    #[case("messages", "/api/messages")]
    #[case("./messages?a=b", "/api/messages?a=b")]
    #[case("?session=1", "/api/sse?session=1")]
    #[case("messages?back=http://x/y", "/api/messages?back=http://x/y")]
    #[case("http://169.254.169.254/latest", "/latest")]
    #[case("https://user:secret@evil.test:1/x?y", "/x?y")]
    #[case("//evil.test/x", "//evil.test/x")]
    fn whatever_the_endpoint_event_names_only_a_path_of_this_server_comes_out(
        #[case] named: &str,
        #[case] expected: &str,
    ) {
        let base = PathAndQuery::from_static("/api/sse?token=t");
        let path = resolve(&base, named.as_bytes()).expect(named);
        assert_eq!(path, expected);
        let address = ([10, 0, 0, 7], 8080).into();
        let kind = crate::backend::http::Kind::Sse;
        let endpoint = crate::backend::http::Endpoint::new(address, "a:8080", "/sse", kind);
        let uri = endpoint.expect("a good endpoint").uri(&path);
        assert_eq!(
            uri.authority().map(http::uri::Authority::as_str),
            Some("10.0.0.7:8080")
        );
    }

    #[test]
    fn what_is_no_url_names_nothing() {
        let base = PathAndQuery::from_static("/sse");
        for named in [&b""[..], b" ", b"/a b", b"/a\r\nx: y", b"\xff"] {
            assert_eq!(resolve(&base, named), None, "{named:?}");
        }
    }
}
