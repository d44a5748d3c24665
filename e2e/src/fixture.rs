//! The server that the official conformance suite looks for, on the Rust SDK over stdio, in one era
//! at a time: what a bridge makes of it is what the suite measures.
//!
//! ```text
//!  stdin ──> gate ────────> rmcp ──> server ──┬──> tools, prompts ──> inputs ──┬─ legacy: asks the client
//!            │ refuses the opening            ├──> resources                  └─ modern: input_required
//!            v of the other era               └──> changes  who is told of changed lists
//!          stdout
//! ```
//!
//! Every tool is written once. Only `inputs` knows how an era asks its client for something: by a
//! request of the server's own until 2025-11-25, by a result that says what is missing since.

mod asks;
mod changes;
mod gate;
mod inputs;
mod prompts;
mod resources;
mod server;
mod tool_list;
mod tools;

use std::{fmt, str::FromStr};

use rmcp::{ServiceExt as _, model::ProtocolVersion};

use gate::Gate;
use server::Fixture;

/// Which revisions the server speaks; never both kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// 2024-11-05 to 2025-11-25: opened by `initialize`.
    Legacy,
    /// 2026-07-28 alone: stateless, opened by nothing.
    Modern,
}

/// The word is no era.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownEra(String);

impl fmt::Display for UnknownEra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no era; use legacy or modern", self.0)
    }
}

impl FromStr for Era {
    type Err = UnknownEra;

    fn from_str(word: &str) -> Result<Self, UnknownEra> {
        match word {
            "legacy" => Ok(Self::Legacy),
            "modern" => Ok(Self::Modern),
            other => Err(UnknownEra(other.to_owned())),
        }
    }
}

impl Era {
    /// Every revision that a server of this era speaks, the newest last.
    fn revisions(self) -> &'static [ProtocolVersion] {
        match self {
            Self::Legacy => &[
                ProtocolVersion::V_2024_11_05,
                ProtocolVersion::V_2025_03_26,
                ProtocolVersion::V_2025_06_18,
                ProtocolVersion::V_2025_11_25,
            ],
            Self::Modern => &[ProtocolVersion::V_2026_07_28],
        }
    }
}

/// Serves on standard input and output until the input ends.
///
/// # Errors
/// When the client's first words are no MCP, or a pipe breaks.
pub async fn run(era: Era) -> anyhow::Result<()> {
    let gate = Gate::new(era, rmcp::transport::stdio());
    Fixture::new(era).serve(gate).await?.waiting().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_era_is_one_of_two_words() {
        assert_eq!("legacy".parse(), Ok(Era::Legacy));
        assert_eq!("modern".parse(), Ok(Era::Modern));
        assert_eq!("both".parse::<Era>(), Err(UnknownEra("both".to_owned())));
    }
}
