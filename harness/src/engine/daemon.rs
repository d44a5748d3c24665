//! Starting a Docker daemon that outlives this process and holds on to nothing of it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::install::EngineError;
use super::leftovers::{self, Daemon};
use super::probe::{self, Engine};
use crate::place::Place;
use crate::step::Log;

const PID_FILE: &str = "/var/run/docker.pid";
const SOCKET: &str = "/var/run/docker.sock";
/// The machine's own containerd: the daemon uses it when this file exists, without trying it first.
const MACHINE_CONTAINERD: &str = "/run/containerd/containerd.sock";
/// The containerd that the daemon starts for itself.
const OWN_CONTAINERD: &str = "/var/run/docker/containerd";

/// A running daemon that has not answered by then hangs: it may be restoring containers before.
const SETTLE_BOUND: Duration = Duration::from_secs(30);

/// The daemon's own log, apart from the step's: it goes on when the step is over.
pub(super) fn log_path(place: &Place) -> PathBuf {
    place.logs().join("dockerd.log")
}

/// Starts `dockerd`, unless one that runs already comes to its senses.
pub(super) async fn start(place: &Place, dockerd: &Path, log: &Log) -> Result<(), EngineError> {
    if let Daemon::Alive(pid) = leftovers::daemon(Path::new(PID_FILE), "dockerd") {
        log.note(&format!(
            "dockerd runs as process {pid} but does not answer; waiting for it"
        ));
        if settles(place).await {
            return Ok(());
        }
        end_ours(place, pid, log)?;
    }
    clear(log)?;
    spawn(place, dockerd).await
}

async fn settles(place: &Place) -> bool {
    let answers = crate::poll::until(SETTLE_BOUND, async || {
        let found = probe::engine(place).await;
        matches!(found, Ok(Engine::Answers { .. })).then_some(())
    });
    answers.await.is_some()
}

/// Kills a daemon that hangs, if it is the one from our cache: another's is not ours to end.
fn end_ours(place: &Place, pid: u32, log: &Log) -> Result<(), EngineError> {
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    let id = i32::try_from(pid).ok().and_then(Pid::from_raw);
    match id {
        Some(id) if program.starts_with(&place.cache) => {
            log.note(&format!("killing our own dockerd, process {pid}: it hangs"));
            // Gone by itself in the meantime is as good.
            let _ = kill_process(id, Signal::KILL);
            Ok(())
        }
        _ => Err(EngineError::Hangs(pid)),
    }
}

fn clear(log: &Log) -> Result<(), EngineError> {
    let mut removed = Vec::new();
    let mut remove = |path: PathBuf| {
        if leftovers::remove(&path).map_err(EngineError::Leftover)? {
            removed.push(path);
        }
        Ok::<(), EngineError>(())
    };
    remove(PID_FILE.into())?;
    remove(SOCKET.into())?;
    let own = Path::new(OWN_CONTAINERD);
    // A containerd that survived its daemon is adopted by the next one, running containers and all.
    if leftovers::daemon(&own.join("containerd.pid"), "containerd") == Daemon::Stale {
        for file in ["containerd.pid", "containerd.sock", "containerd.sock.ttrpc"] {
            remove(own.join(file))?;
        }
    }
    let machine = Path::new(MACHINE_CONTAINERD);
    if leftovers::clear_dead_socket(machine).map_err(EngineError::Leftover)? {
        removed.push(machine.to_path_buf());
    }
    for path in removed {
        log.note(&format!(
            "removed {}, left by an engine that is gone",
            path.display()
        ));
    }
    Ok(())
}

/// `setsid --fork` cuts it off from this terminal and process; the shell closes descriptors that a
/// caller such as make may have passed on to us, so that nobody waits for their end.
async fn spawn(place: &Place, dockerd: &Path) -> Result<(), EngineError> {
    let log = File::options()
        .create(true)
        .append(true)
        .open(log_path(place))
        .map_err(EngineError::Leftover)?;
    let script = r#"exec "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-"#;
    place
        .cmd("setsid")
        .args(["--fork", "sh", "-c", script, "sh"])
        .arg(dockerd)
        // No --live-restore: containers that outlive their daemon lose its name server for good, and
        // with it the node's way to the registry. Stopped ones are started again and have it.
        .args(["--host", &format!("unix://{SOCKET}")])
        .current_dir("/")
        .run(&log)
        .await?;
    Ok(())
}
