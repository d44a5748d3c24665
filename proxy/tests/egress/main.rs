//! The egress gateway over loopback sockets: what it lets through, what it refuses, and its bounds.

mod bounds;
mod changes;
mod plain;
mod refusals;
mod support;
mod tls;
mod tunnels;
#[path = "../common/watchdog.rs"]
mod watchdog;
