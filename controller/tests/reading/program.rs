//! `timeline`, `replay` and `why` with `--journal FILE`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hivewright_controller::journal::{Pass, Store};
use hivewright_controller::key::Key;
use hivewright_core::{Event, Refusal, RefusalReason, status};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_hivewright-controller");
/// More events than fit into one answer, and into the pipe of a reader who has read enough.
const MANY: i64 = 700;

/// A journal of one server: many generations of its spec, of which the last is refused.
struct Desk {
    directory: TempDir,
    begun: Timestamp,
}

impl Desk {
    fn new(generations: i64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(&directory.path().join("journal.db")).unwrap();
        let begun = Timestamp::now() - SignedDuration::from_hours(1);
        let mut before = None;
        for generation in 1..=generations {
            let refusal = Refusal::new(
                RefusalReason::InvalidValue,
                "spec.transport",
                "there is no pigeon",
            );
            let verdict = if generation == generations {
                Event::Refused(refusal)
            } else {
                Event::Accepted
            };
            let events = vec![Event::GenerationObserved(generation), verdict];
            let at = begun + SignedDuration::from_secs(generation);
            let mut after = before.clone().unwrap_or_default();
            status::fold_all(&mut after, &events, at);
            let pass = Pass {
                server: Key::new("team", "osv"),
                uid: "1".to_owned(),
                before: before.replace(after.clone()),
                after: Some(after),
                events,
                at,
                traceparent: None,
            };
            store.append(&[pass.into()]).unwrap();
        }
        Self { directory, begun }
    }

    fn journal(&self) -> PathBuf {
        self.directory.path().join("journal.db")
    }

    fn run(&self, program: &Path, args: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(args).arg("--journal").arg(self.journal());
        command.output().unwrap()
    }

    fn text(&self, args: &[&str]) -> String {
        let done = self.run(Path::new(PROGRAM), args);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{args:?}: {said}");
        String::from_utf8(done.stdout).unwrap()
    }
}

#[test]
fn a_timeline_is_whole_however_long_it_is() {
    let desk = Desk::new(MANY);
    let all = desk.text(&["timeline", "team/osv", "--output=json"]);
    let sequences: Vec<i64> = all
        .lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            event["sequence"].as_str().unwrap().parse().unwrap()
        })
        .collect();
    let expected: Vec<i64> = (1..=2 * MANY).collect();
    assert_eq!(sequences, expected);
    let tail = desk.text(&["timeline", "team/osv", "--tail=3"]);
    assert_eq!(tail.lines().count(), 4, "a head and three events: {tail}");
    assert!(
        tail.lines().last().unwrap().contains("there is no pigeon"),
        "{tail}"
    );
}

#[test]
fn a_replay_is_of_its_time() {
    let desk = Desk::new(5);
    let at = (desk.begun + SignedDuration::from_secs(3)).to_string();
    let then: Value =
        serde_json::from_str(&desk.text(&["replay", "--at", &at, "-o", "json"])).unwrap();
    assert_eq!(then["servers"][0]["status"]["observedGeneration"], 3);
    let table = desk.text(&["replay"]);
    assert!(table.lines().nth(1).unwrap().contains("Failed"), "{table}");
    let early = (desk.begun - SignedDuration::from_secs(1)).to_string();
    assert!(
        desk.text(&["replay", "--at", &early])
            .starts_with("There was no MCPServer then")
    );
}

#[test]
fn the_plugin_is_the_same_program_under_another_name() {
    let desk = Desk::new(5);
    let plugin = desk.directory.path().join("kubectl-hivewright");
    std::os::unix::fs::symlink(PROGRAM, &plugin).unwrap();
    let why = desk.run(&plugin, &["why", "osv", "--namespace=team"]);
    let why = String::from_utf8(why.stdout).unwrap();
    assert!(
        why.starts_with("team/osv is broken (InvalidValue): spec.transport: "),
        "{why}"
    );
    let help = Command::new(&plugin).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(
        help.contains("kubectl hivewright") && !help.contains("  crd"),
        "{help}"
    );
    let unknown = desk.run(&plugin, &["run"]);
    assert_eq!(unknown.status.code(), Some(64));
}

#[test]
fn who_has_read_enough_is_no_error() {
    let desk = Desk::new(MANY);
    let mut timeline = Command::new(PROGRAM)
        .args(["timeline", "team/osv", "--journal"])
        .arg(desk.journal())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(timeline.stdout.take());
    let done = timeline.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.is_empty(), "{said}");
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let desk = Desk::new(2);
    let said = |args: &[&str]| {
        let done = desk.run(Path::new(PROGRAM), args);
        assert_eq!(done.status.code(), Some(1), "{args:?}");
        String::from_utf8(done.stderr).unwrap()
    };
    assert!(said(&["why", "team/nothing"]).contains("never heard of team/nothing"));
    assert!(said(&["timeline", "team/nothing"]).contains("never heard of team/nothing"));
    assert!(said(&["why", "osv"]).contains("say which namespace"));
    std::fs::remove_file(desk.journal()).unwrap();
    assert!(said(&["replay"]).contains("check that it exists"));
}
