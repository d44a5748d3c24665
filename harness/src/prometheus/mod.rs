//! A real Prometheus in the cluster: it scrapes whatever the scenarios run, by the annotations that
//! the chart and the controller set, with the rules of the chart; and a client that asks it.
//!
//! ```text
//!  go.mod ──> prometheus, promtool ──> image ──> registry ─┐
//!  prometheus.yml, the chart's rules ──> ConfigMaps ───────┼──> Deployment in hivewright-monitoring
//!  the operator's module ──> its CRDs ──> API server       │       │ watches pods, scrapes 9464, 9465
//!                                                          │       v
//!  scenarios ──Prometheus (client)──port-forward──────────────> :9090/api/v1
//! ```

#[cfg(feature = "cluster")]
mod answer;
#[cfg(feature = "cluster")]
mod client;
mod crds;
mod image;
mod objects;
mod rules;

use std::io;
use std::time::Duration;

#[cfg(feature = "cluster")]
pub use answer::{
    Alert, AlertState, Exemplar, Exemplars, Group, Health, Labels, Point, Rule, Sample, Series,
    Target,
};
#[cfg(feature = "cluster")]
pub use client::{Prometheus, Window, now};
pub use crds::{MODULE as OPERATOR_MODULE, VERSION as OPERATOR_VERSION};
pub use rules::LABEL as RULES_LABEL;

use crate::command::{Cmd, CommandError};
use crate::place::Place;
use crate::registry::RegistryError;
use crate::stamp::StampError;
use crate::step::{Done, Log, StepFailed, step};
use crate::tools::{self, PROMETHEUS_VERSION, Tool, ToolError};

/// Where it runs.
pub const NAMESPACE: &str = "hivewright-monitoring";

/// Name of its Deployment, its Service, its ServiceAccount, and of its own scrape job.
pub const NAME: &str = "prometheus";

/// Its port, its customary one.
pub const PORT: u16 = 9090;

/// The job that finds pods by their annotations, in `kind/tools/prometheus/prometheus.yml`.
pub const JOB: &str = "kubernetes-pods";

/// Time for the pod to be replaced: it starts in 2 s.
const ROLLOUT: &str = "--timeout=90s";

/// Longer than kubectl waits itself, so that its own message is heard.
const ROLLOUT_BOUND: Duration = Duration::from_secs(100);

/// Why there is no Prometheus.
#[derive(Debug, thiserror::Error)]
pub enum PrometheusError {
    /// It could not be built.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The configuration could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The image could not be put where the node finds it.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The Go module of the operator holds no such definition.
    #[error(
        "the module {} {} holds no definition of {kind}",
        crds::MODULE,
        crds::VERSION
    )]
    NoDefinition {
        /// What was looked for.
        kind: &'static str,
    },
    /// kubectl or go printed something else than JSON.
    #[error("an answer is no JSON")]
    NoJson(#[from] serde_json::Error),
    /// The cache could not be used.
    #[error("the cache could not be used")]
    Cache(#[from] io::Error),
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Makes sure that promtool is in the cache.
///
/// # Errors
/// When the step failed; it has said so.
pub async fn promtool(place: &Place) -> Result<(), StepFailed> {
    step(place, "promtool", async |log: &Log| {
        tools::ensure(place, Tool::Promtool, log).await
    })
    .await
}

/// Makes sure that Prometheus runs in the cluster with the configuration of this tree and the rules of
/// the chart that is installed, and that the API server knows the operator's kinds.
///
/// # Errors
/// When a step failed; it has said so.
pub async fn ensure(place: &Place) -> Result<(), StepFailed> {
    let image = step(place, "prometheus image", async |log: &Log| {
        image::ensure(place, log).await
    })
    .await?;
    step(place, "prometheus", async |log: &Log| {
        run(place, &image, log).await
    })
    .await
}

/// Takes Prometheus off the cluster. The operator's kinds stay: others may have objects of them.
///
/// # Errors
/// When the step failed; it has said so.
pub async fn remove(place: &Place) -> Result<(), StepFailed> {
    step(place, "prometheus removed", async |log: &Log| {
        let rights = format!("{NAMESPACE}-{NAME}");
        for object in [
            ["namespace", NAMESPACE],
            ["clusterrole", &rights],
            ["clusterrolebinding", &rights],
        ] {
            kubectl(place, &["delete", "--ignore-not-found"])
                .args(object)
                .bound(ROLLOUT_BOUND)
                .run(log.file())
                .await?;
        }
        Ok::<_, PrometheusError>(Done::new((), "nothing scrapes any more"))
    })
    .await
}

async fn run(place: &Place, image: &str, log: &Log) -> Result<Done<()>, PrometheusError> {
    crds::ensure(place, log).await?;
    let rules = rules::of_the_chart(place).await?;
    let objects = objects::all(place, image, &rules)?;
    let file = place.cache.join("work/prometheus.json");
    std::fs::create_dir_all(place.cache.join("work"))?;
    std::fs::write(&file, objects.to_string())?;
    let applied = kubectl(place, &APPLY).arg(&file).run(log.file()).await;
    std::fs::remove_file(&file)?;
    applied?;
    let deployment = format!("deployment/{NAME}");
    let wait = ["-n", NAMESPACE, "rollout", "status", &deployment, ROLLOUT];
    kubectl(place, &wait)
        .bound(ROLLOUT_BOUND)
        .run(log.file())
        .await?;
    let note = format!("{PROMETHEUS_VERSION}, {} files of rules", rules.len());
    Ok(Done::new((), note))
}

/// Applies the files that follow.
const APPLY: [&str; 4] = ["apply", "--server-side", "--force-conflicts", "-f"];

fn kubectl(place: &Place, args: &[&str]) -> Cmd {
    place.cmd("kubectl").args(args)
}
