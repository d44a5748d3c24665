//! Every revision of clients meets every revision of servers over every transport of servers.
//!
//! ```text
//!  raw client ──> the real doors ──> the real hub ──> the real backend ──> model server
//!  2024-11-05: /sse                                   a process on stdio   strict: what its revision
//!  2025-*:     /mcp, a session                        HTTP+SSE             does not have is a
//!  2026-07-28: /mcp, stateless                        Streamable HTTP      complaint, told at the end
//! ```
//!
//! A cell does what a client does: it opens, lists, calls, is refused, follows progress, cancels, and
//! answers what the server asks of it.

mod client;
mod model;
mod revision;
mod served;
mod story;
#[path = "../common/watchdog.rs"]
mod watchdog;
mod web;
mod world;

use rstest::rstest;

use revision::Revision::{self, V2024_11_05, V2025_03_26, V2025_06_18, V2025_11_25, V2026_07_28};
use world::Transport::{self, Sse, Stdio, StreamableHttp};

#[rstest]
#[tokio::test]
async fn every_client_meets_every_server(
    #[values(V2024_11_05, V2025_03_26, V2025_06_18, V2025_11_25, V2026_07_28)] client: Revision,
    #[values(V2024_11_05, V2025_03_26, V2025_06_18, V2025_11_25, V2026_07_28)] server: Revision,
    #[values(Stdio, Sse, StreamableHttp)] transport: Transport,
) {
    story::of_a_cell(client, server, transport).await;
}
