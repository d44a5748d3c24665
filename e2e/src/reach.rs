//! Tries to open a TCP connection and says what came of it. The packets of a NetworkPolicy scenario.

use std::{
    io::ErrorKind,
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// How long one attempt may take. A dropped SYN is repeated after 1 s and 3 s (RFC 6298), so an
/// open port answers well within this even if the first packet was lost.
pub const ATTEMPT: Duration = Duration::from_secs(4);

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The connection was accepted.
    Open,
    /// Something answered that nobody listens there (RST), or that the way is closed (ICMP).
    Refused,
    /// No packet came back within [`ATTEMPT`]: what a NetworkPolicy that drops looks like.
    NoAnswer,
    /// The name has no address, or its lookup got no answer.
    NoAddress,
    /// The kernel refused for another reason.
    Failed,
}

/// Connects to `host` (name or address) at `port` and closes the connection again.
pub fn reach(host: &str, port: u16) -> Reach {
    let Ok(mut addresses) = (host, port).to_socket_addrs() else {
        return Reach::NoAddress;
    };
    let Some(address) = addresses.next() else {
        return Reach::NoAddress;
    };
    match TcpStream::connect_timeout(&address, ATTEMPT) {
        Ok(_) => Reach::Open,
        Err(error) => match error.kind() {
            ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable => Reach::Refused,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Reach::NoAnswer,
            _ => Reach::Failed,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn an_open_port_is_open_and_a_closed_one_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(reach("127.0.0.1", port), Reach::Open);
        drop(listener);
        assert_eq!(reach("127.0.0.1", port), Reach::Refused);
    }

    #[test]
    fn the_outcome_is_one_word_in_json() {
        assert_eq!(
            serde_json::to_string(&Reach::NoAnswer).unwrap(),
            "\"no-answer\""
        );
    }
}
