//! Who may import what, held by Cargo's own word: the layering of the workspace, the purity of
//! the pure crates, one TLS provider, one runtime, one source of crates.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Every crate, with the crates of this workspace that it may use.
const IMPORTS: &[(&str, &[&str])] = &[
    ("hivewright-api", &[]),
    ("hivewright-core", &["hivewright-api"]),
    // For its tests alone: a pure crate lists nothing else (below).
    ("hivewright-page", &["hivewright-harness"]),
    ("hivewright-telemetry", &[]),
    (
        "hivewright-controller",
        &[
            "hivewright-api",
            "hivewright-core",
            "hivewright-page",
            "hivewright-telemetry",
        ],
    ),
    ("hivewright-bridge", &[]),
    (
        "hivewright-proxy",
        &[
            "hivewright-api",
            "hivewright-bridge",
            "hivewright-page",
            "hivewright-telemetry",
        ],
    ),
    (
        "hivewright-harness",
        &["hivewright-api", "hivewright-bridge"],
    ),
    // Of the telemetry crate: the stand-in for a collector.
    (
        "hivewright-e2e",
        &[
            "hivewright-api",
            "hivewright-harness",
            "hivewright-telemetry",
        ],
    ),
];

/// The pure crates, with all that they may list: types, text, digests and derives.
const PURE: &[(&str, &[&str])] = &[
    (
        "hivewright-api",
        &[
            "k8s-openapi",
            "kube-core",
            "kube-derive",
            "schemars",
            "serde",
            "serde_json",
        ],
    ),
    (
        "hivewright-core",
        &[
            "hivewright-api",
            "jiff",
            "k8s-openapi",
            "kube-core",
            "schemars",
            "serde",
            "serde_json",
            "serde_path_to_error",
            "sha2",
            "thiserror",
        ],
    ),
    ("hivewright-page", &["jiff", "maud", "serde"]),
    (
        "hivewright-bridge",
        &[
            "base64",
            "bytes",
            "hmac",
            "memchr",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
        ],
    ),
];

/// What no pure crate may reach, through whatever it lists: runtimes, clients, HTTP servers, logs.
const IMPURE: &[&str] = &[
    "tokio",
    "mio",
    "hyper",
    "axum",
    "reqwest",
    "kube-client",
    "kube-runtime",
    "tracing",
    "rand",
];

/// What no build may contain; the same in deny.toml, with the reasons.
const BANNED: &[&str] = &[
    "ring",
    "native-tls",
    "openssl",
    "openssl-sys",
    "async-std",
    "smol",
];

fn cargo(words: &[&str]) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let done = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(words)
        .output()
        .expect("cargo can be run");
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "cargo {} failed: {errors}",
        words.join(" ")
    );
    String::from_utf8(done.stdout).expect("cargo writes UTF-8")
}

fn packages() -> Vec<Value> {
    let mut metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version=1", "--locked"]))
            .expect("cargo writes JSON");
    serde_json::from_value(metadata["packages"].take()).expect("packages are a list")
}

/// What a package of the workspace lists. Dev-dependencies only when asked for.
fn listed(package: &Value, dev: bool) -> BTreeSet<&str> {
    let all = package["dependencies"]
        .as_array()
        .expect("dependencies are a list")
        .iter();
    all.filter(|dependency| dev || dependency["kind"] != "dev")
        .map(|dependency| dependency["name"].as_str().expect("a name is text"))
        .collect()
}

fn ours(packages: &[Value]) -> impl Iterator<Item = (&str, &Value)> {
    let ours = packages
        .iter()
        .filter(|package| package["source"].is_null());
    ours.map(|package| (package["name"].as_str().expect("a name is text"), package))
}

/// Names of all crates that a build of `words` contains.
fn built(words: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "--locked", "--prefix=none", "--format={p}"];
    let lines = cargo(&[&tree, words].concat());
    lines
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn crates_of_the_workspace_import_each_other_in_one_direction() {
    let packages = packages();
    let mut known = BTreeSet::new();
    for (name, package) in ours(&packages) {
        known.insert(name);
        let (_, may) = IMPORTS
            .iter()
            .find(|(of, _)| *of == name)
            .unwrap_or_else(|| panic!("{name} is new: give it a line in IMPORTS"));
        let houses = listed(package, true)
            .into_iter()
            .filter(|other| other.starts_with("hivewright-"));
        for other in houses {
            assert!(may.contains(&other), "{name} must not import {other}");
        }
    }
    assert_eq!(
        known.len(),
        IMPORTS.len(),
        "IMPORTS names a crate that is gone"
    );
}

#[test]
fn pure_crates_list_types_text_and_digests_only() {
    let packages = packages();
    for (name, package) in ours(&packages) {
        let Some((_, may)) = PURE.iter().find(|(of, _)| *of == name) else {
            continue;
        };
        for other in listed(package, false) {
            assert!(
                may.contains(&other),
                "{name} is pure and must not list {other}"
            );
        }
    }
}

#[test]
fn pure_crates_reach_no_runtime_no_client_and_no_log() {
    for (name, _) in PURE {
        let reached = built(&["--edges=normal", "--package", name]);
        for other in IMPURE {
            assert!(
                !reached.contains(*other),
                "{name} is pure and must not reach {other}"
            );
        }
    }
}

#[test]
fn no_build_contains_a_banned_crate() {
    let deny =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deny.toml")).unwrap();
    let built = built(&["--workspace", "--all-features", "--target=all"]);
    for name in BANNED {
        assert!(
            !built.contains(*name),
            "{name} is banned; deny.toml says why"
        );
        assert!(
            deny.contains(&format!("crate = \"{name}\"")),
            "deny.toml does not ban {name}"
        );
    }
    let bans =
        deny.matches("reason = \"the runtime").count() + deny.matches("reason = \"TLS is").count();
    assert_eq!(
        bans + 1,
        BANNED.len(),
        "deny.toml bans a crate that BANNED does not"
    );
}

#[test]
fn every_crate_comes_from_this_tree_or_the_one_registry() {
    let registries: BTreeSet<String> = packages()
        .iter()
        .filter_map(|package| package["source"].as_str().map(str::to_owned))
        .collect();
    assert!(
        registries
            .iter()
            .all(|source| source.starts_with("registry+")),
        "{registries:?}"
    );
    assert!(
        registries.len() <= 1,
        "crates come from several registries: {registries:?}"
    );
}

#[test]
fn every_crate_of_the_workspace_inherits_the_lints() {
    let packages = packages();
    for (name, package) in ours(&packages) {
        let manifest = std::fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{name} does not inherit the lints"
        );
    }
}
