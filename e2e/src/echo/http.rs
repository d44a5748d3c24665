//! SSE and Streamable HTTP in front of the stdio server, which runs as a child process.
//!
//! ```text
//!  POST ──> child.stdin      child.stdout ──┬─ an answer ──> the POST that waits for its id, or SSE
//!                                           └─ all else ───> the GET stream
//! ```
//!
//! One client at a time, which is what the proxy is: a new `initialize` means a new child. When the
//! child ends by itself, so does this process, with its code: tools that crash stay what they are.

mod child;
mod doors;

use std::{
    net::{IpAddr, Ipv4Addr},
    process::ExitCode,
    time::Duration,
};

use super::args::HttpArgs;

/// Where a server listens to which nobody said.
const PORT: u16 = 8080;

/// Which of the two HTTP transports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// MCP 2024-11-05.
    Sse,
    /// MCP 2025-03-26 and later.
    StreamableHttp,
}

impl Transport {
    /// What `MCP_TRANSPORT` says, if that is HTTP.
    pub(super) fn from_env() -> Option<Self> {
        match std::env::var("MCP_TRANSPORT").ok()?.as_str() {
            "sse" => Some(Self::Sse),
            "streamable-http" => Some(Self::StreamableHttp),
            _ => None,
        }
    }
}

/// Serves until the child ends.
pub(super) fn run(transport: Transport, args: HttpArgs) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let served = runtime.map(|runtime| runtime.block_on(serve(transport, args)));
    match served.and_then(|served| served) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("echo-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(transport: Transport, args: HttpArgs) -> std::io::Result<u8> {
    if args.deaf {
        return std::future::pending().await;
    }
    tokio::time::sleep(Duration::from_secs(args.late)).await;
    let named = std::env::var("MCP_PORT").ok();
    let port = args
        .port
        .or_else(|| named.and_then(|port| port.parse().ok()))
        .unwrap_or(PORT);
    let address = if args.loopback {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    } else {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED)
    };
    let listener = tokio::net::TcpListener::bind((address, port)).await?;
    // Who asked for port 0 learns here which one it became.
    eprintln!("echo-server: listening on {}", listener.local_addr()?);
    let (house, mut ended) = child::House::new();
    let doors = doors::router(transport, house);
    tokio::select! {
        served = axum::serve(listener, doors) => served.map(|()| 0),
        code = ended.recv() => Ok(code.unwrap_or_default()),
    }
}
