//! Without a cluster: the shipped binary on this machine, and the shipped image on a plain engine.

use std::{path::PathBuf, process::Stdio, time::Duration};

use anyhow::{Context as _, Result, ensure};
use hivewright_harness::{
    extract,
    images::Record,
    mcp::{
        python::{self, Door},
        raw::Raw,
        rust_sdk::RustClient,
        sse::SseSession,
    },
    place::Place,
    wait::{ANSWER, Look, RECOVERY, until},
};
use serde_json::{Value, json};
use testcontainers::{
    CopyDataSource, GenericImage, ImageExt as _,
    core::{IntoContainerPort as _, WaitFor},
    runners::AsyncRunner as _,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::bad_http::wrong_requests_get_the_protocols_errors;

/// Image of the proxy, and the binary in it.
const PROXY: (&str, &str) = ("ghcr.io/hivewright/proxy", "hivewright-proxy");
/// The port of the doors in a container.
const PORT: u16 = 8080;
/// The first word of what `run` prints into a pipe once its server has answered: settings for clients.
const SETTINGS: &str = "mcpServers";
/// The fetch server's start under an engine: its interpreter and its libraries.
const START: Duration = Duration::from_mins(1);

fn place() -> Result<Place> {
    Place::from_env().context("set HOME or HIVEWRIGHT_CACHE")
}

/// `hivewright-proxy run`, killed when dropped.
struct Run {
    _child: Child,
    _stdout: Lines<BufReader<ChildStdout>>,
    base: String,
}

impl Run {
    /// Starts it with `command` and waits until it says where it serves.
    async fn start(command: &[&str]) -> Result<Self> {
        let binary = extract::binary(&place()?, PROXY.0, PROXY.1).await?;
        let mut child = Command::new(binary)
            .args(["run", "--port", "0", "--"])
            .args(command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("a stdout")?;
        let mut stdout = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(START, stdout.next_line())
            .await??
            .context("no word")?;
        let settings: Value =
            serde_json::from_str(&line).with_context(|| format!("it says {line}"))?;
        let servers = settings[SETTINGS].as_object().context("settings")?;
        let url = servers
            .values()
            .next()
            .and_then(|server| server["url"].as_str());
        let base = url
            .and_then(|url| url.strip_suffix("/mcp"))
            .context("a URL")?
            .to_owned();
        Ok(Self {
            _child: child,
            _stdout: stdout,
            base,
        })
    }
}

#[tokio::test]
async fn a_local_command_is_served_to_clients_of_both_doors() -> Result<()> {
    let run = Run::start(&[env!("CARGO_BIN_EXE_echo-server")]).await?;
    let rust = RustClient::connect(&format!("{}/mcp", run.base), "rust-sdk").await?;
    ensure!(
        rust.server_name().as_deref() == Some("echo-server"),
        "{:?}",
        rust.server_name()
    );
    ensure!(
        rust.call("echo", json!({ "text": "by rust" })).await? == "by rust",
        "rust"
    );
    let calls = [("echo", json!({ "text": "by python" }))];
    let url = format!("{}/sse", run.base);
    let story = python::run(&place()?, Door::Sse, &url, &calls).await?;
    ensure!(story.texts == ["by python"], "{story:?}");
    let mut sse = SseSession::open(&run.base, "raw").await?;
    ensure!(
        sse.text(1, "echo", json!({ "text": "by hand" })).await? == "by hand",
        "sse"
    );
    rust.close().await
}

#[tokio::test]
async fn wrong_requests_to_a_local_proxy_get_the_protocols_errors() -> Result<()> {
    let run = Run::start(&[env!("CARGO_BIN_EXE_echo-server")]).await?;
    wrong_requests_get_the_protocols_errors(&Raw::new(&run.base)?).await
}

#[tokio::test]
async fn a_local_command_that_crashes_is_started_again_on_the_same_session() -> Result<()> {
    let run = Run::start(&[env!("CARGO_BIN_EXE_echo-server")]).await?;
    let session = Raw::new(&run.base)?.open("survivor").await?;
    for _ in 0..3 {
        let before = session.text(1, "whoami", json!({})).await?;
        let lost = session.call(2, "kill", json!({})).await?;
        ensure!(lost.get("error").is_some(), "a crash was answered {lost}");
        until("another process", RECOVERY, async || {
            let now = session.text(3, "whoami", json!({})).await?;
            Ok(if now == before {
                Look::not_yet(now)
            } else {
                Look::Done(())
            })
        })
        .await?;
    }
    Ok(())
}

/// What a user without a cluster does with a published server image.
#[tokio::test]
async fn the_fetch_image_is_served_from_a_plain_engine() -> Result<()> {
    let images = Record::load(&place()?).context("no images are recorded; run `make e2e`")?;
    let fetch = images
        .get("docker.io/mcp/fetch")
        .context("the fetch image was not made")?;
    let run = Run::start(&["docker", "run", "--rm", "--interactive", fetch]).await?;
    let client = RustClient::connect(&format!("{}/mcp", run.base), "local").await?;
    let tools = tokio::time::timeout(ANSWER, client.tools()).await??;
    ensure!(tools == ["fetch"], "the tools are {tools:?}");
    client.close().await
}

#[tokio::test]
async fn the_proxy_image_runs_on_a_plain_engine_as_nobody() -> Result<()> {
    let place = place()?;
    let images = Record::load(&place).context("no images are recorded; run `make e2e`")?;
    let reference = images
        .get(PROXY.0)
        .context("the proxy image was not made")?;
    let (name, tag) = reference.rsplit_once(':').context("a tag")?;
    let echo: PathBuf = extract::binary(&place, crate::support::ECHO_IMAGE, "echo-server").await?;
    let container = GenericImage::new(name, tag)
        .with_exposed_port(PORT.tcp())
        .with_wait_for(WaitFor::message_on_stdout(SETTINGS))
        .with_copy_to("/echo-server", CopyDataSource::File(echo))
        .with_cmd(["run", "--listen", "0.0.0.0", "--", "/echo-server"])
        .start()
        .await?;
    let port = container.get_host_port_ipv4(PORT.tcp()).await?;
    let raw = Raw::new(&format!("http://127.0.0.1:{port}"))?;
    let session = raw.open("outside").await?;
    let text = session
        .text(1, "echo", json!({ "text": "through an image" }))
        .await?;
    ensure!(text == "through an image", "{text}");
    Ok(())
}
