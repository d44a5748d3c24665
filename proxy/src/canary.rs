//! The canary: a port that accepts and closes every connection.
//!
//! No NetworkPolicy opens [`PROXY_CANARY_PORT`](hivewright_api::names::PROXY_CANARY_PORT). Whoever
//! can connect to it although its own packets are no exception to the policies (the controller
//! tries) knows that the cluster does not enforce them.

use std::time::Duration;

use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;

/// Pause after each connection: at most a hundred are accepted in a second, so that a port which
/// anybody can reach where policies are not enforced costs nothing.
pub const CONNECTION_PAUSE: Duration = Duration::from_millis(10);
/// Pause after an `accept` that failed, for example for want of file descriptors.
pub const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Accepts and closes until `shutdown`. Nothing is read or written.
pub async fn run(listener: TcpListener, shutdown: CancellationToken) {
    shutdown.run_until_cancelled(accept(&listener)).await;
}

async fn accept(listener: &TcpListener) {
    loop {
        let pause = match listener.accept().await {
            Ok((connection, _)) => {
                drop(connection);
                CONNECTION_PAUSE
            }
            Err(error) => {
                tracing::warn!(%error, "the canary could not accept a connection");
                ACCEPT_PAUSE
            }
        };
        sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{io::AsyncReadExt, net::TcpStream, task::JoinHandle, time::Instant};

    use super::*;

    async fn canary() -> (SocketAddr, CancellationToken, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(run(listener, shutdown.clone()));
        (address, shutdown, running)
    }

    async fn visit(address: SocketAddr) -> Vec<u8> {
        let mut connection = TcpStream::connect(address).await.expect("accepted");
        let mut said = Vec::new();
        connection
            .read_to_end(&mut said)
            .await
            .expect("a clean end");
        said
    }

    #[tokio::test]
    async fn a_connection_is_accepted_and_closed_without_a_word() {
        let (address, _shutdown, _running) = canary().await;
        assert_eq!(visit(address).await, b"");
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_accepted_one_connection_a_pause() {
        let (address, _shutdown, _running) = canary().await;
        let start = Instant::now();
        for _ in 0..20 {
            visit(address).await;
        }
        assert!(start.elapsed() >= CONNECTION_PAUSE * 19);
    }

    #[tokio::test]
    async fn the_end_closes_the_port() {
        let (address, shutdown, running) = canary().await;
        shutdown.cancel();
        running.await.expect("the canary ends");
        assert!(TcpStream::connect(address).await.is_err());
    }
}
