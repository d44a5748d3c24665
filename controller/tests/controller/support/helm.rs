//! Helm, as the tests of the charts use it.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde::Deserialize as _;
use serde_json::Value;

/// The version of Kubernetes that charts are rendered for: helm's own idea of it depends on how it
/// was built.
const KUBE_VERSION: &str = "--kube-version=1.34.0";

/// A chart of this project.
pub(crate) fn chart(name: &str) -> String {
    format!("{}/../charts/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs helm with these words.
pub(crate) fn run(words: &[&str]) -> Output {
    Command::new(tool("helm"))
        .args(words)
        .output()
        .expect("helm can be run")
}

/// A tool of the harness: the one in its cache, or the machine's.
pub(crate) fn tool(name: &str) -> PathBuf {
    let cache = std::env::var_os("HIVEWRIGHT_CACHE").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/hivewright"));
    let ours = cache
        .or(home)
        .map(|cache| cache.join("bin").join(name))
        .filter(|path| path.is_file());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|at| at.join(name))
        .find(|at| at.is_file());
    ours.or(found)
        .unwrap_or_else(|| panic!("{name} is missing: `make check` installs it, or put it on PATH"))
}

/// Renders the operator's chart with these further words.
pub(crate) fn template(words: &[&str]) -> Output {
    let chart = chart("hivewright");
    let fixed = [
        "template",
        "test",
        &chart,
        "--namespace=hivewright",
        KUBE_VERSION,
    ];
    run(&[&fixed, words].concat())
}

/// All objects that the operator's chart renders.
pub(crate) fn all(words: &[&str]) -> Vec<Value> {
    let done = template(words);
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let text = String::from_utf8(done.stdout).unwrap();
    serde_yaml_ng::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).unwrap())
        .filter(|object| !object.is_null())
        .collect()
}

/// Those of one kind.
pub(crate) fn objects(words: &[&str], kind: &str) -> Vec<Value> {
    all(words)
        .into_iter()
        .filter(|object| object["kind"] == kind)
        .collect()
}
