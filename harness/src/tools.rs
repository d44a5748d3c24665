//! Pinned tools, built from their Go modules: kind, helm, the registry, the policy agent, kwok,
//! Prometheus, MCP clients and servers, and the one binary with all of Kubernetes in it.

use std::io;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use crate::command::CommandError;
use crate::machine;
use crate::missing;
use crate::place::Place;
use crate::stamp::{Made, Stamp, StampError};
use crate::step::{Done, Log};

/// Kubernetes from a cold cache takes 750 CPU seconds; a single slow core needs half an hour.
const BUILD_BOUND: Duration = Duration::from_hours(1);

/// Changed when the way of building changes, so that everything is built anew.
const RECIPE: &str = "CGO_ENABLED=0 -trimpath -s -w 1";

/// The version of Prometheus that `kind/tools/prometheus/go.mod` pins: its module has 0.316.0 for it.
pub const PROMETHEUS_VERSION: &str = "3.16.0";

/// Of all service discovery only Kubernetes' beside files and HTTP: the clouds' clients are most of
/// the program, and of the time to build it.
const PROMETHEUS_TAGS: &str = "remove_all_sd,enable_kubernetes_sd";

/// A program that is built from a Go module of ours, which pins it and all it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// kind, which makes the cluster.
    Kind,
    /// Helm, which installs the charts.
    Helm,
    /// The image registry beside the cluster.
    Registry,
    /// The agent that enforces NetworkPolicies on nodes of our own making.
    PolicyAgent,
    /// Simulates nodes and pods.
    Kwok,
    /// Prometheus, which scrapes the cluster that the scenarios run on.
    Prometheus,
    /// Checks Prometheus' configuration and rules, and runs the tests of rules.
    Promtool,
    /// MCP clients of Go: the SDK's and mcp-go's, on the tour of `e2e/clients`.
    GoClients,
    /// The everything server of the Go SDK.
    GoSdkServer,
    /// The everything server of mcp-go.
    McpGoServer,
    /// kubelet, kubeadm, kubectl, the control plane, etcd and CoreDNS in one.
    Kube,
}

impl Tool {
    /// The binary's name in the cache.
    pub fn binary(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Helm => "helm",
            Self::Registry => "registry",
            Self::PolicyAgent => "kube-network-policies",
            Self::Kwok => "kwok",
            Self::Prometheus => "prometheus",
            Self::Promtool => "promtool",
            Self::GoClients => "mcp-go-clients",
            Self::GoSdkServer => "mcp-go-sdk-everything",
            Self::McpGoServer => "mcp-go-everything",
            Self::Kube => "kube",
        }
    }

    /// Where its module is in the project.
    fn module(self) -> &'static str {
        match self {
            Self::Kind => "kind/tools/kind",
            Self::Helm => "kind/tools/helm",
            Self::Registry => "kind/tools/registry",
            Self::PolicyAgent => "kind/tools/netpol",
            Self::Kwok => "kind/tools/kwok",
            Self::Prometheus | Self::Promtool => "kind/tools/prometheus",
            Self::GoClients => "e2e/clients/go",
            Self::GoSdkServer | Self::McpGoServer => "e2e/servers/real/go",
            Self::Kube => "kind/node/kube",
        }
    }

    /// The main package, as seen from its module.
    fn package(self) -> &'static str {
        match self {
            Self::Kind => "sigs.k8s.io/kind",
            Self::Helm => "helm.sh/helm/v3/cmd/helm",
            Self::PolicyAgent => {
                "sigs.k8s.io/kube-network-policies/cmd/kube-network-policies/standard"
            }
            Self::Kwok => "sigs.k8s.io/kwok/cmd/kwok",
            Self::Prometheus => "github.com/prometheus/prometheus/cmd/prometheus",
            Self::Promtool => "github.com/prometheus/prometheus/cmd/promtool",
            Self::GoSdkServer => {
                "github.com/modelcontextprotocol/go-sdk/examples/server/everything"
            }
            Self::McpGoServer => "github.com/mark3labs/mcp-go/examples/everything",
            Self::Registry | Self::GoClients | Self::Kube => ".",
        }
    }

    /// Whether another version that is installed already serves as well: only what people use by hand.
    fn may_be_the_machines(self) -> bool {
        match self {
            Self::Kind | Self::Helm => true,
            Self::Registry
            | Self::PolicyAgent
            | Self::Kwok
            | Self::Prometheus
            | Self::Promtool
            | Self::GoClients
            | Self::GoSdkServer
            | Self::McpGoServer
            | Self::Kube => false,
        }
    }

    /// Build tags, separated by commas; none for most.
    fn tags(self) -> &'static str {
        match self {
            Self::Prometheus | Self::Promtool => PROMETHEUS_TAGS,
            Self::Kind
            | Self::Helm
            | Self::Registry
            | Self::PolicyAgent
            | Self::Kwok
            | Self::GoClients
            | Self::GoSdkServer
            | Self::McpGoServer
            | Self::Kube => "",
        }
    }

    /// What tells a program its version at link time, beside [`version_flags`].
    fn version_flag(self) -> String {
        match self {
            Self::Prometheus | Self::Promtool => {
                format!(" -X github.com/prometheus/common/version.Version={PROMETHEUS_VERSION}")
            }
            Self::Kind
            | Self::Helm
            | Self::Registry
            | Self::PolicyAgent
            | Self::Kwok
            | Self::GoClients
            | Self::GoSdkServer
            | Self::McpGoServer
            | Self::Kube => String::new(),
        }
    }

    /// Other names that the binary answers to on the host.
    fn links(self) -> &'static [&'static str] {
        match self {
            Self::Kube => &["kubectl", "kubeadm"],
            Self::Kind
            | Self::Helm
            | Self::Registry
            | Self::PolicyAgent
            | Self::Kwok
            | Self::Prometheus
            | Self::Promtool
            | Self::GoClients
            | Self::GoSdkServer
            | Self::McpGoServer => &[],
        }
    }
}

/// Why a tool is not there.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// Go is missing, and so is the tool.
    #[error("{tool} is not here and cannot be built; {}", missing::advice("go"))]
    NoGo {
        /// The tool's name.
        tool: &'static str,
    },
    /// The build failed.
    #[error("{tool} could not be built")]
    Build {
        /// The tool's name.
        tool: &'static str,
        /// What failed.
        source: CommandError,
    },
    /// Its sources could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The cache could not be written.
    #[error("the cache could not be written")]
    Cache(#[from] io::Error),
}

/// The hash of everything that decides what `tool` is.
///
/// # Errors
/// When the sources cannot be read.
pub fn stamp(place: &Place, tool: Tool) -> Result<String, StampError> {
    let module = place.project.join(tool.module());
    let stamp = Stamp::new().text(RECIPE).text(&version_flags());
    let stamp = match tool.tags() {
        "" => stamp,
        tags => stamp.text(tags),
    };
    Ok(stamp.tree(&module)?.hex())
}

/// Whether `tool` is in the cache in the pinned version.
///
/// # Errors
/// When the sources cannot be read.
pub fn is_current(place: &Place, tool: Tool) -> Result<bool, StampError> {
    Ok(made(place, tool).is_current(&stamp(place, tool)?))
}

fn made(place: &Place, tool: Tool) -> Made {
    Made::new(&place.cache, tool.binary(), place.bin().join(tool.binary()))
}

/// Makes sure that `tool` is in the cache in the pinned version.
///
/// # Errors
/// One sentence that says what is missing, or what failed.
pub async fn ensure(place: &Place, tool: Tool, log: &Log) -> Result<Done<()>, ToolError> {
    let name = tool.binary();
    let binary = place.bin().join(name);
    let made = made(place, tool);
    let stamp = stamp(place, tool)?;
    if made.is_current(&stamp) {
        return Ok(Done::new((), "as pinned"));
    }
    if machine::find(place, "go").is_none() {
        return match machine::find(place, name).filter(|_| tool.may_be_the_machines()) {
            Some(path) => Ok(Done::new((), format!("the machine's {}", path.display()))),
            None => Err(ToolError::NoGo { tool: name }),
        };
    }
    made.begin()?;
    build(place, tool, &binary, log).await?;
    for link in tool.links() {
        let path = place.bin().join(link);
        let _ = std::fs::remove_file(&path);
        symlink(name, path)?;
    }
    made.finish(&stamp)?;
    Ok(Done::new((), "built"))
}

async fn build(place: &Place, tool: Tool, binary: &PathBuf, log: &Log) -> Result<(), ToolError> {
    std::fs::create_dir_all(place.bin())?;
    // Built beside and moved: a running binary cannot be written to, and a half-written one must not be found.
    let fresh = binary.with_extension("new");
    place
        .cmd("go")
        .args(["build", "-trimpath", "-ldflags"])
        .arg(format!("-s -w {}{}", version_flags(), tool.version_flag()))
        .args(["-tags", tool.tags(), "-o"])
        .arg(&fresh)
        .arg(tool.package())
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-mod=readonly")
        .env("GOWORK", "off")
        .current_dir(place.project.join(tool.module()))
        .bound(BUILD_BOUND)
        .run(log.file())
        .await
        .map_err(|source| ToolError::Build {
            tool: tool.binary(),
            source,
        })?;
    std::fs::rename(&fresh, binary)?;
    Ok(())
}

/// What Kubernetes' own release scripts set at link time; other programs do not have these names.
fn version_flags() -> String {
    let version = crate::node::KUBE_VERSION;
    let base = "k8s.io/component-base/version";
    format!(
        "-X {base}.gitVersion={version} -X {base}.gitMajor=1 -X {base}.gitMinor=34 \
         -X {base}.gitTreeState=clean -X k8s.io/client-go/pkg/version.gitVersion={version}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Place {
        Place {
            project: concat!(env!("CARGO_MANIFEST_DIR"), "/..").into(),
            cache: "/nonexistent".into(),
            cluster: "none".to_owned(),
        }
    }

    #[test]
    fn every_tool_has_a_module_with_checksums() {
        for tool in [
            Tool::Kind,
            Tool::Helm,
            Tool::Registry,
            Tool::PolicyAgent,
            Tool::Kwok,
            Tool::Prometheus,
            Tool::Promtool,
            Tool::GoClients,
            Tool::GoSdkServer,
            Tool::McpGoServer,
            Tool::Kube,
        ] {
            let module = here().project.join(tool.module());
            assert!(
                module.join("go.mod").is_file() && module.join("go.sum").is_file(),
                "{tool:?}"
            );
        }
    }

    #[test]
    fn the_version_of_prometheus_is_the_pinned_one() {
        let module = here().project.join(Tool::Prometheus.module());
        let module = std::fs::read_to_string(module.join("go.mod")).expect("readable");
        let (major, rest) = PROMETHEUS_VERSION.split_once('.').expect("three numbers");
        // Its modules are 0.3MM.P for version 3.M.P.
        let (minor, patch) = rest.split_once('.').expect("three numbers");
        let pinned = format!("github.com/prometheus/prometheus v0.{major}{minor:0>2}.{patch}\n");
        assert!(module.contains(&pinned), "{pinned}");
    }

    #[test]
    fn stamps_tell_tools_apart() {
        let kind = stamp(&here(), Tool::Kind).expect("readable");
        assert_eq!(kind, stamp(&here(), Tool::Kind).expect("readable"));
        assert_ne!(kind, stamp(&here(), Tool::Helm).expect("readable"));
    }

    #[test]
    fn without_go_the_sentence_says_what_to_install() {
        let sentence = ToolError::NoGo { tool: "kind" }.to_string();
        assert!(
            sentence.contains("kind is not here") && sentence.contains("install Go"),
            "{sentence}"
        );
    }
}
