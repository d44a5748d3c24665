//! A session is recorded, and played back both ways.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

use crate::program::{Program, SERVER};

/// Records a session of three calls, during one of which the server dies.
fn recorded(folder: &TempDir, options: &[&str]) -> PathBuf {
    let file = folder.path().join("session.jsonl");
    let path = file.to_str().expect("UTF-8");
    let mut words = vec!["--record", path];
    words.extend(options);
    let program = Program::with(&words);
    program.settings();
    let session = program.session();
    assert!(program.call(&session, "echo").contains("\"echo\""));
    assert!(program.call(&session, "die").contains("\"error\""));
    assert!(program.call(&session, "echo").contains("\"echo\""));
    assert!(program.stop().success());
    let told = program.stderr();
    assert!(told.ends_with(&format!("in {path}.\n")), "{told}");
    file
}

/// Plays it at this server in shell.
pub(crate) fn against(file: &Path, server: &str) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_hivewright-proxy"))
        .arg("replay")
        .arg(file)
        .args(["--against", "--", "/bin/sh", server])
        .arg(folder.path())
        .output()
        .expect("the program runs")
}

#[test]
fn a_recorded_server_answers_a_client_without_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = recorded(&folder, &[]);
    let replay = Program::replaying(&file);
    let settings = replay.settings();
    assert!(settings["mcpServers"]["shell"].is_object(), "{settings}");
    let session = replay.session();
    assert!(replay.call(&session, "echo").contains("\"echo\""));
    let lost = replay.call(&session, "die");
    assert!(
        lost.contains("process_exited"),
        "the process ends as it did: {lost}"
    );
    assert!(
        replay.call(&session, "echo").contains("\"echo\""),
        "and comes back"
    );
    let unknown = replay.call(&session, "other");
    assert!(
        unknown.contains("the recording holds no answer to tools/call other"),
        "{unknown}"
    );
    assert!(replay.stop().success());
}

#[test]
fn the_same_server_gives_the_same_answers_and_another_one_is_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = recorded(&folder, &[]);
    let same = against(&file, SERVER);
    let told = String::from_utf8_lossy(&same.stdout);
    assert_eq!(same.status.code(), Some(0), "{told}");
    assert!(told.ends_with(" the same, 0 not\n"), "{told}");
    let other = folder.path().join("other.sh");
    let script = fs::read_to_string(SERVER).expect("the server");
    fs::write(
        &other,
        script.replace("\"text\":\"echo\"", "\"text\":\"ohce\""),
    )
    .expect("written");
    let other = against(&file, other.to_str().expect("UTF-8"));
    let told = String::from_utf8_lossy(&other.stdout);
    assert_eq!(other.status.code(), Some(1), "{told}");
    let difference = "tools/call echo: /result/content/0/text: recorded \"echo\", now \"ohce\"";
    assert!(told.contains(difference), "{told}");
}

#[test]
fn a_redacted_recording_holds_no_argument_and_cannot_be_replayed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = recorded(&folder, &["--record-redact"]);
    let text = fs::read_to_string(&file).expect("text");
    assert!(text.contains("tools/call"), "{text}");
    for hidden in ["echo", "cannot go on"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let replay = against(&file, SERVER);
    assert_eq!(replay.status.code(), Some(64));
    let told = String::from_utf8_lossy(&replay.stderr);
    assert!(
        told.contains("was redacted, so that nothing can be replayed"),
        "{told}"
    );
}

#[test]
fn a_file_that_was_cut_off_is_refused_by_the_number_of_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = recorded(&folder, &[]);
    let text = fs::read_to_string(&file).expect("text");
    let lines = text.lines().count();
    fs::write(&file, &text[..text.len() - 9]).expect("written");
    let replay = against(&file, SERVER);
    assert_eq!(replay.status.code(), Some(64));
    let told = String::from_utf8_lossy(&replay.stderr);
    assert!(
        told.contains(&format!("line {lines}, the last one of the recording")),
        "{told}"
    );
}
