//! Plays back a recording.
//!
//! ```text
//!  replay FILE                    client ──> doors ──> Bridge ──> Player (the recorded server)
//!  replay FILE --against -- CMD   recorded clients ──> Bridge ──> CMD, answers compared
//! ```
//!
//! The first debugs a client without the server, the second a server without the clients.

pub mod against;
mod compare;
mod exchange;
mod key;
mod listens;
mod player;
mod server;

pub use self::{
    compare::{Difference, MAX_DIFFERENCES},
    player::{Action, Player},
    server::serve,
};
