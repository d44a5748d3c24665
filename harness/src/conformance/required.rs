//! Which scenarios count for a revision: the suite's own frozen list.

use std::io;

use crate::npm;
use crate::place::Place;

/// The scenarios that a server of one revision has to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Required(pub(super) Vec<String>);

/// The list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RequiredError {
    /// It is not where the suite keeps it.
    #[error("the suite's list of scenarios for {revision} could not be read")]
    Unread {
        /// The revision.
        revision: String,
        /// What the system said.
        source: io::Error,
    },
    /// It has no scenarios for servers.
    #[error("the suite's list for {0} names no scenario for servers; look at its form")]
    Empty(String),
}

impl Required {
    /// Reads the list that the installed suite has for `revision`.
    pub(super) fn load(place: &Place, revision: &str) -> Result<Self, RequiredError> {
        let suite = format!(
            "npm/{}/node_modules/@modelcontextprotocol/conformance/requirements/{revision}.yaml",
            npm::CONFORMANCE.name
        );
        let text = std::fs::read_to_string(place.cache.join(suite));
        let text = text.map_err(|source| RequiredError::Unread {
            revision: revision.to_owned(),
            source,
        })?;
        let scenarios = servers(&text);
        if scenarios.is_empty() {
            return Err(RequiredError::Empty(revision.to_owned()));
        }
        Ok(Self(scenarios))
    }

    /// Whether this scenario counts.
    pub(super) fn has(&self, scenario: &str) -> bool {
        self.0.iter().any(|required| required == scenario)
    }
}

/// The items of the top-level list `server`. The file is pinned by its package's hash and has no
/// other form of YAML in this list than one name a line.
fn servers(text: &str) -> Vec<String> {
    let list = text
        .lines()
        .skip_while(|line| *line != "server:")
        .skip(1)
        .take_while(|line| line.starts_with("  "));
    list.filter_map(|line| line.trim_start().strip_prefix("- "))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_list_for_servers_counts() {
        let text = "# words\nserver:\n  - ping\n  - tools-list\n\nclient:\n  - other\nnot_scored:\n  - scenario: x\n    leg: server\n";
        assert_eq!(servers(text), ["ping", "tools-list"]);
        assert!(servers("client:\n  - other\n").is_empty());
    }
}
