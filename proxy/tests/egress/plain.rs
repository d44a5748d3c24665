//! Whole URLs of http, forwarded.

use crate::support::{World, accept, host, listen};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n\
                  X-Trace-ID: 7\r\n\r\nhi";

#[tokio::test]
async fn a_request_reaches_its_host_as_the_host_wants_it() {
    let (port, seen) = host(OK).await;
    let world = World::new(&["host.test"], &[port]).await;
    let head = format!(
        "GET http://host.test:{port}/a/b?c=d HTTP/1.1\r\nHost: liar.test\r\nX-Api-Key: k\r\n\
         Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nUpgrade: h2c\r\n"
    );
    let answer = world.ask(&head).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhi"), "{answer}");
    let seen = seen.await.expect("the host was asked");
    let mut lines: Vec<_> = seen.trim_end().lines().collect();
    lines[1..].sort_unstable();
    let own_host = format!("Host: host.test:{port}");
    let expected = [
        "GET /a/b?c=d HTTP/1.1",
        &own_host,
        "X-Api-Key: k",
        "via: 1.1 hivewright",
    ];
    assert_eq!(lines, expected);
    assert_eq!(world.outcome("allowed"), 1);
}

#[tokio::test]
async fn an_answer_comes_back_without_the_fields_of_its_connection() {
    let (port, _seen) = host(OK).await;
    let world = World::new(&["host.test"], &[port]).await;
    let head = format!("GET http://host.test:{port}/ HTTP/1.1\r\n");
    let answer = world.ask(&head).await;
    assert!(answer.contains("\r\nX-Trace-ID: 7\r\n"), "{answer}");
    assert!(answer.contains("\r\nvia: 1.1 hivewright\r\n"), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("x-hop"), "{answer}");
}

#[tokio::test]
async fn bodies_pass_piece_by_piece_both_ways() {
    let (listener, port) = listen().await;
    let world = World::new(&["host.test"], &[port]).await;
    let mut client = world.client().await;
    let head = format!(
        "POST http://host.test:{port}/ HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    client.send(head).await;
    let mut host = accept(&listener).await;
    let head = host.head().await;
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    // Each piece is on the other side before the next is sent.
    client.send("3\r\none\r\n").await;
    assert_eq!(host.bytes(8).await, b"3\r\none\r\n");
    host.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nan\r\n")
        .await;
    client.head().await;
    assert_eq!(client.bytes(7).await, b"2\r\nan\r\n");
    client.send("3\r\ntwo\r\n0\r\n\r\n").await;
    assert_eq!(host.bytes(13).await, b"3\r\ntwo\r\n0\r\n\r\n");
    host.send("4\r\nswer\r\n0\r\n\r\n").await;
    assert_eq!(client.bytes(14).await, b"4\r\nswer\r\n0\r\n\r\n");
}

#[tokio::test]
async fn one_connection_serves_requests_to_several_hosts_each_judged() {
    let (first, _seen) = host(OK).await;
    let (second, _seen) = host(OK).await;
    let world = World::new(&["host.test", "other.test"], &[first, second]).await;
    let mut client = world.client().await;
    for (host, port, status) in [
        ("host.test", first, "200"),
        ("evil.test", first, "403"),
        ("other.test", second, "200"),
    ] {
        let head = format!("GET http://{host}:{port}/ HTTP/1.1\r\nhost: {host}\r\n\r\n");
        client.send(head).await;
        let answer = client.head().await;
        assert_eq!(&answer[9..12], status, "{answer}");
        let length = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then_some(value)
        });
        let length = length.expect("a length").parse().expect("a number");
        client.bytes(length).await;
    }
}

#[tokio::test]
async fn an_upgrade_that_nobody_asked_for_is_a_broken_answer() {
    let (port, _seen) = host("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n").await;
    let world = World::new(&["host.test"], &[port]).await;
    let head = format!("GET http://host.test:{port}/ HTTP/1.1\r\n");
    let answer = world.ask(&head).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
}
