//! The bad servers.

use std::{
    io::{self, BufRead, Write},
    net::TcpListener,
    process::ExitCode,
    thread,
    time::Duration,
};

use super::wire::{self, Incoming};

/// Time between two lines of [`babble`]: often enough to be seen, seldom enough not to be a load.
const BABBLE_EVERY: Duration = Duration::from_millis(200);

/// Lines that no MCP client may take for a message: prose, JSON of another kind, bytes that are not
/// UTF-8 as JSON strings would have them, and an answer to a request that nobody made.
pub(super) const GARBAGE: &str = "Listening on stdio, have fun!\n\
     {\"level\":\"info\",\"msg\":\"a log line in JSON\"}\n\
     [1,2,3]\n\
     {\"jsonrpc\":\"2.0\",\"id\":\"nobody-asked\",\"result\":{}}\n\
     {\"jsonrpc\":\"2.0\",\"id\":1,\"resu\n\
     \n";

/// Answers each request with a result that no MCP method has.
pub(super) fn answer_nonsense() -> ExitCode {
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        if let Ok(Incoming { id: Some(id), .. }) = serde_json::from_str(&line) {
            wire::send(&wire::result(id.get(), "{\"hello\":\"world\"}"));
        }
    }
    ExitCode::SUCCESS
}

/// Prints prose until killed.
pub(super) fn babble() -> ExitCode {
    loop {
        wire::send(GARBAGE);
        thread::sleep(BABBLE_EVERY);
    }
}

/// Reads stdin to its end and says nothing.
pub(super) fn swallow_stdin() -> ExitCode {
    let _read = io::copy(&mut io::stdin().lock(), &mut io::sink());
    ExitCode::SUCCESS
}

/// Bytes that [`hog`] takes at once: a limit of 32 MiB is passed within a few steps.
const HOG_STEP: usize = 4 * 1024 * 1024;
/// Most that [`hog`] takes, should nobody limit it: the machine must not suffer.
const HOG_MOST: usize = 256 * 1024 * 1024;

/// Takes memory and touches it, until the kernel says that it is enough.
pub(super) fn hog() -> ExitCode {
    let mut taken = Vec::new();
    while taken.len() < HOG_MOST {
        taken.resize(taken.len() + HOG_STEP, 1_u8);
        thread::sleep(Duration::from_millis(10));
    }
    eprintln!("echo-server: nobody limits the memory");
    ExitCode::FAILURE
}

/// What whoever reaches the TCP port is told.
pub const GREETING: &str = "echo-server\n";

/// Greets whoever connects to `port`, on a thread of its own.
pub(super) fn listen(port: u16) {
    match TcpListener::bind(("0.0.0.0", port)) {
        Ok(listener) => {
            thread::spawn(move || {
                for mut stream in listener.incoming().flatten() {
                    // Whoever hangs up before the greeting has seen that the port is open.
                    let _gone = stream.write_all(GREETING.as_bytes());
                }
            });
        }
        Err(error) => eprintln!("echo-server: port {port} cannot be listened on: {error}"),
    }
}
