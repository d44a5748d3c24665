//! Everything that is run, ensured in the cache: what it is made of is in the lock files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::command::CommandError;
use crate::npm::{self, Npm, NpmError};
use crate::place::Place;
use crate::step::Log;
use crate::tools::{self, Tool, ToolError};
use crate::venv::{self, Venv, VenvError};

/// Time for a debug build of the proxy with nothing compiled yet.
const BUILD_BOUND: Duration = Duration::from_mins(20);

const NODE_CLIENTS: Npm = Npm {
    name: "interop-clients",
    folder: "e2e/clients/node",
};

const NODE_SERVERS: Npm = Npm {
    name: "interop-servers",
    folder: "e2e/servers/real/node",
};

/// Version 1 of the Python SDK, and what is built on that.
const PYTHON_V1: Venv = Venv {
    name: "interop-python-v1",
    pins: "e2e/clients/python/v1.txt",
};

/// Version 2 of the Python SDK, and what is built on that.
const PYTHON_V2: Venv = Venv {
    name: "interop-python-v2",
    pins: "e2e/clients/python/v2.txt",
};

/// Why a program is not there.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProgramsError {
    #[error(transparent)]
    Npm(#[from] NpmError),
    #[error(transparent)]
    Venv(#[from] VenvError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error("the clients' scripts could not be copied into the cache")]
    Scripts(#[source] std::io::Error),
    #[error("hivewright-proxy could not be built")]
    Proxy(#[source] CommandError),
}

/// Where everything is.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub(super) place: Place,
    pub(super) proxy: PathBuf,
    pub(super) node: PathBuf,
    node_clients: PathBuf,
    node_servers: PathBuf,
    pub(super) python_v1: PathBuf,
    pub(super) python_v2: PathBuf,
}

/// Makes sure that all is there; the proxy is built unless one is given.
pub(super) async fn ensure(
    place: &Place,
    given: Option<PathBuf>,
    log: &Log,
) -> Result<Programs, ProgramsError> {
    let node = npm::node(place, log).await?;
    let node_clients = npm::ensure(place, &NODE_CLIENTS, log).await?;
    let scripts = place.project.join(NODE_CLIENTS.folder);
    npm::beside(&scripts, &node_clients).map_err(ProgramsError::Scripts)?;
    for tool in [Tool::GoClients, Tool::GoSdkServer, Tool::McpGoServer] {
        tools::ensure(place, tool, log).await?;
    }
    let proxy = match given {
        Some(proxy) => proxy,
        None => build(place, log).await.map_err(ProgramsError::Proxy)?,
    };
    Ok(Programs {
        place: place.clone(),
        proxy,
        node,
        node_clients,
        node_servers: npm::ensure(place, &NODE_SERVERS, log).await?,
        python_v1: venv::ensure(place, &PYTHON_V1).await?,
        python_v2: venv::ensure(place, &PYTHON_V2).await?,
    })
}

async fn build(place: &Place, log: &Log) -> Result<PathBuf, CommandError> {
    let build = ["build", "--locked", "--package", "hivewright-proxy"];
    let cargo = place.cmd("cargo").args(build).bound(BUILD_BOUND);
    cargo.run(log.file()).await?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    Ok(place.project.join(target).join("debug/hivewright-proxy"))
}

impl Programs {
    /// A script of ours for Node's clients.
    pub(super) fn node_script(&self, name: &str) -> PathBuf {
        self.node_clients.join(name)
    }

    /// A script of ours for Python's clients and servers.
    pub(super) fn python_script(&self, name: &str) -> PathBuf {
        self.place.project.join("e2e/clients/python").join(name)
    }

    /// The entry of a server from npm.
    pub(super) fn npm_server(&self, package: &str) -> PathBuf {
        let package = Path::new("node_modules/@modelcontextprotocol").join(package);
        self.node_servers.join(package).join("dist/index.js")
    }

    /// A binary in the cache.
    pub(super) fn tool(&self, tool: Tool) -> PathBuf {
        self.place.bin().join(tool.binary())
    }
}
