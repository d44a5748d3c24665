//! What happens past each bound.

use std::time::Duration;

use hivewright_proxy::egress::{
    ADDRESS_WAIT, ANSWER_WAIT, AddressPolicy, CONNECT_WAIT, HEAD_WAIT, IDLE_WAIT, Limits, MAX_HEAD,
    MAX_HEADERS, MAX_LIFE, RESOLVE_WAIT,
};
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, sleep, timeout},
};

use crate::support::{FIRST_OF_TWO, LOOPBACK, World, accept, listen, listen_deaf, rules};

/// A gateway that takes few at once.
async fn narrow(port: u16, connections: usize, exchanges: usize) -> World {
    let limits = Limits {
        connections,
        exchanges,
    };
    let open = AddressPolicy::LoopbackOpen;
    World::with(rules(&["host.test"], &[port]), open, limits).await
}

#[tokio::test]
async fn a_tunnel_past_the_bound_is_refused_until_another_ends() {
    let (listener, port) = listen().await;
    let world = narrow(port, 8, 2).await;
    let target = format!("host.test:{port}");
    let first = world.tunnel(&target).await;
    let _second = world.tunnel(&target).await;
    let answer = world.connect(&target).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let sentence = "2 requests and tunnels are running already;";
    assert!(answer.contains(sentence), "{answer}");
    assert_eq!(world.outcome("too_many"), 1);
    drop(first);
    drop(accept(&listener).await);
    while world.metric("hivewright_egress_tunnels") > 1 {
        tokio::task::yield_now().await;
    }
    let _third = world.tunnel(&target).await;
}

#[tokio::test]
async fn a_request_that_is_refused_leaves_no_place_taken() {
    let (_listener, port) = listen().await;
    let world = narrow(port, 8, 1).await;
    let mut client = world.client().await;
    for _ in 0..3 {
        let head = "CONNECT evil.test:443 HTTP/1.1\r\nhost: x\r\n\r\n";
        client.send(head).await;
        assert!(client.head().await.starts_with("HTTP/1.1 403 "));
        let sentence = "evil.test is not allowed by the server's permission profile; add \
                        \"evil.test\" to its network.outbound.allow_host\n";
        client.bytes(sentence.len()).await;
    }
    world.tunnel(&format!("host.test:{port}")).await;
}

#[tokio::test]
async fn a_connection_past_the_bound_waits_for_one_before_it() {
    let world = narrow(1, 1, 1).await;
    let first = world.client().await;
    let waiting = world.connect("evil.test:443");
    tokio::pin!(waiting);
    let early = timeout(Duration::from_millis(50), &mut waiting).await;
    assert!(early.is_err(), "nobody serves the second");
    drop(first);
    assert!(waiting.await.starts_with("HTTP/1.1 403 "));
}

#[tokio::test]
async fn a_head_past_the_bounds_is_refused() {
    let world = World::new(&[], &[]).await;
    let many = "x: y\r\n".repeat(MAX_HEADERS + 1);
    let large = format!("x: {}\r\n", "y".repeat(MAX_HEAD));
    for headers in [many, large] {
        let mut client = world.client().await;
        client
            .send(format!("CONNECT evil.test:443 HTTP/1.1\r\n{headers}\r\n"))
            .await;
        assert!(client.head().await.starts_with("HTTP/1.1 431 "));
    }
}

#[tokio::test]
async fn an_answer_whose_head_is_past_the_bounds_is_broken() {
    let many = "x: y\r\n".repeat(MAX_HEADERS + 1);
    let large = format!("x: {}\r\n", "y".repeat(MAX_HEAD));
    for headers in [many, large] {
        let (listener, port) = listen().await;
        let world = World::new(&["host.test"], &[port]).await;
        let host = tokio::spawn(async move {
            let mut host = accept(&listener).await;
            host.head().await;
            host.send(format!("HTTP/1.1 200 OK\r\n{headers}\r\n")).await;
            host.rest().await;
        });
        let head = format!("GET http://host.test:{port}/ HTTP/1.1\r\n");
        let answer = world.ask(&head).await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        host.await.expect("the host is let go");
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_ends_the_connection() {
    let world = World::new(&[], &[]).await;
    let mut client = world.client().await;
    let start = Instant::now();
    client.send("CONNECT evil").await;
    assert_eq!(client.rest().await, "");
    assert!(start.elapsed() >= HEAD_WAIT && start.elapsed() < HEAD_WAIT * 2);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_not_resolved_in_time_is_a_gateway_timeout() {
    let world = World::new(&["silent.test"], &[]).await;
    let start = Instant::now();
    let answer = world.connect("silent.test:443").await;
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
    assert_eq!(world.outcome("timed_out"), 1);
    assert!(start.elapsed() >= RESOLVE_WAIT && start.elapsed() < RESOLVE_WAIT * 2);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_does_not_answer_the_connection_is_a_gateway_timeout() {
    let (listener, _queue) = listen_deaf(LOOPBACK, 0).await;
    let at = listener.local_addr().expect("a bound address");
    let world = World::new(&["host.test"], &[at.port()]).await;
    let start = Instant::now();
    let answer = world.connect(&format!("host.test:{}", at.port())).await;
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
    assert!(start.elapsed() >= CONNECT_WAIT && start.elapsed() < CONNECT_WAIT * 2);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_does_not_answer_gives_way_to_the_next() {
    let (listener, port) = listen().await;
    let _deaf = listen_deaf(FIRST_OF_TWO, port).await;
    let world = World::new(&["two.test"], &[port]).await;
    let start = Instant::now();
    let mut client = world.tunnel(&format!("two.test:{port}")).await;
    assert!(start.elapsed() >= ADDRESS_WAIT && start.elapsed() < ADDRESS_WAIT * 2);
    accept(&listener).await.send("here").await;
    assert_eq!(client.rest().await, "here");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_does_not_answer_the_request_is_a_gateway_timeout() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let silent = tokio::spawn(async move { accept(&listener).await.rest().await });
    let start = Instant::now();
    let head = format!("GET http://host.test:{port}/ HTTP/1.1\r\n");
    let answer = world.ask(&head).await;
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
    assert!(start.elapsed() >= ANSWER_WAIT && start.elapsed() < IDLE_WAIT);
    silent.await.expect("the host is let go");
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_in_which_nothing_passes_is_cut() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut client = world.tunnel(&format!("host.test:{port}")).await;
    let mut host = accept(&listener).await;
    let start = Instant::now();
    sleep(IDLE_WAIT / 2).await;
    host.send("a").await;
    client.bytes(1).await;
    assert_eq!(client.rest().await, "");
    assert_eq!(host.rest().await, "");
    assert!(start.elapsed() >= IDLE_WAIT * 3 / 2 && start.elapsed() < IDLE_WAIT * 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stops_coming_is_cut() {
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
    let start = Instant::now();
    assert_eq!(client.rest().await, "part");
    assert!(start.elapsed() >= IDLE_WAIT && start.elapsed() < IDLE_WAIT * 2);
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_is_cut_at_the_end_of_its_life_however_busy_it_is() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut client = world.tunnel(&format!("host.test:{port}")).await;
    let mut host = accept(&listener).await;
    let start = Instant::now();
    let beating = tokio::spawn(async move {
        while host.0.write_all(b".").await.is_ok() {
            sleep(IDLE_WAIT / 2).await;
        }
    });
    client.rest().await;
    let life = start.elapsed();
    assert!(life + IDLE_WAIT >= MAX_LIFE && life <= MAX_LIFE + IDLE_WAIT);
    beating.await.expect("the host notices");
}
