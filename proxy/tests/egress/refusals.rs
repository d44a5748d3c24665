//! What the gateway refuses, with which status and sentence.

use hivewright_proxy::egress::{AddressPolicy, Limits, Why};
use rstest::rstest;

use crate::support::{LOOPBACK, World, host, listen, rules};

/// Asserts status, `Proxy-Status` and sentence of an answer.
fn assert_refused(answer: &str, status: u16, error: &str, sentence: &str) {
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{answer}"
    );
    let field = format!("\r\nproxy-status: hivewright; error={error}\r\n");
    assert!(answer.contains(&field), "{answer}");
    let plain = "\r\ncontent-type: text/plain; charset=utf-8\r\n";
    assert!(answer.contains(plain), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert_eq!(body.trim_end(), sentence);
}

#[rstest]
#[case::host(
    "evil.test:443",
    403,
    "http_request_denied",
    "host_denied",
    "evil.test is not allowed by the server's permission profile; add \"evil.test\" to its \
     network.outbound.allow_host"
)]
#[case::port(
    "host.test:22",
    403,
    "http_request_denied",
    "port_denied",
    "port 22 of host.test is not allowed by the server's permission profile; add 22 to its \
     network.outbound.allow_port"
)]
#[case::literal(
    "127.0.0.1:443",
    403,
    "http_request_denied",
    "host_denied",
    "127.0.0.1 is not allowed by the server's permission profile; add \"127.0.0.1\" to its \
     network.outbound.allow_host"
)]
#[case::metadata(
    "metadata.test:80",
    403,
    "destination_ip_prohibited",
    "address_denied",
    "metadata.test has an address that no permission profile opens: loopback, link-local, \
     multicast or a metadata service; use a host with another address"
)]
#[case::one_of_two(
    "mixed.test:80",
    403,
    "destination_ip_prohibited",
    "address_denied",
    "mixed.test has an address that no permission profile opens: loopback, link-local, multicast \
     or a metadata service; use a host with another address"
)]
#[case::listed_metadata(
    "169.254.169.254:80",
    403,
    "destination_ip_prohibited",
    "address_denied",
    "169.254.169.254 has an address that no permission profile opens: loopback, link-local, \
     multicast or a metadata service; use a host with another address"
)]
#[case::unknown(
    "nowhere.test:443",
    502,
    "dns_error",
    "unresolved",
    "the host of nowhere.test:443 has no address; check its name"
)]
#[case::no_address(
    "empty.test:443",
    502,
    "dns_error",
    "unresolved",
    "the host of empty.test:443 has no address; check its name"
)]
#[case::odd(
    "0x7f.1:80",
    400,
    "http_request_error",
    "bad_request",
    "the target's IPv4 address must be written as four decimal numbers, as in 192.0.2.1"
)]
#[case::no_port(
    "host.test",
    400,
    "http_request_error",
    "bad_request",
    "the target needs a port between 1 and 65535, as in example.com:443"
)]
#[tokio::test]
async fn a_tunnel_is_refused_with_a_sentence(
    #[case] target: &str,
    #[case] status: u16,
    #[case] error: &str,
    #[case] outcome: &str,
    #[case] sentence: &str,
) {
    let hosts = [
        "host.test",
        "metadata.test",
        "mixed.test",
        "nowhere.test",
        "empty.test",
        "169.254.169.254",
    ];
    let world = World::new(&hosts, &[]).await;
    assert_refused(&world.connect(target).await, status, error, sentence);
    assert_eq!(world.outcome(outcome), 1);
    assert_eq!(world.outcome("allowed"), 0);
}

#[rstest]
#[case::page("GET / HTTP/1.1\r\nhost: gateway\r\n", "this is a forward proxy;")]
#[case::https(
    "GET https://host.test/ HTTP/1.1\r\nhost: host.test\r\n",
    "a whole URL is forwarded"
)]
#[case::ftp(
    "GET ftp://host.test/ HTTP/1.1\r\nhost: host.test\r\n",
    "a whole URL is forwarded"
)]
#[case::star("OPTIONS * HTTP/1.1\r\nhost: gateway\r\n", "this is a forward proxy;")]
#[case::user(
    "GET http://user:secret@host.test/ HTTP/1.1\r\nhost: host.test\r\n",
    "the target must not hold a user name;"
)]
#[tokio::test]
async fn what_is_no_request_of_a_forward_proxy_is_refused(
    #[case] head: &str,
    #[case] sentence: &str,
) {
    let world = World::new(&["host.test"], &[]).await;
    let answer = world.ask(head).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains(&format!("\r\n\r\n{sentence}")), "{answer}");
    assert!(!answer.contains("secret"), "{answer}");
    assert_eq!(world.outcome("bad_request"), 1);
}

#[tokio::test]
async fn a_whole_url_is_judged_as_a_tunnel_is() {
    let world = World::new(&["metadata.test"], &[]).await;
    for (url, outcome) in [
        ("http://evil.test/", "host_denied"),
        ("http://metadata.test:81/", "port_denied"),
        ("http://metadata.test/latest/meta-data", "address_denied"),
    ] {
        let answer = world.ask(&format!("GET {url} HTTP/1.1\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert_eq!(world.outcome(outcome), 1);
    }
}

#[tokio::test]
async fn a_name_that_leads_to_loopback_is_refused_outside_of_tests() {
    let (port, seen) = host("").await;
    let (strict, limits) = (AddressPolicy::Strict, Limits::default());
    let world = World::with(rules(&["host.test"], &[port]), strict, limits).await;
    let answer = world.connect(&format!("host.test:{port}")).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert_eq!(world.outcome("address_denied"), 1);
    assert!(!seen.is_finished(), "nobody has connected");
}

#[tokio::test]
async fn a_host_that_does_not_listen_is_a_bad_gateway() {
    let (listener, port) = listen().await;
    drop(listener);
    let world = World::new(&["host.test"], &[port]).await;
    let answer = world.connect(&format!("host.test:{port}")).await;
    let sentence = format!(
        "host.test:{port} does not accept connections; check that it is up and reachable from the \
         proxy's pod"
    );
    assert_refused(&answer, 502, "destination_unavailable", &sentence);
    assert_eq!(world.outcome("unreachable"), 1);
}

#[tokio::test]
async fn a_host_that_speaks_no_http_is_a_bad_gateway() {
    let (port, _seen) = host("220 mail\r\n").await;
    let world = World::new(&["host.test"], &[port]).await;
    let head = format!("GET http://host.test:{port}/ HTTP/1.1\r\n");
    let sentence = format!("host.test:{port} ended the connection without an answer in HTTP/1.1");
    let answer = world.ask(&head).await;
    assert_refused(&answer, 502, "connection_terminated", &sentence);
}

#[tokio::test]
async fn denials_are_told_by_pod_with_the_newest_and_their_number() {
    let world = World::new(&["host.test"], &[]).await;
    world.connect("evil.test:443").await;
    world.connect("host.test:22").await;
    let denials = world.denials.borrow();
    let denied = denials.of(LOOPBACK).expect("this pod was denied something");
    let last = &denied.last;
    assert_eq!(
        (&*last.host, last.port, last.why, denied.total),
        ("host.test", 22, Why::Port, 2)
    );
}

#[tokio::test]
async fn what_is_only_out_of_order_is_no_denial() {
    let world = World::new(&["nowhere.test"], &[]).await;
    world.connect("nowhere.test:443").await;
    world.connect("0x7f.1:80").await;
    assert_eq!(world.denials.borrow().of(LOOPBACK), None);
}
