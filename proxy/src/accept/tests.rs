use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// A listener that tells each connection what became of it and holds it.
async fn listen(places: Places) -> SocketAddr {
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a free port");
    let port = listener.local_addr().expect("a bound address").port();
    tokio::spawn(async move {
        let mut connections = Connections::new(places);
        let hold = |mut stream: TcpStream, _, admission| async move {
            let verdict: &[u8] = match admission {
                Admission::Served => b"s",
                Admission::TurnedAway => b"t",
            };
            drop(stream.write_all(verdict).await);
            drop(stream.read(&mut [0]).await);
        };
        let never = CancellationToken::new();
        connections.accept(&listener, &never, hold).await;
    });
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Connects from this address of the loopback network.
async fn connect(to: SocketAddr, from: [u8; 4]) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from((from, 0))).expect("loopback");
    socket.connect(to).await.expect("in the kernel's queue")
}

async fn verdict(stream: &mut TcpStream) -> char {
    let mut byte = [0];
    stream.read_exact(&mut byte).await.expect("a verdict");
    char::from(byte[0])
}

#[tokio::test]
async fn a_connection_too_many_waits_until_another_ends_where_none_is_turned_away() {
    let address = listen(Places {
        served: 1,
        reserved: 0,
        turned_away: 0,
    })
    .await;
    let mut first = connect(address, [127, 0, 0, 1]).await;
    assert_eq!(verdict(&mut first).await, 's');
    let mut second = connect(address, [127, 0, 0, 1]).await;
    let early = time::timeout(Duration::from_millis(50), verdict(&mut second)).await;
    assert!(
        early.is_err(),
        "nobody serves the second while the first is open"
    );
    drop(first);
    assert_eq!(verdict(&mut second).await, 's');
}

#[tokio::test]
async fn a_connection_too_many_is_turned_away_and_a_free_place_is_given_again() {
    let address = listen(Places {
        served: 1,
        reserved: 0,
        turned_away: 1,
    })
    .await;
    let mut first = connect(address, [127, 0, 0, 1]).await;
    assert_eq!(verdict(&mut first).await, 's');
    let mut second = connect(address, [127, 0, 0, 1]).await;
    assert_eq!(verdict(&mut second).await, 't');
    drop((first, second));
    loop {
        let mut third = connect(address, [127, 0, 0, 1]).await;
        if verdict(&mut third).await == 's' {
            break;
        }
    }
}

#[tokio::test]
async fn the_last_places_are_for_addresses_that_have_few() {
    let address = listen(Places {
        served: FEW + 6,
        reserved: 4,
        turned_away: 100,
    })
    .await;
    let mut greedy = Vec::new();
    for number in 0..FEW + 6 {
        let mut connection = connect(address, [127, 0, 0, 1]).await;
        let expected = if number < FEW + 2 { 's' } else { 't' };
        assert_eq!(verdict(&mut connection).await, expected, "{number}");
        greedy.push(connection);
    }
    let mut modest = connect(address, [127, 0, 0, 2]).await;
    assert_eq!(verdict(&mut modest).await, 's');
}
