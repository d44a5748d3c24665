//! The charts on the cluster, as a user installs them: CRDs first, then the operator.

use std::time::Duration;

use crate::command::CommandError;
use crate::images::{OWN, Record, WORLD};
use crate::outside::COLLECTOR;
use crate::place::Place;
use crate::rules;
use crate::step::{Done, Log};

/// The namespace of the operator.
pub const NAMESPACE: &str = "hivewright-system";

/// The Helm release of the operator.
pub const RELEASE: &str = "hivewright";

/// Time that Helm waits for the controller to be ready.
const READY: &str = "120s";

/// Time for one Helm run: longer than it waits itself, so that its own message is heard.
const HELM_BOUND: Duration = Duration::from_mins(3);

/// Installs or upgrades both charts with the images that were just built.
///
/// # Errors
/// When Helm fails; its sentence is in the log.
pub async fn install(place: &Place, images: &Record, log: &Log) -> Result<Done<()>, CommandError> {
    let charts = place.project.join("charts");
    let upgrade = [
        "upgrade",
        "--install",
        "--create-namespace",
        "--namespace",
        NAMESPACE,
    ];
    let helm = || {
        place
            .cmd("helm")
            .args(upgrade)
            .args(["--wait", "--timeout", READY])
            .bound(HELM_BOUND)
    };
    // The CRDs outlive their release (resource-policy keep): one that another release left is taken over.
    let crds = helm()
        .arg("--take-ownership")
        .arg("hivewright-crds")
        .arg(charts.join("hivewright-crds"));
    crds.run(log.file()).await?;
    let rules = rules::values(place).map_err(|source| CommandError::Io {
        program: "helm".to_owned(),
        source,
    })?;
    helm()
        .arg(RELEASE)
        .arg(charts.join("hivewright"))
        .args(values(images))
        .args(rules)
        .run(log.file())
        .await?;
    Ok(Done::new(
        (),
        format!("release {RELEASE} in namespace {NAMESPACE}"),
    ))
}

/// `--set` arguments that pin the tags of what was built; the repositories are the chart's own.
fn values(images: &Record) -> Vec<String> {
    let mut values = Vec::new();
    for (key, binary) in ["controller", "proxy"].iter().zip(&OWN) {
        if let Some(tag) = images.tag(binary.image) {
            // --set-string: a tag of digits alone is no number.
            values.push("--set-string".to_owned());
            values.push(format!("{key}.image.tag={tag}"));
        }
    }
    // Where there is an outside world there is a collector, and scenarios look at what it got.
    if images.get(WORLD).is_some() {
        values.push("--set".to_owned());
        values.push(format!("telemetry.otlp.endpoint={COLLECTOR},telemetry.otlp.logs=true,telemetry.otlp.metrics=true"));
        // A minute is long for a scenario. A variable is text.
        values.push("--set-string".to_owned());
        values.push("telemetry.env.OTEL_METRIC_EXPORT_INTERVAL=5000".to_owned());
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_of_this_build_are_set_as_strings() {
        let mut images = Record::default();
        images.insert("ghcr.io/hivewright/controller:0123".to_owned());
        images.insert("ghcr.io/hivewright/proxy:4567".to_owned());
        let expected = [
            "--set-string",
            "controller.image.tag=0123",
            "--set-string",
            "proxy.image.tag=4567",
        ];
        assert_eq!(values(&images), expected);
    }
}
