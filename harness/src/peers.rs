//! Ours beside the other bridges of this field, on one machine, in one run.
//!
//! ```text
//!  load (one thread) ──HTTP on loopback──> a bridge, one after the other ──stdin, stdout──> echo server
//!       │ calls a second, p50, p99, errors     │ CPU, memory (/proc), instructions (callgrind)
//!       └──────────────> Figures <─────────────┘ ──> table with ratios (Markdown)
//! ```
//!
//! Every bridge that package registries hold in a form that builds from them alone, each in a pinned
//! version, in front of the same server, called by the same program. All traffic is on loopback and
//! bounded in connections, seconds and calls by the load program.

mod callgrind;
mod catalog;
mod ensure;
mod measure;
pub mod observability;
pub mod page;
mod program;

use anyhow::Result;
pub use catalog::Peer;
pub use measure::{Bare, Flood, Measured, Round, Steady};

use crate::place::Place;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Connections of each measurement.
    pub connections: Vec<u32>,
    /// Seconds of each, after two of warm-up.
    pub seconds: u32,
    /// How often each is repeated; the median is reported.
    pub runs: usize,
    /// Whether the others are measured too, or only ours.
    pub others: bool,
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The server without a bridge.
    pub bare: Vec<Bare>,
    /// Each bridge, ours first.
    pub bridges: Vec<Measured>,
    /// Ours with a thousand sessions.
    pub steady: Steady,
    /// Ours with a flood beside.
    pub flood: Flood,
    /// Instructions of ours for one call, by callgrind.
    pub instructions: f64,
}

/// Makes sure of every bridge, and measures one after the other.
///
/// # Errors
/// A bridge cannot be had or does not start, or a load run failed.
pub async fn run(place: &Place, plan: &Plan) -> Result<Figures> {
    let own = ensure::own(place).await?;
    let bare = measure::bare(&own, plan).await?;
    let mut bridges = Vec::new();
    for peer in Peer::ALL {
        if *peer != Peer::Ours && !plan.others {
            continue;
        }
        ensure::peer(place, *peer).await?;
        bridges.push(measure::bridge(place, &own, *peer, plan).await?);
    }
    Ok(Figures {
        bare,
        bridges,
        steady: measure::steady(place, &own).await?,
        flood: measure::flood(place, &own).await?,
        instructions: callgrind::instructions(place, &own).await?,
    })
}
