//! Where things are: the project's tree, and the cache that holds everything generated.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::command::Cmd;

/// The directory for everything this harness makes: `HIVEWRIGHT_CACHE`, else `hivewright` under
/// `XDG_CACHE_HOME`, else under `~/.cache`.
pub const CACHE_VARIABLE: &str = "HIVEWRIGHT_CACHE";

/// The cluster's name unless `HIVEWRIGHT_CLUSTER` says otherwise.
pub const DEFAULT_CLUSTER: &str = "hivewright";

/// The project's tree, its cache and the cluster's name: what every step needs to know.
#[derive(Debug, Clone)]
pub struct Place {
    /// The root of the project's tree.
    pub project: PathBuf,
    /// Everything generated lives here, nothing of it in the tree.
    pub cache: PathBuf,
    /// The kind cluster's name.
    pub cluster: String,
}

impl Place {
    /// Reads the environment. `None` if there is neither a cache variable nor a home directory.
    pub fn from_env() -> Option<Self> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()?
            .to_path_buf();
        let cluster = std::env::var("HIVEWRIGHT_CLUSTER")
            .ok()
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| DEFAULT_CLUSTER.to_owned());
        let cache = cache_dir(&|name| std::env::var_os(name).filter(|value| !value.is_empty()))?;
        Some(Self {
            project,
            cache,
            cluster,
        })
    }

    /// Our own tools: kind, helm, kubectl, a Docker engine.
    pub fn bin(&self) -> PathBuf {
        self.cache.join("bin")
    }

    /// One log file a step.
    pub fn logs(&self) -> PathBuf {
        self.cache.join("logs")
    }

    /// The cluster's own kubeconfig: the user's is never touched.
    pub fn kubeconfig(&self) -> PathBuf {
        self.cache.join(format!("kubeconfig-{}", self.cluster))
    }

    /// The name of the only node's container.
    pub fn node(&self) -> String {
        format!("{}-control-plane", self.cluster)
    }

    /// A command that finds our tools first, then the machine's, and talks to our cluster.
    pub fn cmd(&self, program: &str) -> Cmd {
        let mut path = OsString::from(self.bin());
        if let Some(inherited) = std::env::var_os("PATH") {
            path.push(":");
            path.push(inherited);
        }
        Cmd::new(program)
            .env("PATH", path)
            .env(CACHE_VARIABLE, &self.cache)
            .env("KUBECONFIG", self.kubeconfig())
            .current_dir(&self.project)
    }
}

fn cache_dir(var: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(dir) = var(CACHE_VARIABLE) {
        return Some(PathBuf::from(dir));
    }
    let base = var("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| var("HOME").map(|home| Path::new(&home).join(".cache")))?;
    Some(base.join("hivewright"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(pairs: &[(&str, &str)], name: &str) -> Option<OsString> {
        let found = pairs.iter().find(|(key, _)| *key == name)?;
        Some(OsString::from(found.1))
    }

    #[test]
    fn the_cache_variable_wins_over_xdg_and_home() {
        let pairs = [
            ("HIVEWRIGHT_CACHE", "/a"),
            ("XDG_CACHE_HOME", "/b"),
            ("HOME", "/c"),
        ];
        let dir = |n: usize| cache_dir(&|name| lookup(&pairs[n..], name));
        assert_eq!(dir(0), Some(PathBuf::from("/a")));
        assert_eq!(dir(1), Some(PathBuf::from("/b/hivewright")));
        assert_eq!(dir(2), Some(PathBuf::from("/c/.cache/hivewright")));
        assert_eq!(dir(3), None);
    }
}
