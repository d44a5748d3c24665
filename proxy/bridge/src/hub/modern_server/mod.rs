//! Servers of 2026-07-28 behind sessions of earlier revisions: what such a session said once is said
//! again in each of its requests, and what the server asks for in a result is asked of its client.
//!
//! ```text
//!  request of a session ──dress──> `_meta`: revision, client, capabilities, log level ──> server
//!  result: input_required ──wanted──> asks ──> client ──> inputResponses ──again──> the call, anew
//!  resources/read: -32602 ──errors──> -32002
//!  subscribers ──upstream──> subscriptions/listen; changes, without its mark <── server
//! ```
//! (MCP 2026-07-28, Base Protocol, `_meta`; Multi Round-Trip Requests.)

mod again;
mod answered;
mod dress;
mod errors;
mod intro;
mod rounds;
mod upstream;
mod wanted;

pub(super) use again::Again;
pub(super) use intro::introduction;
pub(super) use rounds::Rounds;
pub(super) use upstream::Upstream;
