//! The status page: what is known about servers, as HTML. Pure: no clock, no request.
//!
//! ```text
//!  proxies' /metrics ──text──> load ──> Load ─┐
//!  caches, journal (controller) ──────────────┼──> model ──> overview, server ──> HTML
//!  snapshot, what was seen (proxy run) ───────┘       filter (query string)   + assets (CSS, JS, icon)
//! ```
//!
//! Both servers of the page make a model and send what comes out, with the headers of [`assets`].
//! Every link in it is relative, so the page works behind any prefix. Without scripts it is a page
//! like any other; with them it keeps itself up to date.

pub mod assets;
mod cells;
mod figures;
pub mod filter;
pub mod load;
mod mark;
pub mod model;
mod overview;
mod problem;
mod server;
mod shell;
mod timeline;
mod words;

pub use overview::overview;
pub use problem::problem;
pub use server::server;
