//! The program as a person starts it: `hivewright-proxy run -- CMD`, with a server written in shell.

mod desk;
mod page;
mod program;
mod recording;
mod visits;

use std::{fs, process::Command};

use crate::program::{Program, initialize, post};

#[test]
fn a_command_that_does_not_exist_is_one_sentence_and_exit_code_69() {
    let output = Command::new(env!("CARGO_BIN_EXE_hivewright-proxy"))
        .args(["run", "--port", "0", "--", "no-such-server"])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(69));
    let told = String::from_utf8_lossy(&output.stderr);
    let sentence = "the command \"no-such-server\" was not found; give a program in PATH";
    assert!(told.contains(sentence), "{told}");
}

#[test]
fn a_wrong_command_line_and_a_missing_configuration_exit_with_64() {
    for words in [&["run"][..], &["serve", "--config", "/nowhere.json"][..]] {
        let output = Command::new(env!("CARGO_BIN_EXE_hivewright-proxy"))
            .args(words)
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(64), "{words:?}");
        assert!(!output.stderr.is_empty(), "{words:?}");
    }
}

#[test]
fn it_says_how_to_connect_and_a_client_that_does_so_is_answered() {
    let program = Program::start();
    let settings = program.settings();
    let url = settings["mcpServers"]["shell"]["url"]
        .as_str()
        .expect("a URL");
    assert!(url.ends_with("/mcp"), "{url}");
    let answer = post(program.port(), &initialize());
    assert!(answer.contains("mcp-session-id: "), "{answer}");
    assert!(answer.contains("\"name\":\"shell\""), "{answer}");
    assert!(program.stop().success());
}

#[test]
fn at_sigterm_a_call_in_flight_is_answered_before_the_program_ends_and_takes_its_child_along() {
    let program = Program::start();
    program.settings();
    let session = program.session();
    let call = program.call_in_background(&session, "wait");
    program.server_is_at("wait");
    program.terminate();
    program.closed_to_new_clients();
    program.release();
    let answer = call.join().expect("the caller lives");
    assert!(answer.contains("\"released\""), "{answer}");
    let child = program.child();
    assert!(program.wait().success());
    assert!(
        !fs::exists(format!("/proc/{child}")).expect("proc"),
        "the child is gone"
    );
}

#[test]
fn a_server_that_dies_is_started_again_and_the_session_goes_on() {
    let program = Program::start();
    program.settings();
    let session = program.session();
    let first = program.child();
    let answer = program.call(&session, "die");
    assert!(
        answer.contains("\"error\""),
        "the call in flight fails at once: {answer}"
    );
    let answer = program.call(&session, "echo");
    assert!(answer.contains("\"echo\""), "{answer}");
    assert_ne!(program.child(), first);
    assert!(program.stop().success());
}
