//! Is there anybody at this port, and if not, at which?

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use futures::future::join_all;
use tokio::{net::TcpStream, time::timeout};

use super::{client::CONNECT_LIMIT, fault::Fault};

/// Where servers listen that do not heed what they were told: the defaults of the MCP SDKs, of
/// their frameworks and of the images in use.
pub(super) const USUAL_PORTS: &[u16] = &[
    8080, 8000, 3000, 3001, 5000, 8081, 8888, 9000, 4000, 8001, 8090, 80,
];

/// Whether TCP gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    Open,
    Refused,
    Silent,
}

/// Opens a connection and closes it again.
pub(super) async fn port(address: SocketAddr) -> Port {
    match timeout(CONNECT_LIMIT, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Port::Open,
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Port::Refused,
        Ok(Err(_)) | Err(_) => Port::Silent,
    }
}

/// What is to be said of an address at which nobody listens. `usual` are the ports to try instead,
/// all at once: the first of them that is open is named.
pub(super) async fn diagnose(address: SocketAddr, usual: &[u16]) -> Option<Fault> {
    let given = address.port();
    let not_there = match port(address).await {
        Port::Open => return None,
        Port::Refused => Fault::NotListening { port: given },
        Port::Silent => Fault::Silent { port: given },
    };
    let other = open(
        address.ip(),
        usual.iter().copied().filter(|port| *port != given),
    )
    .await;
    Some(other.map_or(not_there, |other| Fault::WrongPort { port: given, other }))
}

async fn open(ip: IpAddr, ports: impl Iterator<Item = u16>) -> Option<u16> {
    let tried = ports.map(|number| async move {
        let found = port(SocketAddr::new(ip, number)).await;
        (found == Port::Open).then_some(number)
    });
    join_all(tried).await.into_iter().flatten().next()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// An address at which nobody listens.
    async fn vacant() -> SocketAddr {
        listener().await.1
    }

    #[tokio::test]
    async fn a_port_that_refuses_is_told_from_one_that_is_open() {
        let (_open, address) = listener().await;
        assert_eq!(port(address).await, Port::Open);
        assert_eq!(port(vacant().await).await, Port::Refused);
    }

    #[tokio::test]
    async fn the_first_usual_port_that_is_open_is_named() {
        let (given, closed) = (vacant().await, vacant().await);
        let (_one, first) = listener().await;
        let (_two, second) = listener().await;
        let usual = [given.port(), closed.port(), first.port(), second.port()];
        let fault = diagnose(given, &usual).await;
        let (port, other) = (given.port(), first.port());
        assert_eq!(fault, Some(Fault::WrongPort { port, other }));
    }

    #[tokio::test]
    async fn without_any_open_port_nothing_listens() {
        let (given, closed) = (vacant().await, vacant().await);
        let fault = diagnose(given, &[closed.port()]).await;
        assert_eq!(fault, Some(Fault::NotListening { port: given.port() }));
    }

    #[tokio::test]
    async fn a_server_that_came_up_meanwhile_has_no_fault() {
        let (_open, address) = listener().await;
        assert_eq!(diagnose(address, &[]).await, None);
    }
}
