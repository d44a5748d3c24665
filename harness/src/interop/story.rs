//! What a script of ours tells about a client, and what is made of it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::command::Cmd;

/// One run of a script: a dozen steps of at most 15 s each end long before this.
const SCRIPT_BOUND: Duration = Duration::from_secs(100);

/// What a step's outcome is when it went well.
pub(super) const OK: &str = "ok";

/// A step of the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
    /// The handshake, or whatever the client's era has for it.
    Connect,
    /// `tools/list`.
    List,
    /// `tools/call` with umlauts, an emoji and U+2028.
    Call,
    /// A call of a tool that is not there: an error the client can read.
    Refusal,
    /// Four progress notifications, in order.
    Progress,
    /// `resources/list` and `resources/read`.
    Resource,
    /// `prompts/get`.
    Prompt,
    /// The level is set, and a log message comes.
    Log,
    /// The server asks for a sample, and its answer holds the client's.
    Sampling,
    /// The server asks the user.
    Elicitation,
    /// The server asks for the roots.
    Roots,
    /// The end, with DELETE where the era has it.
    Close,
}

impl Step {
    /// All of them, in the order of the tour.
    pub(super) const ALL: [Self; 12] = [
        Self::Connect,
        Self::List,
        Self::Call,
        Self::Refusal,
        Self::Progress,
        Self::Resource,
        Self::Prompt,
        Self::Log,
        Self::Sampling,
        Self::Elicitation,
        Self::Roots,
        Self::Close,
    ];

    /// As it is told.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::List => "list",
            Self::Call => "call",
            Self::Refusal => "refusal",
            Self::Progress => "progress",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
            Self::Log => "log",
            Self::Sampling => "sampling",
            Self::Elicitation => "elicitation",
            Self::Roots => "roots",
            Self::Close => "close",
        }
    }
}

/// A client's tour.
#[derive(Debug, Deserialize)]
pub(super) struct Story {
    /// The negotiated revision.
    pub(super) revision: String,
    /// `ok`, or what went wrong.
    pub(super) steps: BTreeMap<Step, String>,
}

/// A step that a client has no counterpart of, and why.
pub(super) type Lack = (Step, &'static str);

impl Story {
    /// Everything that is not as expected, a sentence each.
    pub(super) fn differences(&self, revision: &str, lacks: &[Lack]) -> Vec<String> {
        let mut told = Vec::new();
        if self.revision != revision {
            told.push(format!("negotiated {} and not {revision}", self.revision));
        }
        for step in Step::ALL {
            let lacks = lacks.iter().any(|(lack, _)| *lack == step);
            match (self.steps.get(&step).map(String::as_str), lacks) {
                (Some(OK), false) | (None, true) => {}
                (Some(OK), true) => told.push(format!("{} works after all", step.name())),
                (Some(other), _) => told.push(format!("{}: {other}", step.name())),
                (None, false) => told.push(format!("{} was not tried", step.name())),
            }
        }
        told
    }
}

/// Runs a script and reads the last line that it prints.
///
/// # Errors
/// One sentence with what it wrote last.
pub(super) async fn told<T: DeserializeOwned>(
    program: &Path,
    args: &[&OsStr],
) -> Result<T, String> {
    let script = Cmd::new(&program.to_string_lossy())
        .args(args)
        // Neither is a reason to speak to anybody but the bridge.
        .env("NO_PROXY", "*")
        .env("FASTMCP_CHECK_FOR_UPDATES", "off")
        .bound(SCRIPT_BOUND);
    let output = script.output().await.map_err(|error| error.to_string())?;
    let line = output.stdout.trim().lines().last().unwrap_or_default();
    serde_json::from_str(line).map_err(|_| {
        let last = output.stderr.trim().lines().last().unwrap_or("nothing");
        format!("the script told no story; it wrote: {last}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(steps: &str) -> Story {
        serde_json::from_str(&format!("{{\"revision\":\"R\",\"steps\":{steps}}}")).expect("a story")
    }

    fn all_but(left_out: Step, outcome: &str) -> Story {
        let told = Step::ALL.iter().filter(|step| **step != left_out);
        let mut steps: Vec<String> = told
            .map(|step| format!("\"{}\":\"ok\"", step.name()))
            .collect();
        if !outcome.is_empty() {
            steps.push(format!("\"{}\":\"{outcome}\"", left_out.name()));
        }
        story(&format!("{{{}}}", steps.join(",")))
    }

    #[test]
    fn a_step_that_was_not_told_is_a_difference_unless_the_client_lacks_it() {
        let story = all_but(Step::Roots, "");
        assert_eq!(story.differences("R", &[]), ["roots was not tried"]);
        assert!(story.differences("R", &[(Step::Roots, "no")]).is_empty());
    }

    #[test]
    fn a_lack_that_is_gone_and_a_failed_step_are_differences() {
        let works = all_but(Step::Log, OK).differences("R", &[(Step::Log, "no")]);
        assert_eq!(works, ["log works after all"]);
        let failed = all_but(Step::Log, "late").differences("R", &[]);
        assert_eq!(failed, ["log: late"]);
    }

    #[test]
    fn another_revision_is_a_difference() {
        let told = all_but(Step::Log, OK).differences("S", &[]);
        assert_eq!(told, ["negotiated R and not S"]);
    }
}
