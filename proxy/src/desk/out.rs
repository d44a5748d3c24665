//! What goes to the terminal: whole lines, each time in one piece, so that nothing lands within one.

use std::io::{self, IsTerminal as _, Write as _};

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// What was asked for.
    Stdout,
    /// What is told beside it.
    Stderr,
}

/// Writes lines. A stream that is closed leaves nobody to tell.
pub(super) fn write(place: Place, lines: &str) {
    if lines.is_empty() {
        return;
    }
    let _ = match place {
        Place::Stdout => {
            let mut out = io::stdout().lock();
            out.write_all(lines.as_bytes()).and_then(|()| out.flush())
        }
        Place::Stderr => io::stderr().lock().write_all(lines.as_bytes()),
    };
}

/// Characters in a line of the terminal behind stderr; none if it is a file or a pipe.
pub(super) fn width() -> Option<usize> {
    let err = io::stderr();
    if !err.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(err).ok()?;
    // A terminal that does not know its size says zero.
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}
