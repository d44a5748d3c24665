//! The registry beside the cluster. The node asks it first for every image, whatever registry the
//! name says, so documented manifests run unchanged and `imagePullPolicy: Always` succeeds.
//!
//! ```text
//!  docker push 127.0.0.1:PORT/mcp/fetch --> registry (volume) <-- http -- containerd in the node
//!                                                                          asked for docker.io/mcp/fetch
//! ```

use std::time::Duration;

use crate::cluster::{self, ClusterError};
use crate::command::CommandError;
use crate::docker::{self, Image, docker};
use crate::node::NodeImage;
use crate::place::Place;
use crate::stamp::{Stamp, StampError};
use crate::step::{Done, Log};
use crate::tools::{self, Tool, ToolError};

/// The published image.
const PUBLISHED: &str = "registry:3";

/// The container and its host name on the cluster's network. One serves every cluster of this machine.
const NAME: &str = "hivewright-registry";

/// The Docker network that kind puts its nodes on.
const NETWORK: &str = "kind";

/// Time for a push of a few hundred MB to the same machine.
const PUSH_BOUND: Duration = Duration::from_mins(5);

/// Why there is no registry.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// It could not be built.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The sources could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The port is not published.
    #[error(
        "the container {NAME} publishes no port; delete it with `docker rm -f {NAME}` and run again"
    )]
    NoPort,
    /// The node cannot reach it.
    #[error(
        "the node cannot reach {NAME} on the Docker network {NETWORK}; run `make down` and try again"
    )]
    Unreachable,
    /// The node did not come back from a restart.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Brings up the registry and points the node at it.
///
/// # Errors
/// What failed.
pub async fn ensure(place: &Place, node: &NodeImage, log: &Log) -> Result<Done<()>, RegistryError> {
    let image = image(place, log).await?;
    if !runs(place, &image).await? {
        docker(place, ["rm", "-f", NAME]).run(log.file()).await?;
        let volume = format!("{NAME}:/var/lib/registry");
        let args = [
            "run",
            "-d",
            "--name",
            NAME,
            "--restart",
            "unless-stopped",
            "--network",
            NETWORK,
            "--publish",
            "127.0.0.1::5000",
            "--volume",
            &volume,
            &image,
        ];
        docker(place, args).run(log.file()).await?;
    }
    point_node(place).await?;
    if !node_reaches(place).await? {
        log.note("restarting the node: the engine's name server is lost to it");
        cluster::restart(place, node, log).await?;
        if !node_reaches(place).await? {
            return Err(RegistryError::Unreachable);
        }
    }
    let port = port(place).await?;
    Ok(Done::new((), format!("127.0.0.1:{port}")))
}

/// Puts an image of the engine where the cluster's nodes find it under its own name.
///
/// # Errors
/// When the registry does not run or refuses it.
pub async fn push(place: &Place, image: &str, log: &Log) -> Result<(), RegistryError> {
    push_as(place, image, image, log).await
}

/// Puts an image of the engine where the cluster's nodes find it under the name `known_as`.
///
/// # Errors
/// When the registry does not run or refuses it.
pub async fn push_as(
    place: &Place,
    image: &str,
    known_as: &str,
    log: &Log,
) -> Result<(), RegistryError> {
    let target = format!("127.0.0.1:{}/{}", port(place).await?, path(known_as));
    docker(place, ["tag", image, &target])
        .run(log.file())
        .await?;
    let pushed = docker(place, ["push", "--quiet", &target])
        .bound(PUSH_BOUND)
        .run(log.file())
        .await;
    // The port changes with every start of the registry: a tag with it would be litter.
    docker(place, ["rmi", &target]).run(log.file()).await?;
    Ok(pushed?)
}

/// Removes the container, unless another cluster of this machine still needs it; its images stay in
/// the volume.
///
/// # Errors
/// When the engine fails.
pub async fn delete(place: &Place, log: &Log) -> Result<(), CommandError> {
    // kind labels its nodes so.
    let nodes = [
        "ps",
        "--all",
        "--quiet",
        "--filter",
        "label=io.x-k8s.kind.cluster",
    ];
    if docker(place, nodes).text().await?.is_empty() {
        docker(place, ["rm", "-f", NAME]).run(log.file()).await?;
    }
    Ok(())
}

/// The image's path in a registry: without the registry's own name, with `library/` for the
/// single-component names of Docker Hub, and with a tag.
fn path(image: &str) -> String {
    let mut path = match image.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => {
            let hub = host == "docker.io" && !rest.contains('/');
            if hub {
                format!("library/{rest}")
            } else {
                rest.to_owned()
            }
        }
        Some(_) => image.to_owned(),
        None => format!("library/{image}"),
    };
    if !path
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains(':'))
    {
        path.push_str(":latest");
    }
    path
}

async fn image(place: &Place, log: &Log) -> Result<String, RegistryError> {
    let dir = place.project.join("kind/tools/registry");
    let stamp = Stamp::new()
        .text(&tools::stamp(place, Tool::Registry)?)
        .tree(&dir)?
        .hex();
    let ours = format!("hivewright/registry:{stamp}");
    if docker::image(place, &ours).await? != Image::Absent {
        return Ok(ours);
    }
    if docker::image(place, PUBLISHED).await? != Image::Absent
        || docker::pull(place, PUBLISHED, log).await?
    {
        return Ok(PUBLISHED.to_owned());
    }
    tools::ensure(place, Tool::Registry, log).await?;
    let script = dir.join("image.sh");
    let label = docker::label(&stamp);
    place
        .cmd("bash")
        .arg(script)
        .args([&ours, &label])
        .run(log.file())
        .await?;
    Ok(ours)
}

/// Whether the container runs, from this image, on a network that still exists.
async fn runs(place: &Place, image: &str) -> Result<bool, CommandError> {
    let format = format!(
        "{{{{.State.Running}}}} {{{{.Config.Image}}}} {{{{with index .NetworkSettings.Networks \"{NETWORK}\"}}}}{{{{.NetworkID}}}}{{{{end}}}}"
    );
    let container = docker(place, ["container", "inspect", "-f", &format, NAME])
        .output()
        .await?;
    let network = docker(place, ["network", "inspect", "-f", "{{.Id}}", NETWORK])
        .output()
        .await?;
    Ok(container.stdout.trim() == format!("true {image} {}", network.stdout.trim()))
}

async fn port(place: &Place) -> Result<u16, RegistryError> {
    let published = docker(place, ["port", NAME, "5000/tcp"]).text().await?;
    parse_port(&published).ok_or(RegistryError::NoPort)
}

fn parse_port(published: &str) -> Option<u16> {
    published.lines().next()?.rsplit(':').next()?.parse().ok()
}

/// Names the registry as the mirror of every registry. What it does not have is asked for where the
/// name says, so published images are still pulled where there is a network.
async fn point_node(place: &Place) -> Result<(), CommandError> {
    let hosts =
        format!("[host.\"http://{NAME}:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
    let write = "mkdir -p /etc/containerd/certs.d/_default && printf %s \"$1\" > /etc/containerd/certs.d/_default/hosts.toml";
    docker(
        place,
        ["exec", &place.node(), "sh", "-c", write, "sh", &hosts],
    )
    .text()
    .await?;
    Ok(())
}

/// Whether the registry answers the node under its name. A node whose engine was replaced under it
/// has no name server any more, and would find no image.
async fn node_reaches(place: &Place) -> Result<bool, CommandError> {
    let url = format!("http://{NAME}:5000/v2/");
    let curl = [
        "exec",
        &place.node(),
        "curl",
        "-sf",
        "--retry",
        "5",
        "--retry-delay",
        "1",
    ];
    let curl = docker(place, curl).args(["--retry-all-errors", "-m", "5", "-o", "/dev/null", &url]);
    Ok(curl.output().await?.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_found_under_the_path_that_containerd_asks_for() {
        for (image, expected) in [
            ("docker.io/mcp/fetch", "mcp/fetch:latest"),
            ("mcp/fetch:1", "mcp/fetch:1"),
            ("hivewright-proxy:abc", "library/hivewright-proxy:abc"),
            ("docker.io/busybox", "library/busybox:latest"),
            ("ghcr.io/a/b:2", "a/b:2"),
            ("localhost:5000/x", "x:latest"),
        ] {
            assert_eq!(path(image), expected);
        }
    }

    #[test]
    fn the_port_is_read_from_the_first_binding() {
        assert_eq!(parse_port("127.0.0.1:32768"), Some(32768));
        assert_eq!(parse_port("127.0.0.1:1\n[::1]:2"), Some(1));
        assert_eq!(parse_port(""), None);
    }
}
