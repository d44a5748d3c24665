//! Starts the command with its three pipes, as the leader of a process group of its own.

use std::{io, process::Stdio};

use rustix::process::Pid;
use tokio::process::{self, ChildStderr, ChildStdin, ChildStdout};

/// What to run. Without a shell: the words reach the program as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, looked up in `PATH` unless it holds a slash.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
}

/// Why a command does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such program.
    #[error("the command {0:?} was not found; give a program in PATH, or a path to one")]
    NotFound(String, #[source] io::Error),
    /// It may not be executed.
    #[error("the command {0:?} may not be executed; check its permissions")]
    NotAllowed(String, #[source] io::Error),
    /// The system refused for another reason.
    #[error("the command {0:?} could not be started")]
    Refused(String, #[source] io::Error),
}

/// The ends of the pipes that the proxy holds.
#[derive(Debug)]
pub(super) struct Pipes {
    pub(super) stdin: ChildStdin,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
}

/// A process that was just started.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) process: process::Child,
    /// Its process group, whose leader it is.
    pub(super) group: Pid,
    pub(super) pipes: Pipes,
}

/// Starts the command. Must be called within the runtime.
pub(super) fn start(command: &Command) -> Result<Child, StartError> {
    let mut process = process::Command::new(&command.program)
        .args(&command.args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A Ctrl-C in the terminal is the proxy's to handle: it stops the group in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| refused(&command.program, error))?;
    let id = process
        .id()
        .expect("a process that was not waited for has an id");
    let pipes = Pipes {
        stdin: process.stdin.take().expect("stdin is piped"),
        stdout: process.stdout.take().expect("stdout is piped"),
        stderr: process.stderr.take().expect("stderr is piped"),
    };
    let group = i32::try_from(id).ok().and_then(Pid::from_raw);
    let group = group.expect("a process id is positive and fits its own type");
    Ok(Child {
        process,
        group,
        pipes,
    })
}

fn refused(program: &str, error: io::Error) -> StartError {
    let program = program.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound => StartError::NotFound(program, error),
        io::ErrorKind::PermissionDenied => StartError::NotAllowed(program, error),
        _ => StartError::Refused(program, error),
    }
}
