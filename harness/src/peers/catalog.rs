//! The bridges: names, pinned versions, command lines.

use std::path::PathBuf;

use super::ensure::Own;
use crate::{npm::Npm, place::Place, venv::Venv};

/// The bridges of npm.
pub(super) const NPM: Npm = Npm {
    name: "bridges",
    folder: "harness/peers/npm",
};

/// A bridge from HTTP to a server's stdin and stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// `hivewright-proxy run`.
    Ours,
    /// The crate `mcp-proxy`, on tower-mcp.
    RustProxy,
    /// The npm package `mcp-proxy`.
    NpmProxy,
    /// `supergateway` with a process a session.
    Supergateway,
    /// The Python package `mcp-proxy`.
    PythonProxy,
    /// `mcpgateway.translate` of the Python package `mcp-contextforge-gateway`.
    ContextForge,
    /// The proxy of the Python package `fastmcp`.
    FastMcp,
}

/// Where a bridge comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// This tree.
    Tree,
    /// A crate of this version.
    Crate,
    /// The packages of [`NPM`].
    Npm,
    /// Pinned Python packages.
    Python(Venv),
}

/// The environment of a Python package, pinned by the file of its name.
macro_rules! python {
    ($name:literal) => {
        Source::Python(Venv {
            name: concat!("bridge-", $name),
            pins: concat!("harness/peers/python/", $name, ".txt"),
        })
    };
}

/// How a bridge is started and spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Program and arguments.
    pub(super) command: Vec<String>,
    /// Path of its endpoint.
    pub(super) path: &'static str,
    /// Name under which it shows the tool `echo`.
    pub(super) tool: &'static str,
}

impl Peer {
    /// Every bridge, ours first, then by the language that they are written in.
    pub const ALL: &[Self] = &[
        Self::Ours,
        Self::RustProxy,
        Self::NpmProxy,
        Self::Supergateway,
        Self::PythonProxy,
        Self::ContextForge,
        Self::FastMcp,
    ];

    /// Its name, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "Hivewright",
            Self::RustProxy => "mcp-proxy (Rust, tower-mcp)",
            Self::NpmProxy => "mcp-proxy (npm)",
            Self::Supergateway => "supergateway --stateful (npm)",
            Self::PythonProxy => "mcp-proxy (PyPI)",
            Self::ContextForge => "ContextForge translate (PyPI)",
            Self::FastMcp => "FastMCP proxy (PyPI)",
        }
    }

    /// The version that is measured.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Ours => env!("CARGO_PKG_VERSION"),
            Self::RustProxy => "0.6.0",
            Self::NpmProxy => "6.7.19",
            Self::Supergateway => "4.0.0",
            Self::PythonProxy => "0.13.0",
            Self::ContextForge => "1.0.7",
            Self::FastMcp => "4.1.2",
        }
    }

    pub(super) const fn source(self) -> Source {
        match self {
            Self::Ours => Source::Tree,
            Self::RustProxy => Source::Crate,
            Self::NpmProxy | Self::Supergateway => Source::Npm,
            Self::PythonProxy => python!("mcp-proxy"),
            Self::ContextForge => python!("mcp-contextforge-gateway"),
            Self::FastMcp => python!("fastmcp"),
        }
    }

    /// Its command, with `HOME`, `PROJECT`, `NODE`, `PROXY`, `SERVER` and `PORT` to be filled in.
    const fn command(self) -> &'static str {
        match self {
            Self::Ours => "PROXY --log=error run --port PORT -- SERVER",
            Self::RustProxy => "HOME/bin/mcp-proxy --config HOME/PORT.toml",
            Self::NpmProxy => {
                "NODE HOME/node_modules/.bin/mcp-proxy --port PORT --host 127.0.0.1 -- SERVER"
            }
            Self::Supergateway => {
                "NODE HOME/node_modules/.bin/supergateway --port PORT --stdio SERVER \
                 --outputTransport streamableHttp --stateful --logLevel none"
            }
            Self::PythonProxy => "HOME/bin/python HOME/bin/mcp-proxy --port PORT -- SERVER",
            Self::ContextForge => {
                "HOME/bin/python -m mcpgateway.translate --stdio SERVER \
                 --expose-streamable-http --port PORT"
            }
            Self::FastMcp => "HOME/bin/python PROJECT/harness/peers/fastmcp_proxy.py PORT SERVER",
        }
    }

    /// How to start it on this port in front of our echo server.
    pub(super) fn line(self, place: &Place, own: &Own, port: u16) -> Line {
        let values = [
            ("HOME", home(place, self.source()).display().to_string()),
            ("PROJECT", place.project.display().to_string()),
            ("NODE", own.node.display().to_string()),
            ("PROXY", own.proxy.display().to_string()),
            ("SERVER", own.echo.display().to_string()),
            ("PORT", port.to_string()),
        ];
        let fill = |word: &str| {
            values.iter().fold(word.to_owned(), |word, (name, value)| {
                word.replace(name, value)
            })
        };
        let (path, tool) = match self {
            Self::RustProxy => ("/", "x/echo"),
            Self::Ours
            | Self::NpmProxy
            | Self::Supergateway
            | Self::PythonProxy
            | Self::ContextForge
            | Self::FastMcp => ("/mcp", "echo"),
        };
        Line {
            command: self.command().split_whitespace().map(fill).collect(),
            path,
            tool,
        }
    }
}

/// The directory of the cache that a source is installed into.
pub(super) fn home(place: &Place, source: Source) -> PathBuf {
    match source {
        Source::Tree => place.cache.clone(),
        Source::Crate => place.cache.join("bridge-rust"),
        Source::Npm => place.cache.join("npm").join(NPM.name),
        Source::Python(venv) => place.cache.join(venv.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pins_are_the_versions_that_the_page_names() {
        let project = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let read =
            |file: &str| std::fs::read_to_string(format!("{project}/{file}")).expect("readable");
        for peer in Peer::ALL {
            let pinned = match peer.source() {
                Source::Tree | Source::Crate => continue,
                Source::Npm => read(&format!("{}/package.json", NPM.folder))
                    .contains(&format!("\": \"{}\"", peer.version())),
                Source::Python(venv) => {
                    let name = venv
                        .name
                        .strip_prefix("bridge-")
                        .expect("named by its package");
                    read(venv.pins).contains(&format!("\n{name}=={}\n", peer.version()))
                }
            };
            assert!(pinned, "{peer:?}");
        }
    }
}
