//! With real children; what they do is decided by pipes, never by sleeping here.

use std::fs;

use hivewright_bridge::line::Oversized;
use rustix::process::test_kill_process_group;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::*;
use crate::backend::output::{LineSink, testing::Recorder};

/// Longest that any of these real processes is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

fn sh(script: &str) -> Command {
    Command {
        program: "/bin/sh".to_owned(),
        args: vec!["-c".to_owned(), script.to_owned()],
    }
}

/// Runs a child until it or `lines` end; its lines, how it ended, and the child with its pipes.
async fn pumped(
    command: &Command,
    mut lines: mpsc::Receiver<bytes::Bytes>,
) -> (PumpEnd, Vec<String>, Child) {
    let recorder = Recorder::default();
    let Child {
        mut process,
        group,
        mut pipes,
    } = start(command).expect("a shell");
    let end = timeout(
        PATIENCE,
        pump(&mut pipes, &mut lines, &recorder, process.wait()),
    )
    .await;
    (
        end.expect("an end"),
        recorder.0.into_inner(),
        Child {
            process,
            group,
            pipes,
        },
    )
}

#[tokio::test]
async fn lines_come_back_and_stderr_stays_apart() {
    let (stdin, queue) = mpsc::channel(4);
    stdin.send("{\"id\":1}\n".into()).await.unwrap();
    stdin.send("quit\n".into()).await.unwrap();
    let script = "echo up >&2; while read -r l; do [ \"$l\" = quit ] && exit 3; echo \"$l\"; done";
    let (end, mut lines, _) = pumped(&sh(script), queue).await;
    assert!(
        matches!(end, PumpEnd::Exited(status) if status.code() == Some(3)),
        "{end:?}"
    );
    lines.sort();
    assert_eq!(lines, ["err up", "out {\"id\":1}"]);
}

#[tokio::test]
async fn the_last_words_of_a_process_are_heard() {
    let (_stdin, queue) = mpsc::channel(1);
    let (end, lines, _) = pumped(&sh("printf 'a\\nb'; exit 1"), queue).await;
    assert!(matches!(end, PumpEnd::Exited(_)), "{end:?}");
    assert_eq!(lines, ["out a", "out b"]);
}

#[tokio::test]
async fn a_line_of_a_mebibyte_passes_both_ways() {
    let (stdin, queue) = mpsc::channel(1);
    let line = [vec![b'x'; 1024 * 1024], vec![b'\n']].concat();
    stdin.send(line.into()).await.unwrap();
    let (_, lines, _) = pumped(&sh("head -n 1"), queue).await;
    assert_eq!(
        lines.iter().map(String::len).collect::<Vec<_>>(),
        ["out ".len() + 1024 * 1024]
    );
}

#[tokio::test]
async fn a_process_that_closed_its_stdout_cannot_answer_any_more() {
    let (_stdin, queue) = mpsc::channel(1);
    let (end, _, child) = pumped(&sh("exec >&-; exec sleep 60"), queue).await;
    assert!(matches!(end, PumpEnd::StdoutClosed), "{end:?}");
    stop::stop(child.process, child.group, child.pipes).await;
}

#[tokio::test]
async fn a_server_that_reads_to_the_end_of_stdin_stops_without_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("clean");
    let Child {
        process,
        group,
        pipes,
    } = start(&sh(&format!("cat > /dev/null; touch {}", mark.display()))).unwrap();
    let started = Instant::now();
    stop::stop(process, group, pipes).await;
    assert!(started.elapsed() < STDIN_GRACE);
    assert!(mark.exists(), "it ended by itself");
}

#[tokio::test]
async fn a_server_that_heeds_nothing_is_killed_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("up");
    let script = format!(
        "trap '' TERM; sleep 300 & echo $! > {}; echo up; wait; wait",
        pids.display()
    );
    let (stdin, queue) = mpsc::channel(1);
    // The queue ends as soon as the child has said that its own child runs.
    let Child {
        mut process,
        group,
        mut pipes,
    } = start(&sh(&script)).unwrap();
    let mut queue = queue;
    let recorder = Ending(parking_lot::Mutex::new(Some(stdin)));
    let end = timeout(
        PATIENCE,
        pump(&mut pipes, &mut queue, &recorder, process.wait()),
    )
    .await;
    assert!(matches!(end, Ok(PumpEnd::Dropped)), "{end:?}");
    let started = Instant::now();
    stop::stop(process, group, pipes).await;
    assert!(
        started.elapsed() >= STDIN_GRACE,
        "it was asked nicely first"
    );
    let grandchild = fs::read_to_string(&pids).unwrap();
    timeout(PATIENCE, gone(group, grandchild.trim()))
        .await
        .expect("a killed process ends, however busy the machine is");
}

/// Ends the queue at the first line.
struct Ending(parking_lot::Mutex<Option<mpsc::Sender<bytes::Bytes>>>);

impl LineSink for Ending {
    fn stdout(&self, _: bytes::Bytes) {
        self.0.lock().take();
    }

    fn stdout_oversized(&self, _: Oversized) {}

    fn stderr(&self, _: &[u8]) {}
}

/// Waits until the group is empty: a signal takes effect when its process is next scheduled, and
/// nobody but its parent is told.
async fn gone(group: rustix::process::Pid, grandchild: &str) {
    while !is_gone(group, grandchild) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Nobody is left in the group but, at most, dead processes that nobody has waited for.
fn is_gone(group: rustix::process::Pid, grandchild: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
    let dead = state.is_empty() || state.contains(") Z ");
    dead || test_kill_process_group(group).is_err()
}

#[tokio::test]
async fn a_command_that_does_not_exist_is_told_in_a_sentence() {
    let missing = Command {
        program: "no-such-server".to_owned(),
        args: Vec::new(),
    };
    let error = start(&missing).expect_err("there is none");
    assert_eq!(
        error.to_string(),
        "the command \"no-such-server\" was not found; give a program in PATH, or a path to one"
    );
    let folder = Command {
        program: "/".to_owned(),
        args: Vec::new(),
    };
    assert!(matches!(start(&folder), Err(StartError::NotAllowed(..))));
}
