//! The status page of `run`, at its admin address.

use std::net::TcpListener;

use crate::program::{Program, eventually, post};

/// A port that was free a moment ago.
fn free() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("it is bound").port()
}

fn get(port: u16, host: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    post(port, &request)
}

#[test]
fn the_page_shows_the_server_its_calls_and_why_it_ended() {
    let admin = free();
    let program = Program::with(&["--admin-port", &admin.to_string()]);
    program.settings();
    let page = get(admin, "localhost", "/");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(
        page.contains("content-security-policy: default-src 'none'"),
        "{page}"
    );
    for part in [
        "<h1>shell</h1>",
        "Ready",
        "shell 1 answers",
        "hivewright-proxy",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let session = program.session();
    program.call(&session, "echo");
    program.call(&session, "die");
    eventually(|| get(admin, "localhost", "/?only=warnings").contains("The tool die ended with"));
    let page = get(admin, "localhost", "/");
    assert!(page.contains("process ended: "), "{page}");
    assert!(page.contains("<code>echo</code>"), "{page}");
    assert!(page.contains(&format!("<code>{}", &session[..4])), "{page}");
    assert!(!page.contains(&session), "no page holds a session's id");
    assert!(program.stop().success());
}

#[test]
fn a_name_that_leads_here_from_elsewhere_gets_no_page() {
    let admin = free();
    let program = Program::with(&["--admin-port", &admin.to_string()]);
    program.settings();
    let page = get(admin, "rebound.example", "/");
    assert!(page.starts_with("HTTP/1.1 403"), "{page}");
    assert!(
        page.contains("--allowed-host") && !page.contains("shell"),
        "{page}"
    );
    let style = get(admin, "localhost", "/assets/page.css");
    assert!(style.contains("content-type: text/css"), "{style}");
    assert!(program.stop().success());
}
