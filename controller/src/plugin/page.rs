//! `page`: the controller's status page for a browser on this machine.
//!
//! A browser cannot send the cluster's token, so a loopback port adds it. Whoever reaches that port
//! reads with our rights: other users of this machine, and other pages in the same browser. Both are
//! kept out by a random key, which the first address carries and a cookie keeps, and by the name in
//! the Host header, which a page of another site cannot choose (DNS rebinding).

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use super::cluster::Cluster;
use super::remote::Remote;
use super::{Error as Failure, Result};
use crate::args::PageArgs;

/// Random bytes of the key: nobody guesses 128 bits.
const KEY: usize = 16;
/// Name of the word in the first address.
const WORD: &str = "key";
/// What of a browser's request the page may look at.
const PASSED: [HeaderName; 4] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::IF_NONE_MATCH,
    header::USER_AGENT,
];

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}; choose another with --listen")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The machine gives no random numbers.
    #[error(
        "the operating system gives no random numbers, and without a key the page is open to everybody on this machine"
    )]
    Random(#[source] getrandom::Error),
    /// Accepting connections failed.
    #[error("the page's listener stopped")]
    Serve(#[source] std::io::Error),
}

/// Runs it.
pub(super) async fn run(args: PageArgs) -> Result<()> {
    let cluster = Cluster::open(&args.cluster).await?;
    let remote = Remote::find(cluster).await?;
    // Who may not see the page learns it here, not in the browser.
    remote.open("/", &HeaderMap::new()).await?;
    let address = args.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| Error::Bind { address, source })?;
    let bound = listener.local_addr().map_err(Error::Serve)?;
    let door = Door::new(bound)?;
    println!(
        "The status page, until this is interrupted: {}",
        door.address()
    );
    let router = Router::new()
        .fallback(serve)
        .with_state(Arc::new((door, remote)));
    axum::serve(listener, router)
        .await
        .map_err(|source| Failure::Page(Error::Serve(source)))
}

async fn serve(State(shared): State<Arc<(Door, Remote)>>, request: Request) -> Response {
    let (door, remote) = &*shared;
    match door.judge(request.method(), request.uri(), request.headers()) {
        Entry::In => {}
        Entry::Keyed => return door.welcome(),
        Entry::Out(status, why) => return (status, format!("{why}\n")).into_response(),
    }
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    match remote
        .send(request.method(), path, &passed(request.headers()))
        .await
    {
        Ok(answer) => own(answer.map(Body::new)),
        Err(error) => {
            let text = format!("{:#}\n", anyhow::Error::new(error));
            (StatusCode::BAD_GATEWAY, text).into_response()
        }
    }
}

fn passed(headers: &HeaderMap) -> HeaderMap {
    let of = |name: HeaderName| headers.get(&name).cloned().map(|value| (name, value));
    PASSED.into_iter().filter_map(of).collect()
}

/// The answer without what was about the other connection (RFC 9110, section 7.6.1).
fn own(mut answer: Response) -> Response {
    for name in [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::CONTENT_LENGTH,
    ] {
        answer.headers_mut().remove(name);
    }
    answer
}

/// Who comes in.
#[derive(Debug)]
struct Door {
    bound: SocketAddr,
    key: String,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// It is let through.
    In,
    /// It brings the key, and is given the cookie.
    Keyed,
    /// It is not.
    Out(StatusCode, &'static str),
}

impl Door {
    fn new(bound: SocketAddr) -> Result<Self, Error> {
        let mut bytes = [0_u8; KEY];
        getrandom::fill(&mut bytes).map_err(Error::Random)?;
        let key = bytes.iter().fold(String::new(), |mut key, byte| {
            let _infallible = write!(key, "{byte:02x}");
            key
        });
        Ok(Self { bound, key })
    }

    /// What the user opens.
    fn address(&self) -> String {
        format!("http://{}/?{WORD}={}", self.bound, self.key)
    }

    fn judge(&self, method: &Method, uri: &axum::http::Uri, headers: &HeaderMap) -> Entry {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Entry::Out(StatusCode::METHOD_NOT_ALLOWED, "This page is only read.");
        }
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        if !host.is_some_and(|host| self.is_called(host)) {
            return Entry::Out(
                StatusCode::MISDIRECTED_REQUEST,
                "This is not the page's address.",
            );
        }
        let mut words = uri.query().unwrap_or_default().split('&');
        if words.any(|word| word.strip_prefix("key=").is_some_and(|key| self.opens(key))) {
            return Entry::Keyed;
        }
        let name = self.cookie();
        let mut cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split("; "))
            .filter_map(|cookie| cookie.split_once('='));
        if cookies.any(|(key, value)| key == name && self.opens(value)) {
            Entry::In
        } else {
            Entry::Out(
                StatusCode::FORBIDDEN,
                "Open the address that `kubectl hivewright page` printed.",
            )
        }
    }

    /// Whether this is a name of ours in a Host header.
    fn is_called(&self, host: &str) -> bool {
        let port = self.bound.port();
        host == self.bound.to_string() || host == format!("localhost:{port}")
    }

    /// Digests are compared, so that the time it takes tells nothing of the key.
    fn opens(&self, key: &str) -> bool {
        Sha256::digest(key) == Sha256::digest(&self.key)
    }

    /// Cookies are shared by all ports of a host, so the name says which page it is for.
    fn cookie(&self) -> String {
        format!("hivewright-{}", self.bound.port())
    }

    /// Gives the cookie, and an address without the key.
    fn welcome(&self) -> Response {
        let cookie = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Strict",
            self.cookie(),
            self.key
        );
        let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response();
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            answer.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> Door {
        Door::new("127.0.0.1:4000".parse().unwrap()).unwrap()
    }

    fn headers(host: &str, cookie: &str) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        HeaderMap::from_iter([(header::HOST, value(host)), (header::COOKIE, value(cookie))])
    }

    fn judged(door: &Door, path: &str, headers: &HeaderMap) -> Entry {
        door.judge(&Method::GET, &path.parse().unwrap(), headers)
    }

    #[test]
    fn who_brings_the_key_gets_the_cookie_and_comes_in_with_it() {
        let door = door();
        let first = door.address().split_once("4000").unwrap().1.to_owned();
        assert_eq!(
            judged(&door, &first, &headers("127.0.0.1:4000", "")),
            Entry::Keyed
        );
        let answer = door.welcome();
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
        let cookie = format!("other=1; {}", cookie.split_once(';').unwrap().0);
        for host in ["127.0.0.1:4000", "localhost:4000"] {
            assert_eq!(
                judged(&door, "/servers/a/b", &headers(host, &cookie)),
                Entry::In
            );
        }
    }

    #[test]
    fn who_has_no_key_stays_out() {
        let door = door();
        let out = |path: &str, headers: &HeaderMap| match judged(&door, path, headers) {
            Entry::Out(status, _) => status.as_u16(),
            other => panic!("{other:?}"),
        };
        assert_eq!(out("/", &headers("127.0.0.1:4000", "")), 403);
        assert_eq!(
            out("/?key=0", &headers("127.0.0.1:4000", "hivewright-4000=0")),
            403
        );
        assert_eq!(out("/", &HeaderMap::new()), 421);
    }

    #[test]
    fn a_page_of_another_site_stays_out_even_with_the_cookie() {
        let door = door();
        let cookie = format!("hivewright-4000={}", door.key);
        let rebound = judged(&door, "/", &headers("evil.example:4000", &cookie));
        assert!(matches!(
            rebound,
            Entry::Out(StatusCode::MISDIRECTED_REQUEST, _)
        ));
        let here = headers("127.0.0.1:4000", &cookie);
        let posted = door.judge(&Method::POST, &"/".parse().unwrap(), &here);
        assert!(matches!(
            posted,
            Entry::Out(StatusCode::METHOD_NOT_ALLOWED, _)
        ));
    }

    #[test]
    fn two_pages_have_two_keys() {
        assert_ne!(door().key, door().key);
    }
}
