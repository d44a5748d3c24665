//! What a crash or a reboot left behind: process ids of nobody, sockets without a listener.

use std::fs;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// What a pid file says about its daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Daemon {
    /// No pid file.
    None,
    /// A pid file whose process is gone, or is another program by now.
    Stale,
    /// The daemon runs under this id.
    Alive(u32),
}

/// Judges a pid file: `program_of` gives the name of the program that a process id belongs to.
pub(super) fn judge(
    pid_file: Option<&str>,
    expected: &str,
    program_of: &dyn Fn(u32) -> Option<String>,
) -> Daemon {
    let Some(content) = pid_file else {
        return Daemon::None;
    };
    match content.trim().parse() {
        Ok(pid) if program_of(pid).as_deref() == Some(expected) => Daemon::Alive(pid),
        _ => Daemon::Stale,
    }
}

/// Looks at a daemon's pid file on this machine.
pub(super) fn daemon(pid_file: &Path, expected: &str) -> Daemon {
    let content = fs::read_to_string(pid_file).ok();
    judge(content.as_deref(), expected, &|pid| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        Some(name.trim_end().to_owned())
    })
}

/// Removes a socket that nobody listens on. A daemon that finds such a file takes it for a running peer.
///
/// # Errors
/// When the file cannot be removed.
pub(super) fn clear_dead_socket(path: &Path) -> io::Result<bool> {
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => remove(path),
        _ => Ok(false),
    }
}

/// Removes a file that may be gone already; tells whether it was there.
///
/// # Errors
/// When the file cannot be removed.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    fn program_of(pid: u32) -> Option<String> {
        match pid {
            10 => Some("dockerd".to_owned()),
            11 => Some("bash".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn a_pid_file_counts_only_while_its_process_is_the_daemon() {
        let judged = |content| judge(content, "dockerd", &program_of);
        assert_eq!(judged(None), Daemon::None);
        assert_eq!(judged(Some("10\n")), Daemon::Alive(10));
        assert_eq!(
            judged(Some("11")),
            Daemon::Stale,
            "the id was given to another program"
        );
        assert_eq!(judged(Some("12")), Daemon::Stale, "nobody has the id");
        assert_eq!(
            judged(Some("")),
            Daemon::Stale,
            "the disk was full or the write was cut off"
        );
    }

    #[test]
    fn a_socket_goes_only_when_nobody_listens() {
        let path = std::env::temp_dir().join(format!("hivewright-sock-{}", std::process::id()));
        let listener = UnixListener::bind(&path).expect("the temporary directory is writable");
        assert!(!clear_dead_socket(&path).expect("nothing to remove"));
        drop(listener);
        assert!(clear_dead_socket(&path).expect("removable"));
        assert!(!clear_dead_socket(&path).expect("gone already"));
    }
}
