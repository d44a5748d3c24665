//! `kubectl hivewright`, as a user types it: the shipped binary under its other name, found by kubectl
//! on PATH, with a kubeconfig.

use std::{
    ffi::OsString,
    io::ErrorKind,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, ensure};
use hivewright_harness::{access::Cluster, charts::NAMESPACE, command::Output, extract};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// Image of the controller, and the binary in it.
const CONTROLLER: (&str, &str) = ("ghcr.io/hivewright/controller", "hivewright-controller");
/// Its name as a plugin of kubectl.
const PLUGIN: &str = "kubectl-hivewright";
/// Where the controller is; without it the plugin looks for it, and there may be several while other
/// scenarios run.
const WHERE: &str = "HIVEWRIGHT_CONTROLLER_NAMESPACE";

/// PATH with the plugin on it.
async fn path(cluster: &Cluster) -> Result<OsString> {
    let (image, bin) = CONTROLLER;
    let binary = extract::binary(cluster.place(), image, bin).await?;
    let folder = binary.parent().context("a folder")?;
    match symlink(&binary, folder.join(PLUGIN)) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = vec![folder.to_owned(), cluster.place().bin()];
    folders.extend(std::env::split_paths(&inherited));
    Ok(std::env::join_paths(folders)?)
}

/// `kubectl hivewright ARGS` with the kubeconfig of the scenarios; where the controller is, is said.
pub(crate) async fn hivewright(cluster: &Cluster, args: &[&str]) -> Result<Output> {
    let command = cluster.cmd("kubectl").arg("hivewright").args(args);
    let command = command.env("PATH", path(cluster).await?);
    Ok(command.env(WHERE, NAMESPACE).output().await?)
}

/// The same, and nobody says where the controller is.
pub(crate) async fn looking(cluster: &Cluster, args: &[&str]) -> Result<Output> {
    let command = cluster.cmd("kubectl").arg("hivewright").args(args);
    Ok(command.env("PATH", path(cluster).await?).output().await?)
}

/// The same as [`hivewright`], by this kubeconfig.
pub(crate) async fn as_somebody(
    cluster: &Cluster,
    kubeconfig: &Path,
    args: &[&str],
) -> Result<Output> {
    let command = cluster.cmd("kubectl").arg("hivewright").args(args);
    let command = command
        .env("PATH", path(cluster).await?)
        .env(WHERE, NAMESPACE);
    Ok(command.env("KUBECONFIG", kubeconfig).output().await?)
}

/// What it prints, which must be well.
pub(crate) async fn text(cluster: &Cluster, args: &[&str]) -> Result<String> {
    let output = hivewright(cluster, args).await?;
    ensure!(
        output.status.success(),
        "kubectl hivewright {}: {}",
        args.join(" "),
        output.stderr
    );
    Ok(output.stdout)
}

/// The same, read as JSON.
pub(crate) async fn json<T: DeserializeOwned>(cluster: &Cluster, args: &[&str]) -> Result<T> {
    let args = [args, &["--output=json"]].concat();
    Ok(serde_json::from_str(&text(cluster, &args).await?)?)
}

/// The timeline of a server: its events, one a line.
pub(crate) async fn timeline(cluster: &Cluster, server: &str, more: &[&str]) -> Result<Vec<Value>> {
    let args = [&["timeline", server, "--output=json"], more].concat();
    let text = text(cluster, &args).await?;
    text.lines()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

/// A command that goes on until it is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts `kubectl hivewright ARGS`.
    pub(crate) async fn start(cluster: &Cluster, args: &[&str]) -> Result<Self> {
        let mut child = Command::new("kubectl")
            .arg("hivewright")
            .args(args)
            .env("PATH", path(cluster).await?)
            .env("KUBECONFIG", cluster.place().kubeconfig())
            .env(WHERE, NAMESPACE)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("a stdout")?;
        Ok(Self {
            _child: child,
            lines: BufReader::new(stdout).lines(),
        })
    }

    /// The next line.
    pub(crate) async fn line(&mut self) -> Result<String> {
        self.lines.next_line().await?.context("it ended")
    }
}

/// A kubeconfig with this token, for the cluster of the scenarios.
pub(crate) async fn kubeconfig(
    cluster: &Cluster,
    folder: &Path,
    (token, namespace): (&str, &str),
) -> Result<PathBuf> {
    let view = ["config", "view", "--raw", "--minify", "--output=json"];
    let text = cluster.cmd("kubectl").args(view).text().await?;
    let mut config: Value = serde_json::from_str(&text)?;
    config["users"][0]["user"] = serde_json::json!({ "token": token });
    config["contexts"][0]["context"]["namespace"] = namespace.into();
    let path = folder.join("kubeconfig");
    std::fs::write(&path, config.to_string())?;
    Ok(path)
}
