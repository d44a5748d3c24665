//! The journal: its laws over generated histories, its bounds, its faults, and the end of a process
//! between any two writes.
//!
//! The modules are marked as tests, so that lints see their helpers as what they are.

#[cfg(test)]
#[path = "../../core/tests/world/mod.rs"]
mod world;

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod support;
