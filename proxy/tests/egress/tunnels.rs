//! CONNECT to an allowed host.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{World, accept, listen};

#[tokio::test]
async fn bytes_pass_both_ways_and_are_counted() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut client = world.tunnel(&format!("host.test:{port}")).await;
    let mut host = accept(&listener).await;
    assert_eq!(world.metric("hivewright_egress_tunnels"), 1);
    client.send("ping").await;
    assert_eq!(host.bytes(4).await, b"ping");
    host.send("pong").await;
    assert_eq!(client.bytes(4).await, b"pong");
    assert_eq!(world.outcome("allowed"), 1);
    let bytes = |way| {
        world.metric(&format!(
            "hivewright_egress_bytes_total{{direction=\"{way}\"}}"
        ))
    };
    let head = format!("CONNECT host.test:{port} HTTP/1.1\r\nhost: host.test:{port}\r\n\r\n");
    assert_eq!(bytes("sent"), head.len() as u64 + 4);
    assert!(bytes("received") > 4);
    drop(client);
    assert_eq!(host.rest().await, "");
    drop(host);
    while world.metric("hivewright_egress_tunnels") > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_host_may_speak_first() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut client = world.tunnel(&format!("host.test:{port}")).await;
    accept(&listener).await.send("220 ready").await;
    assert_eq!(client.rest().await, "220 ready");
}

#[tokio::test]
async fn bytes_sent_right_behind_the_request_are_not_lost() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut client = world.client().await;
    let head = format!("CONNECT host.test:{port} HTTP/1.1\r\nhost: x\r\n\r\nearly");
    client.send(head).await;
    assert_eq!(accept(&listener).await.bytes(5).await, b"early");
}

#[tokio::test]
async fn a_side_that_has_ended_still_receives() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let target = format!("host.test:{port}");

    let mut client = world.tunnel(&target).await;
    let mut host = accept(&listener).await;
    client.send("question").await;
    client.0.shutdown().await.expect("the client ends");
    assert_eq!(host.rest().await, "question");
    host.send("answer").await;
    drop(host);
    assert_eq!(client.rest().await, "answer");

    let mut client = world.tunnel(&target).await;
    let mut host = accept(&listener).await;
    host.0.shutdown().await.expect("the host ends");
    assert_eq!(client.rest().await, "");
    client.send("goodbye").await;
    drop(client);
    assert_eq!(host.rest().await, "goodbye");
}

#[tokio::test]
async fn more_than_a_buffer_passes_both_ways_at_once_and_unchanged() {
    const SIZE: usize = 1 << 20;
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut client = world.tunnel(&format!("host.test:{port}")).await;
    let mut host = accept(&listener).await;
    let up: Vec<u8> = (0..SIZE).map(|at| (at % 251).to_le_bytes()[0]).collect();
    let down: Vec<u8> = up.iter().rev().copied().collect();
    let (mut client_out, mut client_in) = client.0.split();
    let (mut host_out, mut host_in) = host.0.split();
    let (mut at_host, mut at_client) = (vec![0; SIZE], vec![0; SIZE]);
    let all = futures::future::try_join4(
        client_in.write_all(&up),
        host_in.write_all(&down),
        host_out.read_exact(&mut at_host),
        client_out.read_exact(&mut at_client),
    );
    all.await.expect("everything passes");
    assert!(at_host == up && at_client == down, "bytes have changed");
}

#[tokio::test]
async fn an_address_that_refuses_gives_way_to_the_next() {
    let (listener, port) = listen().await;
    let world = World::new(&["two.test"], &[port]).await;
    let mut client = world.tunnel(&format!("two.test:{port}")).await;
    accept(&listener).await.send("here").await;
    assert_eq!(client.rest().await, "here");
}

#[tokio::test]
async fn a_subtree_an_address_and_a_trailing_dot_are_allowed_as_the_rules_say() {
    let (listener, port) = listen().await;
    let world = World::new(&[".tree.test", "127.0.0.1"], &[port]).await;
    for host in ["a.tree.test", "A.Tree.Test.", "127.0.0.1"] {
        let mut client = world.tunnel(&format!("{host}:{port}")).await;
        accept(&listener).await.send("here").await;
        assert_eq!(client.rest().await, "here", "{host}");
    }
}
