//! The clients, what each is expected to negotiate and what it lacks.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::bridge::Bridge;
use super::programs::Programs;
use super::story::{self, Lack, Step, Story};
use super::table::Row;
use crate::tools::Tool;

/// What every client of the legacy era agrees on with the bridge.
const LEGACY: &str = "2025-11-25";

/// What a client agrees on that asks for the stateless era first.
const MODERN: &str = "2026-07-28";

/// By which of the bridge's doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// `/mcp`.
    Streamable,
    /// `/sse` and `/messages`.
    Sse,
}

impl Door {
    fn word(self) -> &'static str {
        match self {
            Self::Streamable => "streamable",
            Self::Sse => "sse",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Streamable => "/mcp",
            Self::Sse => "/sse",
        }
    }
}

/// What runs a client's tour.
#[derive(Debug, Clone, Copy)]
enum Runtime {
    Node,
    PythonV1,
    PythonV2,
    Go,
}

/// A client that others wrote. Versions are in the lock files.
#[derive(Debug)]
struct Client {
    name: &'static str,
    runtime: Runtime,
    /// The revision that it negotiates on `/mcp`; on `/sse` it is always a legacy one.
    revision: &'static str,
    lacks: &'static [Lack],
    /// What it lacks in the stateless era only.
    lacks_stateless: &'static [Lack],
    /// What it lacks on `/sse` only.
    lacks_on_sse: &'static [Lack],
}

impl Client {
    const fn modern(name: &'static str, runtime: Runtime) -> Self {
        Self {
            revision: MODERN,
            ..Self::full(name, runtime)
        }
    }

    const fn full(name: &'static str, runtime: Runtime) -> Self {
        Self {
            name,
            runtime,
            revision: LEGACY,
            lacks: &[],
            lacks_stateless: &[],
            lacks_on_sse: &[],
        }
    }
}

const ONE_WAY: &str = "it passes requests on and only answers back";
const COMMAND_LINE: &str = "a command line: one request and its answer";
const NO_CALLBACK: &str = "the adapters have no callback for it";
const NO_LEVEL: &str = "it cannot ask for a request's log messages";
const NO_HANDLER: &str = "its SSE transport cannot answer a server's request";

static CLIENTS: [Client; 16] = [
    Client::full("typescript-v1", Runtime::Node),
    Client::full("typescript-v2-legacy", Runtime::Node),
    Client::modern("typescript-v2", Runtime::Node),
    Client::full("mcp-remote", Runtime::Node),
    Client {
        lacks: &[
            (Step::Progress, ONE_WAY),
            (Step::Log, ONE_WAY),
            (Step::Sampling, ONE_WAY),
            (Step::Elicitation, ONE_WAY),
            (Step::Roots, ONE_WAY),
        ],
        ..Client::full("supergateway", Runtime::Node)
    },
    Client {
        revision: "not told",
        lacks: &[
            (Step::Progress, COMMAND_LINE),
            (Step::Log, COMMAND_LINE),
            (Step::Sampling, COMMAND_LINE),
            (Step::Elicitation, COMMAND_LINE),
            (Step::Roots, COMMAND_LINE),
        ],
        ..Client::full("inspector", Runtime::Node)
    },
    Client::full("python-v1", Runtime::PythonV1),
    Client {
        lacks: &[(Step::Sampling, NO_CALLBACK), (Step::Roots, NO_CALLBACK)],
        ..Client::full("langchain", Runtime::PythonV1)
    },
    Client::full("python-v2-legacy", Runtime::PythonV2),
    Client::modern("python-v2", Runtime::PythonV2),
    Client::full("fastmcp-legacy", Runtime::PythonV2),
    Client {
        lacks_stateless: &[(Step::Log, NO_LEVEL)],
        ..Client::modern("fastmcp", Runtime::PythonV2)
    },
    Client::full("go-sdk-legacy", Runtime::Go),
    Client::modern("go-sdk", Runtime::Go),
    Client {
        lacks_on_sse: &NO_ASKS_ON_SSE,
        ..Client::full("mcp-go-legacy", Runtime::Go)
    },
    Client {
        lacks_on_sse: &NO_ASKS_ON_SSE,
        ..Client::modern("mcp-go", Runtime::Go)
    },
];

const NO_ASKS_ON_SSE: [Lack; 3] = [
    (Step::Sampling, NO_HANDLER),
    (Step::Elicitation, NO_HANDLER),
    (Step::Roots, NO_HANDLER),
];

/// One client by one door.
#[derive(Debug)]
pub(super) struct Tour {
    client: &'static Client,
    door: Door,
}

/// Every client by every door.
pub(super) fn tours() -> impl Iterator<Item = Tour> {
    let doors = [Door::Streamable, Door::Sse];
    CLIENTS
        .iter()
        .flat_map(move |client| doors.map(|door| Tour { client, door }))
}

impl Tour {
    /// For logs and choosing.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.client.name, self.door.path())
    }

    /// Runs it against an everything server of its own.
    pub(super) async fn run(self, programs: Programs) -> Vec<Row> {
        let (revision, lacks) = (self.revision(), self.lacks());
        let row = Row::fine(self.client.name, self.door.path(), note(revision, &lacks));
        let differences = match self.story(&programs).await {
            Ok(story) => story.differences(revision, &lacks),
            Err(sentence) => vec![sentence],
        };
        vec![row.but(differences)]
    }

    fn revision(&self) -> &'static str {
        match (self.door, self.client.revision) {
            (Door::Sse, MODERN) => LEGACY,
            (Door::Sse | Door::Streamable, revision) => revision,
        }
    }

    fn lacks(&self) -> Vec<Lack> {
        let more = match self.door {
            Door::Sse => self.client.lacks_on_sse,
            Door::Streamable => self.client.lacks_stateless,
        };
        [self.client.lacks, more].concat()
    }

    async fn story(&self, programs: &Programs) -> Result<Story, String> {
        let server = everything(programs);
        let bridge = Bridge::start(programs, &self.name(), &server, None).await;
        let bridge = bridge.map_err(|error| error.to_string())?;
        let (program, script) = self.program(programs);
        let base = bridge.base();
        let words = [self.client.name, self.door.word(), &base].map(OsStr::new);
        let mut args: Vec<&OsStr> = script.iter().map(|path| path.as_os_str()).collect();
        args.extend(words);
        let story = story::told(&program, &args).await?;
        bridge.end().await.map_err(|error| error.to_string())?;
        Ok(story)
    }

    fn program(&self, programs: &Programs) -> (PathBuf, Option<PathBuf>) {
        let python = Some(programs.python_script("tour.py"));
        match self.client.runtime {
            Runtime::Node => (
                programs.node.clone(),
                Some(programs.node_script("tour.mjs")),
            ),
            Runtime::PythonV1 => (programs.python_v1.clone(), python),
            Runtime::PythonV2 => (programs.python_v2.clone(), python),
            Runtime::Go => (programs.tool(Tool::GoClients), None),
        }
    }
}

/// The everything server from npm: it has all that a server of the legacy era can do.
pub(super) fn everything(programs: &Programs) -> Vec<OsString> {
    vec![
        programs.node.clone().into(),
        programs.npm_server("server-everything").into(),
        "stdio".into(),
    ]
}

/// The revision, and each reason with the steps that it is the reason of.
fn note(revision: &str, lacks: &[Lack]) -> String {
    let mut note = revision.to_owned();
    let mut reasons: Vec<&str> = lacks.iter().map(|(_, reason)| *reason).collect();
    reasons.dedup();
    for reason in reasons {
        let steps = lacks.iter().filter(|(_, other)| *other == reason);
        let steps: Vec<&str> = steps.map(|(step, _)| step.name()).collect();
        note = format!("{note}; not {}: {reason}", steps.join(", "));
    }
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_gives_every_lack_its_reason() {
        assert_eq!(note("R", &[]), "R");
        let lacks = [(Step::Log, "a"), (Step::Roots, "a"), (Step::Sampling, "b")];
        assert_eq!(note("R", &lacks), "R; not log, roots: a; not sampling: b");
    }

    #[test]
    fn names_are_unique_and_nothing_stateless_is_expected_of_http_with_sse() {
        let mut names: Vec<String> = tours().map(|tour| tour.name()).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        for tour in tours().filter(|tour| tour.door == Door::Sse) {
            assert!(matches!(tour.revision(), LEGACY | "not told"), "{tour:?}");
        }
    }
}
