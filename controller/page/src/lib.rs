//! The status page: what is known about servers, as HTML. Pure: no clock, no request.
//!
//! ```text
//!  controller (all servers) ──┐
//!                             ├──> view model ──render──> HTML
//!  proxy run (one server) ────┘
//! ```
