//! What libFuzzer tells of a run, and the table of all runs.

use std::fmt::{self, Write as _};

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// Inputs that were tried.
    executions: u64,
    /// Of these, in a second.
    speed: u64,
    /// Edges of the code that some input took.
    edges: u64,
    /// Where the input is that broke the target; empty if libFuzzer could not keep one.
    pub(super) found: Option<String>,
}

impl Told {
    /// Reads libFuzzer's stderr; `fine` is whether it ended well.
    pub(super) fn read(stderr: &str, fine: bool) -> Self {
        let number = |name: &str| {
            let line = stderr.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.trim().parse().ok()).unwrap_or(0)
        };
        let kept = stderr.lines().find_map(|line| {
            let (_, path) = line.split_once("Test unit written to ")?;
            Some(path.trim().to_owned())
        });
        Self {
            executions: number("stat::number_of_executed_units:"),
            speed: number("stat::average_exec_per_sec:"),
            edges: stderr.lines().rev().find_map(edges).unwrap_or(0),
            // A slow input is kept too, and is no finding.
            found: (!fine).then(|| kept.unwrap_or_default()),
        }
    }
}

/// The figure of a line such as `#4096 pulse cov: 245 ft: 1517 corp: 424/91Kb ...`.
fn edges(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once(" cov: ")?;
    rest.split_whitespace().next()?.parse().ok()
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (executions, edges) = (self.executions, self.edges);
        write!(f, "{executions} inputs, {edges} edges")?;
        match &self.found {
            Some(_) => f.write_str(", BROKEN"),
            None => Ok(()),
        }
    }
}

/// A row for each run.
pub(super) fn table(rows: &[(&str, Told)]) -> String {
    let mut text = format!(
        "\n{:10}{:>14}{:>12}{:>8}  found\n",
        "target", "executions", "a second", "edges"
    );
    for (target, told) in rows {
        let found = match told.found.as_deref() {
            None => "nothing",
            Some("") => "the program failed; see its log",
            Some(path) => path,
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{target:10}{:>14}{:>12}{:>8}  {found}",
            told.executions, told.speed, told.edges
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "INFO: Seed: 1\n#2\tINITED cov: 31 ft: 32 corp: 1/1b\n\
        #99\tREDUCE cov: 245 ft: 1517 corp: 424/91Kb lim: 2407\n\
        stat::number_of_executed_units: 9991117\nstat::average_exec_per_sec:     100920\n";

    #[test]
    fn a_quiet_run_has_its_figures_and_no_finding() {
        let told = Told::read(RUN, true);
        assert_eq!(told.to_string(), "9991117 inputs, 245 edges");
        let table = table(&[("line", told)]);
        let row = table.lines().last().unwrap();
        let cells: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(cells, ["line", "9991117", "100920", "245", "nothing"]);
    }

    #[test]
    fn a_finding_names_the_input_that_was_kept() {
        let text = format!("{RUN}artifact_prefix='/f/'; Test unit written to /f/crash-da39\n");
        let told = Told::read(&text, false);
        assert_eq!(told.found.as_deref(), Some("/f/crash-da39"));
        assert!(table(&[("sse", told)]).ends_with("245  /f/crash-da39\n"));
        // A slow input that was kept on the way is none.
        assert_eq!(Told::read(&text, true).found, None);
    }

    #[test]
    fn a_failure_without_an_input_is_a_finding_all_the_same() {
        let table = table(&[("hub", Told::read("no such target", false))]);
        assert!(table.contains("the program failed; see its log"), "{table}");
    }
}
