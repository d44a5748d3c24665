//! Everything that a failed scenario's namespace can tell, as files in one folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{access::Cluster, charts, ns::Ns};

/// Lines of log kept of each container: a scenario writes far fewer.
const LOG_LINES: &str = "--tail=2000";

/// Writes what there is and returns the folder. What cannot be read is named in its file: a dump
/// must not hide the error that called for it.
pub async fn namespace(ns: &Ns) -> PathBuf {
    let folder = ns.cluster.place().cache.join("e2e-failures").join(&ns.name);
    if let Err(error) = fs::create_dir_all(&folder) {
        eprintln!("{} could not be made: {error}", folder.display());
        return folder;
    }
    let of = ["-n", ns.name.as_str()];
    for (file, args) in [
        ("mcpservers.yaml", &["get", "mcpservers", "-o", "yaml"][..]),
        ("mcpservers.describe", &["describe", "mcpservers"]),
        (
            "objects.yaml",
            &[
                "get",
                "all,configmap,role,rolebinding,networkpolicy",
                "-o",
                "yaml",
            ],
        ),
        ("pods", &["get", "pods", "-o", "wide"]),
        ("pods.describe", &["describe", "pods"]),
        ("events", &["get", "events", "--sort-by=.lastTimestamp"]),
    ] {
        write(&ns.cluster, &folder.join(file), &[&of[..], args].concat()).await;
    }
    logs(&ns.cluster, &folder, &ns.name).await;
    logs(&ns.cluster, &folder, charts::NAMESPACE).await;
    folder
}

async fn logs(cluster: &Cluster, folder: &Path, namespace: &str) {
    let pods = cluster
        .cmd("kubectl")
        .args(["-n", namespace, "get", "pods", "-o", "name"]);
    let Ok(pods) = pods.output().await else {
        return;
    };
    for pod in pods.stdout.lines() {
        let name = pod.trim_start_matches("pod/");
        for (suffix, previous) in [
            ("log", "--previous=false"),
            ("previous.log", "--previous=true"),
        ] {
            let args = [
                "-n",
                namespace,
                "logs",
                name,
                "--all-containers",
                LOG_LINES,
                previous,
            ];
            write(cluster, &folder.join(format!("{name}.{suffix}")), &args).await;
        }
    }
}

async fn write(cluster: &Cluster, file: &Path, args: &[&str]) {
    let text = match cluster.cmd("kubectl").args(args).output().await {
        Ok(output) => output.stdout + &output.stderr,
        Err(error) => error.to_string(),
    };
    if let Err(error) = fs::write(file, text) {
        eprintln!("{} could not be written: {error}", file.display());
    }
}
