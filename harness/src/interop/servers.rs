//! Real servers, what each is asked and what its answer must hold.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::bridge::Bridge;
use super::clients::everything;
use super::programs::Programs;
use super::story::{self, OK};
use super::table::Row;
use crate::command::Cmd;
use crate::tools::Tool;

mod all;
mod page;

use all::SERVERS;

/// What the repository and the files of these servers hold.
const WORDS: &str = "The hive hums";

/// How a server is started.
#[derive(Debug, Clone, Copy)]
enum Start {
    Everything,
    Npm(&'static str),
    PythonV1(&'static str),
    PythonV2(&'static str),
    Go(Tool),
}

/// A server that others wrote. Versions are in the lock files.
#[derive(Debug)]
pub(super) struct Server {
    /// Its package, as far as that tells it from the others.
    pub(super) name: &'static str,
    start: Start,
    /// Arguments; `DIR` in them is a folder of its own.
    args: &'static [&'static str],
    plan: fn(&Path, &str) -> Value,
}

/// What a visitor tells.
#[derive(Debug, Deserialize)]
struct Visit {
    server: String,
    revision: String,
    steps: BTreeMap<String, String>,
}

/// Who visits.
#[derive(Debug, Clone, Copy)]
enum Visitor {
    /// Version 2 of the TypeScript SDK, which asks for the stateless era first, by `/mcp`.
    TypeScript,
    /// Version 1 of the Python SDK, which knows the older eras only, by `/sse`.
    Python,
}

/// One server, visited once.
#[derive(Debug)]
pub(super) struct Visited {
    server: &'static Server,
    visitor: Visitor,
}

impl Visitor {
    /// What it is to see: each visitor meets a server of both eras in its own, and in the older one
    /// tools may ask.
    fn plan(self, mut plan: Value) -> Value {
        match self {
            Self::TypeScript => {}
            Self::Python => {
                let calls = plan["calls"].as_array_mut().into_iter().flatten();
                for call in calls.filter(|call| call[2] == all::STATELESS) {
                    *call = serde_json::json!([call[0], call[1], ""]);
                }
            }
        }
        plan
    }
}

/// Every server by both doors.
pub(super) fn visits() -> impl Iterator<Item = Visited> {
    let both = [Visitor::TypeScript, Visitor::Python];
    SERVERS
        .iter()
        .flat_map(move |server| both.map(|visitor| Visited { server, visitor }))
}

impl Visited {
    /// For logs and choosing.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.server.name, self.way())
    }

    fn way(&self) -> &'static str {
        match self.visitor {
            Visitor::TypeScript => "TypeScript SDK 2, /mcp",
            Visitor::Python => "Python SDK 1, /sse",
        }
    }

    /// Runs it, through a bridge of its own.
    pub(super) async fn run(self, programs: Programs) -> Vec<Row> {
        let (program, script) = match self.visitor {
            Visitor::TypeScript => (&programs.node, programs.node_script("visit.mjs")),
            Visitor::Python => (&programs.python_v1, programs.python_script("visit.py")),
        };
        let name = self.name();
        let row = match self
            .server
            .visit(&programs, &name, (self.visitor, program, &script))
            .await
        {
            Ok(visit) => self.server.row(self.way(), visit),
            Err(sentence) => Row::fine(self.server.name, self.way(), "").but(vec![sentence]),
        };
        vec![row]
    }
}

impl Server {
    fn row(&self, way: &str, visit: Visit) -> Row {
        let steps = visit.steps.keys().filter(|step| step.starts_with("call "));
        let note = format!(
            "{}, {}, {} calls",
            visit.revision,
            visit.server,
            steps.count()
        );
        let wrong = visit.steps.into_iter().filter(|(_, outcome)| outcome != OK);
        let differences = wrong.map(|(step, outcome)| format!("{step}: {outcome}"));
        Row::fine(self.name, way, note).but(differences.collect())
    }

    async fn visit(
        &self,
        programs: &Programs,
        name: &str,
        (visitor, program, script): (Visitor, &Path, &Path),
    ) -> Result<Visit, String> {
        let dir = furnished(programs, name).await?;
        let page = page::serve().await.map_err(|error| error.to_string())?;
        let plan = visitor.plan((self.plan)(&dir, page.url())).to_string();
        let command = self.command(programs, &dir);
        let bridge = Bridge::start(programs, name, &command, Some(&dir)).await;
        let bridge = bridge.map_err(|error| error.to_string())?;
        let base = bridge.base();
        let args = [script.as_os_str(), OsStr::new(&base), OsStr::new(&plan)];
        let visit = story::told(program, &args).await?;
        bridge.end().await.map_err(|error| error.to_string())?;
        Ok(visit)
    }

    fn command(&self, programs: &Programs, dir: &Path) -> Vec<OsString> {
        let mut command: Vec<OsString> = match self.start {
            Start::Everything => everything(programs),
            Start::Npm(package) => {
                vec![
                    programs.node.clone().into(),
                    programs.npm_server(package).into(),
                ]
            }
            Start::PythonV1(name) => vec![programs.python_v1.with_file_name(name).into()],
            Start::PythonV2(name) => vec![programs.python_v2.with_file_name(name).into()],
            Start::Go(tool) => vec![programs.tool(tool).into()],
        };
        let dir = dir.to_string_lossy();
        command.extend(self.args.iter().map(|arg| arg.replace("DIR", &dir).into()));
        // The memory server would write beside its own program.
        command.splice(
            ..0,
            [
                "env".into(),
                format!("MEMORY_FILE_PATH={dir}/memory.json").into(),
            ],
        );
        command
    }
}

/// A folder of its own with one file, in a repository with one commit.
async fn furnished(programs: &Programs, name: &str) -> Result<PathBuf, String> {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let dir = programs.place.cache.join("work/interop").join(name);
    let made = (|| {
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir)?;
        std::fs::write(dir.join("hive.txt"), WORDS)
    })();
    made.map_err(|error: std::io::Error| format!("{} : {error}", dir.display()))?;
    let author = [
        "-c",
        "user.name=interop",
        "-c",
        "user.email=interop@localhost",
    ];
    let commit = [&author[..], &["commit", "--quiet", "-m", WORDS]].concat();
    for args in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "hive.txt"],
        &commit,
    ] {
        let git = Cmd::new("git").args(args).current_dir(&dir);
        git.text().await.map_err(|error| error.to_string())?;
    }
    Ok(dir)
}
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_server_is_asked_for_something_whose_answer_is_known() {
        for server in &SERVERS {
            let plan = (server.plan)(Path::new("/d"), "http://localhost/");
            let calls = plan["calls"].as_array().expect("calls");
            assert!(
                calls.iter().any(|call| call[2] != json!("")),
                "{}",
                server.name
            );
            assert!(calls.iter().all(|call| call[0].is_string()), "{plan}");
        }
    }
}
