//! What the person at the desk sees.

use std::{fs, process::Command};

use crate::program::{Program, SERVER};

#[test]
fn the_live_view_tells_calls_sessions_and_a_server_that_dies_with_its_last_words() {
    let program = Program::with(&["--live", "always"]);
    program.settings();
    let session = program.session();
    let short = &session[..8];
    program.call(&session, "echo");
    program.call(&session, "die");
    program.call(&session, "echo");
    program.tells(&format!(
        "{short}  session opened: 2025-06-18 over streamable_http (1 open)"
    ));
    program.tells(&format!("{short}  tools/call echo                     ok"));
    program.tells(&format!(
        "{short}  tools/call die                      lost"
    ));
    program.tells("server ended (exit status: 1), starts again in ");
    program.tells("          the last that it wrote to stderr:\n            | cannot go on\n");
    assert!(program.stop().success());
    let told = program.stderr();
    assert!(
        told.contains("4 requests, 1 of them failed; 1 session; 1 restart of the server"),
        "{told}"
    );
    assert!(!told.contains('\x1b'), "no colours in a file: {told}");
}

#[test]
fn quiet_tells_nothing_but_what_goes_wrong() {
    let program = Program::with(&["--quiet"]);
    program.settings();
    let session = program.session();
    program.call(&session, "echo");
    assert_eq!(program.stderr(), "");
    program.call(&session, "die");
    program.tells("            | cannot go on\n");
    assert!(program.stop().success());
}

#[test]
fn a_recording_that_would_replace_a_file_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("there");
    fs::write(&file, "mine").expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_hivewright-proxy"))
        .args(["run", "--port", "0", "--record"])
        .arg(&file)
        .args(["--", "/bin/sh", SERVER])
        .arg(folder.path())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(69));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("is there already; give --record a new name"),
        "{told}"
    );
    assert_eq!(fs::read_to_string(&file).expect("text"), "mine");
}
