//! The MCP server of the scenarios and of the bench: stdio, one thread, one JSON parse a call.
//!
//! ```text
//!  stdin ──line──> wire::Incoming ──> server ──fast: echo, whoami, ...──> one write to stdout
//!                       │               └──slow, ask, connect, through──> thread ──> stdout
//!                       └── answer to an `ask`, or a cancellation ──> the thread that waits
//! ```
//!
//! Where the environment asks for it (`MCP_TRANSPORT`), the module `http` puts SSE or Streamable HTTP in
//! front of the same.
//!
//! Faults come in two ways: as [`Mode`]s from the arguments (a server that never was good) and as
//! tools (a server that goes bad while it runs).

mod args;
mod call;
mod faults;
mod http;
mod later;
mod server;
mod tools;
mod wire;

use std::{
    io::{self, BufRead},
    process::ExitCode,
};

pub use args::{Args, HttpArgs, Mode, UnknownArgument};
pub use faults::GREETING;
use server::{Server, Step};

/// Longest line that is read from stdin, in bytes. The proxy refuses bodies far below this; a longer
/// line means that nobody frames the input any more, and the process ends.
const MAX_LINE: usize = 64 * 1024 * 1024;

/// Runs until stdin ends or a tool asks for the end. The exit code is the tool's, or the mode's.
pub fn run(args: &Args) -> ExitCode {
    if let Some(port) = args.listen {
        faults::listen(port);
    }
    if let Some(transport) = http::Transport::from_env() {
        return http::run(transport, args.http);
    }
    match args.mode {
        Mode::Serve => serve(&Server::new(false)),
        Mode::Garbage => serve(&Server::new(true)),
        Mode::NotMcp => faults::answer_nonsense(),
        Mode::Babble => faults::babble(),
        Mode::Hog => faults::hog(),
        Mode::NeverInitialize => faults::swallow_stdin(),
        Mode::ExitAtOnce(code) => {
            eprintln!("echo-server: leaving with code {code}, as told");
            ExitCode::from(code)
        }
    }
}

fn serve(server: &Server) -> ExitCode {
    let mut stdin = io::stdin().lock();
    let mut line = Vec::with_capacity(4096);
    loop {
        line.clear();
        match io::Read::take(&mut stdin, MAX_LINE as u64).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return ExitCode::SUCCESS,
            Ok(_) if line.len() == MAX_LINE => return ExitCode::FAILURE,
            Ok(_) => {}
        }
        match server.step(&line) {
            Step::Next => {}
            Step::End(code) => return ExitCode::from(code),
        }
    }
}
