//! The kind cluster: made if absent, woken or replaced if dead, left alone if it answers.

use std::io;
use std::time::Duration;

use crate::command::{CommandError, Output};
use crate::docker::docker;
use crate::node::NodeImage;
use crate::place::Place;
use crate::poll;
use crate::stamp::{Made, Stamp, StampError};
use crate::step::{Done, Log};

/// Time for `kind create cluster`: 15 s on an idle machine.
const CREATE_BOUND: Duration = Duration::from_mins(5);

/// Time for an API server to answer again after its node was started: 14 s on an idle machine.
const WAKE_BOUND: Duration = Duration::from_secs(90);

/// Time for an API server of a node that runs: more means that it will not.
const ANSWER_BOUND: Duration = Duration::from_secs(20);

/// Time for CoreDNS and the policy agent once the API server answers.
const SETTLE_BOUND: Duration = Duration::from_mins(2);

/// The API server behind its Service, at the first address of kind's default range for Services; whoever
/// asks may read this path.
const API_SERVICE: &str = "https://10.96.0.1/readyz";

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// It was made but does not get ready.
    #[error("the cluster was made, but {what} did not get ready within {} s; see `docker logs {node}`", bound.as_secs())]
    NotReady {
        /// The part.
        what: &'static str,
        /// The node's container.
        node: String,
        /// How long was waited.
        bound: Duration,
    },
    /// The configuration could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The kubeconfig or its record could not be written.
    #[error("the cache could not be written")]
    Cache(#[from] io::Error),
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// What is known of the node before anything is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Absent,
    Stopped,
    Running,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Create,
    Replace,
    Start,
    Check,
}

/// A node of other inputs than the wanted ones is replaced, whatever its state.
fn decide(node: Node, current: bool) -> Action {
    match (node, current) {
        (Node::Absent, _) => Action::Create,
        (Node::Stopped | Node::Running, false) => Action::Replace,
        (Node::Stopped, true) => Action::Start,
        (Node::Running, true) => Action::Check,
    }
}

/// Brings up the cluster from `image` and waits until it can be used.
///
/// # Errors
/// What did not get ready, or what failed.
pub async fn ensure(place: &Place, image: &NodeImage, log: &Log) -> Result<Done<()>, ClusterError> {
    let made = Made::new(
        &place.cache,
        &format!("cluster-{}", place.cluster),
        place.kubeconfig(),
    );
    let stamp = stamp(place, image)?;
    let action = decide(node(place).await?, made.is_current(&stamp));
    log.note(&format!("decided: {action:?}"));
    let note = match action {
        Action::Create => "made",
        Action::Replace => "replaced: it was made from something else",
        Action::Start | Action::Check if wakes(place, action, log).await? => {
            ready(place, image).await?;
            return Ok(Done::new((), "answers"));
        }
        Action::Start | Action::Check => "replaced: it did not come back",
    };
    made.begin()?;
    delete(place, log).await?;
    create(place, image, log).await?;
    ready(place, image).await?;
    made.finish(&stamp)?;
    Ok(Done::new((), note))
}

/// Deletes the cluster; one that is not there is as good.
///
/// # Errors
/// When kind fails.
pub async fn delete(place: &Place, log: &Log) -> Result<(), CommandError> {
    let kind = place
        .cmd("kind")
        .args(["delete", "cluster", "--name", &place.cluster]);
    kind.arg("--kubeconfig")
        .arg(place.kubeconfig())
        .run(log.file())
        .await
}

fn config(image: &NodeImage) -> &'static str {
    if image.built {
        "kind/cluster-built.yaml"
    } else {
        "kind/cluster.yaml"
    }
}

fn stamp(place: &Place, image: &NodeImage) -> Result<String, StampError> {
    let config = place.project.join(config(image));
    Ok(Stamp::new().text(&image.name).file(&config)?.hex())
}

async fn node(place: &Place) -> Result<Node, CommandError> {
    let format = "{{.State.Status}}";
    let output = docker(place, ["container", "inspect", "-f", format, &place.node()])
        .output()
        .await?;
    Ok(state(&output))
}

fn state(inspected: &Output) -> Node {
    match inspected.stdout.trim() {
        _ if !inspected.status.success() => Node::Absent,
        "running" => Node::Running,
        // exited, created, dead, paused: all are tried to be started, and replaced if that is in vain.
        _ => Node::Stopped,
    }
}

/// Restarts a node that runs but has lost something, and waits until it can be used again.
///
/// # Errors
/// What did not get ready again.
pub async fn restart(place: &Place, image: &NodeImage, log: &Log) -> Result<(), ClusterError> {
    docker(place, ["restart", &place.node()])
        .run(log.file())
        .await?;
    wait_for(place, "the API server", async || {
        succeeds(place, &["get", "--raw", "/readyz"]).await
    })
    .await?;
    ready(place, image).await
}

/// Whether a node that exists gets its API server to answer, with one restart if it has to.
async fn wakes(place: &Place, action: Action, log: &Log) -> Result<bool, CommandError> {
    if action == Action::Check && answers(place, ANSWER_BOUND).await {
        return Ok(true);
    }
    log.note("starting the node anew: its API server does not answer");
    let restart = docker(place, ["restart", &place.node()]).output().await?;
    log.note(restart.stderr.trim());
    Ok(restart.status.success() && answers(place, WAKE_BOUND).await)
}

async fn answers(place: &Place, bound: Duration) -> bool {
    poll::until(bound, async || {
        succeeds(place, &["get", "--raw", "/readyz"]).await
    })
    .await
    .is_some()
}

async fn create(place: &Place, image: &NodeImage, log: &Log) -> Result<(), CommandError> {
    place
        .cmd("kind")
        .args([
            "create",
            "cluster",
            "--name",
            &place.cluster,
            "--image",
            &image.name,
            "--wait",
            "120s",
        ])
        .arg("--config")
        .arg(place.project.join(config(image)))
        .arg("--kubeconfig")
        .arg(place.kubeconfig())
        .bound(CREATE_BOUND)
        .run(log.file())
        .await
}

/// Waits for what pods need. Every part is asked for a live answer: after a restart of the node the
/// API server still holds the old conditions for a while, and all of them say that all is well.
async fn ready(place: &Place, image: &NodeImage) -> Result<(), ClusterError> {
    let kubelet = format!("/api/v1/nodes/{}/proxy/healthz", place.node());
    let dns = "/api/v1/namespaces/kube-system/services/kube-dns:9153/proxy/metrics";
    let routed = ["curl", "-sfk", "-m", "3", API_SERVICE];
    wait_for(place, "kubelet", async || {
        succeeds(place, &["get", "--raw", &kubelet]).await
    })
    .await?;
    wait_for(place, "the node", async || {
        let wait = [
            "wait",
            "node",
            "--all",
            "--for=condition=Ready",
            "--timeout=1s",
        ];
        succeeds(place, &wait).await
    })
    .await?;
    wait_for(place, "the route to Services", async || {
        on_node(place, &routed).await
    })
    .await?;
    wait_for(place, "CoreDNS", async || {
        succeeds(place, &["get", "--raw", dns]).await
    })
    .await?;
    if !image.built {
        return Ok(());
    }
    let agent = ["systemctl", "is-active", "network-policy.service"];
    wait_for(place, "the network policy agent", async || {
        on_node(place, &agent).await
    })
    .await
}

async fn on_node(place: &Place, command: &[&str]) -> Option<()> {
    let exec = docker(place, ["exec", &place.node()]).args(command);
    exec.output().await.ok()?.status.success().then_some(())
}

async fn wait_for(
    place: &Place,
    what: &'static str,
    ask: impl AsyncFnMut() -> Option<()>,
) -> Result<(), ClusterError> {
    poll::until(SETTLE_BOUND, ask)
        .await
        .ok_or_else(|| ClusterError::NotReady {
            what,
            node: place.node(),
            bound: SETTLE_BOUND,
        })
}

async fn succeeds(place: &Place, args: &[&str]) -> Option<()> {
    let query = place.cmd("kubectl").args(args).arg("--request-timeout=5s");
    let output = query.output().await.ok()?;
    output.status.success().then_some(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use super::*;

    fn inspected(code: i32, stdout: &str) -> Output {
        Output {
            status: ExitStatus::from_raw(code << 8),
            stdout: stdout.to_owned(),
            stderr: String::new(),
        }
    }

    #[test]
    fn the_node_is_what_docker_says() {
        assert_eq!(state(&inspected(0, "running\n")), Node::Running);
        assert_eq!(state(&inspected(0, "exited\n")), Node::Stopped);
        assert_eq!(state(&inspected(1, "\n")), Node::Absent);
    }

    #[test]
    fn a_cluster_of_other_inputs_is_replaced_and_a_dead_one_is_started_first() {
        assert_eq!(decide(Node::Absent, true), Action::Create);
        assert_eq!(decide(Node::Running, false), Action::Replace);
        assert_eq!(decide(Node::Stopped, false), Action::Replace);
        assert_eq!(decide(Node::Stopped, true), Action::Start);
        assert_eq!(decide(Node::Running, true), Action::Check);
    }
}
