//! TLS in a tunnel: which host its handshake may ask for.

use hivewright_proxy::egress::{HELLO_WAIT, Why};
use tokio::{io::AsyncWriteExt, time::Instant};

use crate::support::{Client, LOOPBACK, World, accept, listen};

/// A fatal `unrecognized_name`.
const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];

/// A ClientHello that asks for this host, as one record.
fn hello(host: &str) -> Vec<u8> {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).expect("short").to_be_bytes();
    let name = [&[0][..], &length(host.as_bytes()), host.as_bytes()].concat();
    let list = [&length(&name)[..], &name].concat();
    let extension = [&[0, 0][..], &length(&list), &list].concat();
    let mut body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0]].concat();
    body.extend(length(&extension));
    body.extend(extension);
    let message = [&[1, 0][..], &length(&body), &body].concat();
    [&[22, 3, 1][..], &length(&message), &message].concat()
}

async fn tunnel(host: &str, allowed: &[&str]) -> (World, Client, Client) {
    let (listener, port) = listen().await;
    let world = World::new(allowed, &[port]).await;
    let client = world.tunnel(&format!("{host}:{port}")).await;
    let host = accept(&listener).await;
    (world, client, host)
}

#[tokio::test]
async fn a_handshake_that_asks_for_the_tunnels_host_passes_unchanged() {
    let (_world, mut client, mut host) = tunnel("host.test", &["host.test"]).await;
    let hello = hello("Host.Test");
    let (first, second) = hello.split_at(hello.len() / 2);
    client.send(first).await;
    tokio::task::yield_now().await;
    client.send(second).await;
    assert_eq!(host.bytes(hello.len()).await, hello);
    host.send("server hello").await;
    assert_eq!(client.bytes(12).await, b"server hello");
}

#[tokio::test]
async fn a_handshake_that_asks_for_another_host_is_denied_before_its_host_sees_a_byte() {
    // Even one that has a rule of its own: a tunnel is for one host.
    let (world, mut client, mut host) = tunnel("host.test", &["host.test", "other.test"]).await;
    client.send(hello("other.test")).await;
    assert_eq!(client.bytes(7).await, ALERT);
    assert_eq!(client.rest().await, "");
    assert_eq!(host.rest().await, "");
    assert_eq!(world.outcome("server_name_denied"), 1);
    let denials = world.denials.borrow();
    let denied = denials.of(LOOPBACK).expect("told");
    assert_eq!(
        (&*denied.last.host, denied.last.why),
        ("host.test", Why::ServerName)
    );
}

#[tokio::test]
async fn a_tunnel_to_an_address_may_ask_for_any_host() {
    let (_world, mut client, mut host) = tunnel("127.0.0.1", &["127.0.0.1"]).await;
    let hello = hello("anything.test");
    client.send(&hello).await;
    assert_eq!(host.bytes(hello.len()).await, hello);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_is_never_complete_is_denied() {
    let (world, mut client, mut host) = tunnel("host.test", &["host.test"]).await;
    let start = Instant::now();
    client.send(&hello("host.test")[..40]).await;
    assert_eq!(client.bytes(7).await, ALERT);
    assert!(start.elapsed() >= HELLO_WAIT && start.elapsed() < HELLO_WAIT * 2);
    assert_eq!(host.rest().await, "");
    assert_eq!(world.outcome("server_name_denied"), 1);
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_its_handshake_is_no_denial() {
    let (world, mut client, mut host) = tunnel("host.test", &["host.test"]).await;
    client.send(&hello("host.test")[..40]).await;
    client.0.shutdown().await.expect("the client ends");
    assert_eq!(host.rest().await, "");
    assert_eq!(world.outcome("server_name_denied"), 0);
}
