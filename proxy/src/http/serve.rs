//! The listener: accepts connections, serves them, and ends them in two stages.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Body, response::Response};
use http::{
    HeaderValue,
    header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER},
};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{self, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{rejection::Rejection, wire};
use crate::{
    accept::{Admission, Connections, Places},
    metrics::Metrics,
};

/// Connections served at once by one listener. A client needs one or two.
pub const MAX_CONNECTIONS: usize = 2048;
/// The last of them, for addresses that have few. A gateway in front of many clients may take the
/// others.
pub const RESERVED_CONNECTIONS: usize = 256;
/// Connections beside these that are told at once that there is no place; more wait in the kernel's
/// accept queue.
pub const MAX_TURNED_AWAY: usize = 64;
/// Time in which a connection that is turned away has to ask something to be told so.
pub const TURN_AWAY_WAIT: Duration = Duration::from_secs(2);

/// How serving came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every connection ended by itself.
    Clean,
    /// So many connections were cut at the deadline.
    Cut(usize),
}

/// What a listener serves.
#[derive(Clone, Debug)]
pub struct Site {
    router: Router,
    /// What connections get for which there is no place.
    full: Router,
    places: Places,
}

impl Site {
    /// A router; connections that are turned away are counted.
    pub fn counted(router: Router, metrics: Metrics) -> Self {
        Self::new(router, move || {
            metrics.refusal(Rejection::TooManyConnections.reason());
        })
    }

    fn new(router: Router, turned_away: impl Fn() + Clone + Send + Sync + 'static) -> Self {
        let full = Router::new().fallback(move || {
            turned_away();
            async { no_place() }
        });
        let places = Places {
            served: MAX_CONNECTIONS,
            reserved: RESERVED_CONNECTIONS,
            turned_away: MAX_TURNED_AWAY,
        };
        Self {
            router,
            full,
            places,
        }
    }
}

impl From<Router> for Site {
    fn from(router: Router) -> Self {
        Self::new(router, || {})
    }
}

/// Serves until `shutdown`; then accepts nothing more, lets running requests end for at most
/// `deadline`, and cuts what is left.
pub async fn serve(
    listener: TcpListener,
    site: impl Into<Site>,
    shutdown: CancellationToken,
    deadline: Duration,
) -> Drained {
    let (site, graceful) = (site.into(), GracefulShutdown::new());
    let mut connections = Connections::new(site.places);
    let serve = |stream, _: SocketAddr, admission| {
        let ends = (graceful.watcher(), shutdown.clone());
        connection(stream, admission, site.clone(), ends)
    };
    connections.accept(&listener, &shutdown, serve).await;
    drop(listener);
    if time::timeout(deadline, graceful.shutdown()).await.is_ok() {
        return Drained::Clean;
    }
    Drained::Cut(connections.cut().await)
}

async fn connection(
    stream: TcpStream,
    admission: Admission,
    site: Site,
    (watcher, shutdown): (Watcher, CancellationToken),
) {
    match admission {
        Admission::Served => wire::serve(stream, site.router, watcher, shutdown).await,
        Admission::TurnedAway => {
            // A client that asks nothing in time is not told anything.
            let told = wire::serve(stream, site.full, watcher, shutdown);
            drop(timeout(TURN_AWAY_WAIT, told).await);
        }
    }
}

fn no_place() -> Response {
    let rejection = Rejection::TooManyConnections;
    let mut response = Response::new(Body::from(rejection.body()));
    *response.status_mut() = rejection.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::Instant,
    };

    use super::{
        super::{HEAD_WAIT, MAX_HEAD, MAX_HEADERS},
        *,
    };

    /// A listener that serves at most `max` connections; every path is unknown to its router.
    async fn listen(max: usize) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        tokio::spawn(async move {
            let mut site = Site::from(Router::new());
            site.places.served = max;
            site.places.reserved = 0;
            serve(listener, site, CancellationToken::new(), Duration::ZERO).await;
        });
        address
    }

    /// The status line that answers this head.
    async fn status(connection: &mut TcpStream, head: &str) -> String {
        connection
            .write_all(head.as_bytes())
            .await
            .expect("the listener reads");
        let mut answer = [0; 32];
        let read = connection
            .read(&mut answer)
            .await
            .expect("the listener answers");
        let line = String::from_utf8_lossy(&answer[..read]).into_owned();
        line.chars().take("HTTP/1.1 404".len()).collect()
    }

    const SMALL: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

    #[tokio::test]
    async fn a_connection_past_the_bound_is_told_so_and_the_place_of_one_that_ended_is_given_again()
    {
        let address = listen(1).await;
        let mut first = TcpStream::connect(address).await.expect("accepted");
        assert_eq!(status(&mut first, SMALL).await, "HTTP/1.1 404");
        let mut second = TcpStream::connect(address).await.expect("accepted");
        assert_eq!(status(&mut second, SMALL).await, "HTTP/1.1 503");
        drop((first, second));
        loop {
            let mut third = TcpStream::connect(address).await.expect("accepted");
            match status(&mut third, SMALL).await.as_str() {
                "HTTP/1.1 404" => break,
                other => assert_eq!(other, "HTTP/1.1 503"),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_turned_away_and_asks_nothing_is_closed_soon() {
        let address = listen(0).await;
        let mut silent = TcpStream::connect(address).await.expect("accepted");
        let start = Instant::now();
        let mut rest = Vec::new();
        silent.read_to_end(&mut rest).await.expect("a clean end");
        assert!(rest.is_empty() && start.elapsed() >= TURN_AWAY_WAIT);
        assert!(start.elapsed() < TURN_AWAY_WAIT * 2);
    }

    #[tokio::test]
    async fn a_head_past_the_bounds_is_refused() {
        let address = listen(2).await;
        let many = "x: y\r\n".repeat(MAX_HEADERS + 1);
        let large = format!("x: {}\r\n", "y".repeat(MAX_HEAD));
        for headers in [many, large] {
            let mut connection = TcpStream::connect(address).await.expect("accepted");
            let head = format!("GET / HTTP/1.1\r\n{headers}\r\n");
            assert_eq!(status(&mut connection, &head).await, "HTTP/1.1 431");
        }
    }

    #[rstest::rstest]
    #[case::nothing("")]
    #[case::half_a_head("GET / HT")]
    #[case::half_a_preface("PRI * HTT")]
    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_come_ends_the_connection(#[case] begun: &str) {
        let mut connection = TcpStream::connect(listen(1).await).await.expect("accepted");
        connection
            .write_all(begun.as_bytes())
            .await
            .expect("the listener reads");
        let start = Instant::now();
        let mut rest = Vec::new();
        // What was looked at but not taken makes it a reset.
        drop(connection.read_to_end(&mut rest).await);
        assert!(start.elapsed() >= HEAD_WAIT && start.elapsed() < HEAD_WAIT * 2);
    }
}
