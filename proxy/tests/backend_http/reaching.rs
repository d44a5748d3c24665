//! Late, on another port, not at all, or something else.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, http::StatusCode, response::IntoResponse, routing::any};
use hivewright_api::gate::GateReason;
use hivewright_proxy::backend::http::{Fault, Kind, LISTEN_GRACE, Unready, connect, reach};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::{Instant, timeout},
};

use crate::support::{
    PATIENCE, Pipe, Serving, endpoint,
    script::{Log, SseServer, accept, good, streamable},
    serve, vacant,
};

#[tokio::test]
async fn a_server_that_listens_late_is_reached_without_a_word() {
    for kind in [Kind::Sse, Kind::StreamableHttp] {
        let address = vacant().await;
        let told = Arc::new(Mutex::new(Vec::new()));
        let reaching = tokio::spawn({
            let told = told.clone();
            async move {
                let tell = |fault: &Fault| told.lock().push(fault.clone());
                reach(&endpoint(address, kind), tell).await
            }
        });
        // Some attempts have failed by then, whatever the machine does.
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        let listener = TcpListener::bind(address).await.unwrap();
        let router = SseServer::new("/messages").router(accept);
        let _serving = Serving::on(listener, router);
        timeout(PATIENCE, reaching)
            .await
            .expect("it is reached")
            .unwrap();
        assert_eq!(*told.lock(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn that_nothing_listens_is_said_after_the_grace_and_once() {
    let address = vacant().await;
    let started = Instant::now();
    let told = Mutex::new(Vec::new());
    let tell = |fault: &Fault| told.lock().push((fault.gate(), started.elapsed()));
    let endpoint = endpoint(address, Kind::Sse);
    let endless = reach(&endpoint, tell);
    let _ = timeout(3 * LISTEN_GRACE, endless).await;
    let told = told.into_inner();
    // Another program of this machine may listen on a usual port.
    let known = [GateReason::NotListening, GateReason::WrongPort];
    assert!(
        !told.is_empty() && told.iter().all(|(gate, _)| known.contains(gate)),
        "{told:?}"
    );
    assert!(told[0].1 >= LISTEN_GRACE, "{told:?}");
    assert!(told.len() < 5, "it is not repeated: {told:?}");
}

async fn fault(address: SocketAddr, kind: Kind) -> String {
    let unready = connect(&endpoint(address, kind)).await;
    let fault = match unready.expect_err("it is not usable") {
        Unready::Fault(fault) => Some(fault),
        Unready::NotThere => None,
    };
    let fault = fault.expect("something is there");
    assert_eq!(fault.gate(), GateReason::WrongTransport);
    let port = format!("Port {} of the pod", address.port());
    fault.to_string().replace(&port, "PORT")
}

#[tokio::test]
async fn a_path_that_is_not_there_is_told_with_what_was_answered() {
    let (address, _serving) = serve(Router::new()).await;
    assert_eq!(
        fault(address, Kind::Sse).await,
        "PORT does not speak sse at /sse: GET /sse answered HTTP 404 Not Found; set spec.transport to what the server speaks."
    );
}

#[tokio::test]
async fn a_streamable_server_where_sse_was_expected_is_named() {
    let (address, _serving) = serve(streamable(&Log::default(), good)).await;
    let told = fault(address, Kind::Sse).await;
    let advice = "set spec.transport to streamable-http, which answers at /mcp.";
    assert!(told.ends_with(advice), "{told}");
}

#[tokio::test]
async fn a_page_and_a_stream_that_names_no_endpoint_are_no_sse_server() {
    let page = any(|| async { "hello" });
    let (address, _serving) = serve(Router::new().route("/sse", page)).await;
    let told = fault(address, Kind::Sse).await;
    assert!(
        told.contains("GET /sse answered HTTP 200 OK: \"hello\""),
        "{told}"
    );

    let other = any(|| async { ([("content-type", "text/event-stream")], "data: {}\n\n") });
    let (address, _serving) = serve(Router::new().route("/sse", other)).await;
    let told = fault(address, Kind::Sse).await;
    assert!(
        told.contains("opened an event stream that ended at once"),
        "{told}"
    );
}

#[tokio::test]
async fn an_endpoint_that_is_no_url_is_told() {
    let (address, _serving) = serve(SseServer::new("http://").router(accept)).await;
    let told = fault(address, Kind::Sse).await;
    assert!(
        told.contains("its endpoint event names \"http://\""),
        "{told}"
    );
}

#[tokio::test]
async fn what_speaks_no_http_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 1024]).await.unwrap();
            socket.write_all(b"500 no such command\r\n").await.unwrap();
        }
    });
    let told = fault(address, Kind::Sse).await;
    assert!(
        told.contains("GET /sse was not answered in HTTP/1.1"),
        "{told}"
    );
    server.abort();
}

#[tokio::test]
async fn a_redirect_to_another_path_is_followed_and_one_in_circles_is_not() {
    let moved = |to: &'static str| {
        any(
            move || async move { (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response() },
        )
    };
    let server = SseServer::new("/messages");
    let inner = Router::new().nest("/in", server.router(accept));
    let (address, _serving) = serve(inner.route("/sse", moved("/in/sse"))).await;
    let _pipe = Pipe::to(address, Kind::Sse).await;

    let (address, _serving) = serve(Router::new().route("/sse", moved("/sse"))).await;
    let told = fault(address, Kind::Sse).await;
    assert!(told.contains("was redirected more than 3 times"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_accepts_but_never_answers_is_told_as_that() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let Err(Unready::Fault(fault)) = connect(&endpoint(address, Kind::Sse)).await else {
        panic!("it does not answer");
    };
    assert_eq!(fault.gate(), GateReason::HandshakeTimeout);
    let told = "accepts connections, but GET /sse was not answered in 10 s;";
    assert!(fault.to_string().contains(told), "{fault}");
}
