//! One target under libFuzzer, chosen by its name in [`CHOICE`]. `make fuzz` runs each in turn.
//!
//! ```text
//!  corpus ──> libFuzzer ──bytes──> targets::ALL[name] ──> hivewright-bridge
//!    ^            │                                             │
//!    └─── new ────┴──────────── edges that were taken ──────────┘
//! ```

#![no_main]

#[path = "../targets/mod.rs"]
mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

/// Names the target.
const CHOICE: &str = "HIVEWRIGHT_FUZZ_TARGET";

static CHOSEN: OnceLock<fn(&[u8])> = OnceLock::new();

fn chosen() -> fn(&[u8]) {
    let name = std::env::var(CHOICE).unwrap_or_default();
    let found = targets::ALL.iter().find(|(known, _)| *known == name);
    let Some((_, target)) = found else {
        let names = targets::ALL.map(|(known, _)| known).join(", ");
        panic!("{CHOICE} names no target; set it to one of {names}");
    };
    *target
}

fuzz_target!(|data: &[u8]| CHOSEN.get_or_init(chosen)(data));
