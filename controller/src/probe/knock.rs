//! Two TCP connections to one proxy, closed as soon as they are open.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hivewright_api::names;
use hivewright_core::Enforcement;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::verdict::{Answer, verdict};

/// Longest wait for one port. A pod in the same cluster answers within milliseconds, and a packet
/// that a policy drops is never answered.
const PATIENCE: Duration = Duration::from_secs(1);

/// Knocks at the proxy with this address.
pub(super) async fn knock(address: IpAddr) -> Enforcement {
    let admin = port(SocketAddr::new(address, names::PROXY_ADMIN_PORT));
    let canary = port(SocketAddr::new(address, names::PROXY_CANARY_PORT));
    let (admin, canary) = tokio::join!(admin, canary);
    verdict(admin, canary)
}

async fn port(address: SocketAddr) -> Answer {
    answer(TcpStream::connect(address)).await
}

async fn answer<T>(connecting: impl Future<Output = io::Result<T>>) -> Answer {
    match timeout(PATIENCE, connecting).await {
        Ok(Ok(_)) => Answer::Open,
        Ok(Err(error)) => match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => Answer::Refused,
            _ => Answer::Silent,
        },
        Err(_) => Answer::Silent,
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_port_that_listens_is_open_and_one_that_does_not_refuses() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(port(address).await, Answer::Open);
        drop(listener);
        assert_eq!(port(address).await, Answer::Refused);
    }

    #[tokio::test(start_paused = true)]
    async fn no_answer_in_time_is_silence() {
        let never = std::future::pending::<io::Result<()>>();
        assert_eq!(answer(never).await, Answer::Silent);
    }

    #[tokio::test]
    async fn what_the_network_forbids_is_silence_too() {
        let forbidden = async { Err::<(), _>(io::Error::from(ErrorKind::HostUnreachable)) };
        assert_eq!(answer(forbidden).await, Answer::Silent);
    }
}
