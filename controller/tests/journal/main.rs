//! The journal: its laws over generated histories, its bounds, its faults, and the end of a process
//! between any two writes.

#[path = "../../core/tests/world/mod.rs"]
mod world;

mod bounds;
mod faults;
mod kill;
mod laws;
mod support;
