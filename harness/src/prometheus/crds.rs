//! The Prometheus operator's own definitions of the kinds that the chart can make, from its Go module:
//! with them the API server checks a ServiceMonitor, a PodMonitor or a PrometheusRule as it would in
//! a cluster that has the operator.

use std::path::PathBuf;

use serde_json::Value;

use super::{APPLY, PrometheusError, kubectl};
use crate::machine;
use crate::place::Place;
use crate::step::Log;
use crate::tools::ToolError;

/// The operator's Go module.
pub const MODULE: &str = "github.com/prometheus-operator/prometheus-operator";

/// Its version, which `kind/tools/prometheus-operator/go.mod` pins.
pub const VERSION: &str = "v0.85.0";

/// Where the module is pinned, in the project.
const PINNED: &str = "kind/tools/prometheus-operator";

/// Where in the module the definitions are.
const FOLDER: &str = "example/prometheus-operator-crd";

/// The kinds that the chart makes, in the plural, as the definitions' files have them.
const KINDS: [&str; 3] = ["podmonitors", "prometheusrules", "servicemonitors"];

/// Makes sure that the API server knows the kinds.
pub(super) async fn ensure(place: &Place, log: &Log) -> Result<(), PrometheusError> {
    let folder = folder(place, log).await?;
    for kind in KINDS {
        let file = folder.join(format!("monitoring.coreos.com_{kind}.yaml"));
        if !file.is_file() {
            return Err(PrometheusError::NoDefinition { kind });
        }
        kubectl(place, &APPLY).arg(&file).run(log.file()).await?;
    }
    let wait = [
        "wait",
        "--for=condition=Established",
        "--timeout=30s",
        "crd",
    ];
    let names = KINDS.map(|kind| format!("{kind}.monitoring.coreos.com"));
    kubectl(place, &wait).args(names).run(log.file()).await?;
    Ok(())
}

/// The definitions of the pinned module, whose checksum Go compares.
async fn folder(place: &Place, log: &Log) -> Result<PathBuf, PrometheusError> {
    if machine::find(place, "go").is_none() {
        let tool = "the Prometheus operator's module";
        return Err(ToolError::NoGo { tool }.into());
    }
    let download = place
        .cmd("go")
        .args(["mod", "download", "-json", MODULE])
        .env("GOFLAGS", "-mod=readonly")
        .env("GOWORK", "off")
        .current_dir(place.project.join(PINNED));
    let told: Value = serde_json::from_str(&download.logged(log.file()).await?)?;
    let module = told["Dir"].as_str().unwrap_or_default();
    Ok(PathBuf::from(module).join(FOLDER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_pinned_one() {
        let pinned = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
        let module = std::fs::read_to_string(format!("{pinned}{PINNED}/go.mod")).expect("readable");
        assert!(module.contains(&format!("require {MODULE} {VERSION}\n")));
    }
}
