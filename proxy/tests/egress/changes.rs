//! Rules that change while the gateway runs, and its end.

use tokio::net::TcpStream;

use crate::support::{World, accept, listen, rules};

#[tokio::test]
async fn a_tunnel_whose_host_is_no_longer_allowed_is_cut_and_the_others_go_on() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test", "other.test"], &[port]).await;
    let mut cut = world.tunnel(&format!("host.test:{port}")).await;
    let mut at_cut = accept(&listener).await;
    let mut kept = world.tunnel(&format!("other.test:{port}")).await;
    let mut at_kept = accept(&listener).await;
    world.rules.send_replace(rules(&["other.test"], &[port]));
    assert_eq!(cut.rest().await, "");
    assert_eq!(at_cut.rest().await, "");
    kept.send("still").await;
    assert_eq!(at_kept.bytes(5).await, b"still");
}

#[tokio::test]
async fn a_tunnel_whose_port_is_no_longer_allowed_is_cut() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut cut = world.tunnel(&format!("host.test:{port}")).await;
    let _host = accept(&listener).await;
    world.rules.send_replace(rules(&["host.test"], &[]));
    assert_eq!(cut.rest().await, "");
}

#[tokio::test]
async fn an_answer_whose_host_is_no_longer_allowed_is_cut() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut client = world.client().await;
    let head = format!("GET http://host.test:{port}/ HTTP/1.1\r\nhost: x\r\n\r\n");
    client.send(head).await;
    let mut host = accept(&listener).await;
    host.head().await;
    host.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart")
        .await;
    client.head().await;
    assert_eq!(client.bytes(4).await, b"part");
    world.rules.send_replace(rules(&[], &[]));
    assert_eq!(client.rest().await, "");
    assert_eq!(host.rest().await, "");
}

#[tokio::test]
async fn new_rules_hold_for_the_next_request_of_an_open_connection() {
    let world = World::new(&[], &[]).await;
    let mut client = world.client().await;
    let head = "CONNECT nowhere.test:443 HTTP/1.1\r\nhost: x\r\n\r\n";
    for (hosts, status) in [(&[][..], "403"), (&["nowhere.test"], "502"), (&[], "403")] {
        world.rules.send_replace(rules(hosts, &[]));
        client.send(head).await;
        let answer = client.head().await;
        assert_eq!(&answer[9..12], status, "{answer}");
        let (_, length) = answer.split_once("content-length: ").expect("a length");
        let length = length.lines().next().and_then(|length| length.parse().ok());
        client.bytes(length.expect("a number")).await;
    }
}

#[tokio::test]
async fn the_end_cuts_tunnels_and_closes_the_port() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut client = world.tunnel(&format!("host.test:{port}")).await;
    let _host = accept(&listener).await;
    world.shutdown.cancel();
    world.running.await.expect("the gateway ends");
    assert_eq!(client.rest().await, "");
    assert!(TcpStream::connect(world.address).await.is_err());
}
