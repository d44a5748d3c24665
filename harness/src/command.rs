//! Running other programs: bounded in time, their output in a log file, none left behind.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// How long a command may take unless it says otherwise. Queries of a local daemon end in well
/// under a second; a minute means that it hangs.
pub const DEFAULT_BOUND: Duration = Duration::from_mins(1);

/// Why a command gave no result.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The program is not installed.
    #[error("{program} is not installed; {}", crate::missing::advice(program))]
    Missing {
        /// The program's name.
        program: String,
    },
    /// The program could not be started or its output not read.
    #[error("{program} could not be run")]
    Io {
        /// The program's name.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// The program ended with another code than 0.
    #[error("`{line}` failed ({status}){}", said(stderr))]
    Failed {
        /// The command line.
        line: String,
        /// How it ended.
        status: ExitStatus,
        /// The last line of its error output, where that was read.
        stderr: String,
    },
    /// The program was stopped because its time was up.
    #[error("`{line}` was stopped after {} s without an end", bound.as_secs())]
    TimedOut {
        /// The command line.
        line: String,
        /// The time that it had.
        bound: Duration,
    },
}

fn said(stderr: &str) -> String {
    match stderr.trim().lines().last() {
        Some(last) => format!(": {last}"),
        None => String::new(),
    }
}

/// What a command wrote, whether or not it succeeded.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its error output.
    pub stderr: String,
}

/// A program with its arguments, not started yet.
#[derive(Debug, Clone)]
pub struct Cmd {
    program: String,
    args: Vec<OsString>,
    envs: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
    bound: Duration,
}

impl Cmd {
    /// `program` as found on the PATH, or a path.
    pub fn new(program: &str) -> Self {
        Self {
            program: program.to_owned(),
            args: Vec::new(),
            envs: Vec::new(),
            dir: None,
            bound: DEFAULT_BOUND,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.envs.push((key.into(), value.as_ref().to_owned()));
        self
    }

    /// The directory to run in.
    #[must_use]
    pub fn current_dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = Some(dir.as_ref().to_path_buf());
        self
    }

    /// The longest time that the command may take.
    #[must_use]
    pub fn bound(mut self, bound: Duration) -> Self {
        self.bound = bound;
        self
    }

    /// Runs to the end with all output in `log`.
    ///
    /// # Errors
    /// When it cannot start, ends with another code than 0 or takes longer than its bound.
    pub async fn run(&self, log: &File) -> Result<(), CommandError> {
        let mut command = self.command();
        command
            .stdout(self.io(log.try_clone())?)
            .stderr(self.io(log.try_clone())?);
        let mut child = self.start(&mut command)?;
        let status = self.within(child.0.wait()).await?;
        child.ended();
        self.check(status, "")
    }

    /// Runs with this terminal: for what the user is meant to watch.
    ///
    /// # Errors
    /// As [`Cmd::run`].
    pub async fn show(&self) -> Result<(), CommandError> {
        let mut child = self.start(&mut self.command())?;
        let status = self.within(child.0.wait()).await?;
        child.ended();
        self.check(status, "")
    }

    /// Runs and returns what it wrote, also when it failed: for commands whose failure is an answer.
    ///
    /// # Errors
    /// When it cannot start or takes longer than its bound.
    pub async fn output(&self) -> Result<Output, CommandError> {
        self.collect(Stdio::piped()).await
    }

    /// Runs with its error output in `log` and returns its standard output.
    ///
    /// # Errors
    /// As [`Cmd::run`].
    pub async fn logged(&self, log: &File) -> Result<String, CommandError> {
        let output = self.collect(self.io(log.try_clone())?.into()).await?;
        self.check(output.status, "")?;
        Ok(output.stdout)
    }

    async fn collect(&self, stderr: Stdio) -> Result<Output, CommandError> {
        let mut command = self.command();
        command.stdout(Stdio::piped()).stderr(stderr);
        let mut child = self.start(&mut command)?;
        // The command holds our end of the log; the child has its own.
        drop(command);
        let (stdout, stderr) = (child.0.stdout.take(), child.0.stderr.take());
        let work = async {
            let (stdout, stderr) = tokio::try_join!(read(stdout), read(stderr))?;
            let status = child.0.wait().await?;
            Ok(Output {
                status,
                stdout,
                stderr,
            })
        };
        let output = self.within(work).await?;
        child.ended();
        Ok(output)
    }

    /// Runs and returns its standard output without the last line break.
    ///
    /// # Errors
    /// As [`Cmd::run`].
    pub async fn text(&self) -> Result<String, CommandError> {
        let output = self.output().await?;
        self.check(output.status, &output.stderr)?;
        Ok(output.stdout.trim_end().to_owned())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .envs(self.envs.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            // A group of its own, so that ending it ends what a script has started too.
            .process_group(0);
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command
    }

    fn start(&self, command: &mut Command) -> Result<Group, CommandError> {
        match command.spawn() {
            Ok(child) => Ok(Group(child, true)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(CommandError::Missing {
                program: self.program.clone(),
            }),
            Err(source) => Err(self.io_error(source)),
        }
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = io::Result<T>>,
    ) -> Result<T, CommandError> {
        match tokio::time::timeout(self.bound, work).await {
            Ok(result) => result.map_err(|source| self.io_error(source)),
            Err(_) => Err(CommandError::TimedOut {
                line: self.line(),
                bound: self.bound,
            }),
        }
    }

    fn check(&self, status: ExitStatus, stderr: &str) -> Result<(), CommandError> {
        if status.success() {
            return Ok(());
        }
        Err(CommandError::Failed {
            line: self.line(),
            status,
            stderr: stderr.to_owned(),
        })
    }

    fn io<T>(&self, result: io::Result<T>) -> Result<T, CommandError> {
        result.map_err(|source| self.io_error(source))
    }

    fn io_error(&self, source: io::Error) -> CommandError {
        CommandError::Io {
            program: self.program.clone(),
            source,
        }
    }

    /// The command line as one would type it.
    pub fn line(&self) -> String {
        std::iter::once(self.program.clone())
            .chain(self.args.iter().map(|a| a.to_string_lossy().into_owned()))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A child and everything in its process group, killed when dropped before its end: on a timeout,
/// on Ctrl-C, and when the other of two concurrent steps has failed.
struct Group(Child, bool);

impl Group {
    fn ended(&mut self) {
        self.1 = false;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let id = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let (true, Some(group)) = (self.1, id.and_then(Pid::from_raw)) {
            // Gone already is as good as killed.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

async fn read(pipe: Option<impl tokio::io::AsyncRead + Unpin>) -> io::Result<String> {
    use tokio::io::AsyncReadExt as _;
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes).await?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
