//! One measurement: a pod that calls, and what the proxy used meanwhile.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, LogParams, PostParams};
use serde::Deserialize;
use serde_json::json;

use super::{PORT, SERVER};
use crate::{
    ns::Ns,
    on_node::Usage,
    packets::restricted,
    wait::{Look, until},
};

/// The image of the load generator.
const LOAD_IMAGE: &str = "hivewright.test/load";
/// Name of its pod.
pub const POD: &str = "load";
/// Seconds before the measured ones, in which connections are opened and caches filled.
const WARM_UP: u32 = 2;
/// Time for the pod to start and end, beside the seconds that it calls.
const START_AND_END: Duration = Duration::from_secs(40);

/// What the load generator prints.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    /// Connections that called at the same time.
    pub connections: u32,
    /// Right answers within the measured time.
    pub calls: u32,
    /// Right answers before it.
    pub warm_up_calls: u32,
    /// Right answers a second.
    pub calls_per_second: f64,
    /// Half of the answers came within this, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 answers came within this, in milliseconds.
    pub p99_ms: f64,
    /// Calls without a right answer.
    pub errors: u64,
    /// What the first of them met.
    pub first_error: Option<String>,
}

/// One measurement.
#[derive(Clone, Debug)]
pub struct Run {
    /// What the load generator saw.
    pub report: Report,
    /// CPU time of the proxy for one call, in microseconds; what it does beside is in it too.
    pub cpu_micros: f64,
    /// Resident memory of the proxy at the end, in MiB.
    pub resident_mib: f64,
}

/// Runs the load pod to its end.
///
/// # Errors
/// The pod did not end in time, or printed no report.
pub async fn run(ns: &Ns, proxy: &str, connections: u32, seconds: u32) -> Result<Run> {
    let before = ns.usage(proxy, names::PROXY_CONTAINER).await?;
    let target = format!("{}:{PORT}", names::proxy_host(SERVER, &ns.name));
    let report = report(ns, &target, connections, seconds).await?;
    let after = ns.usage(proxy, names::PROXY_CONTAINER).await?;
    ensure!(
        report.calls > 0,
        "no call was answered: {:?}",
        report.first_error
    );
    Ok(measured(report, before, after))
}

fn measured(report: Report, before: Usage, after: Usage) -> Run {
    let calls = f64::from(report.calls) + f64::from(report.warm_up_calls);
    let cpu_micros = (after.cpu_seconds - before.cpu_seconds) * 1e6 / calls;
    Run {
        report,
        cpu_micros,
        resident_mib: after.resident_mib,
    }
}

/// Runs the load pod against HOST:PORT to its end and gives what it printed.
///
/// # Errors
/// As [`run`].
pub async fn report(ns: &Ns, target: &str, connections: u32, seconds: u32) -> Result<Report> {
    let pods = ns.cluster.api::<Pod>(&ns.name);
    let pod = pod(ns, target, connections, seconds)?;
    pods.create(&PostParams::default(), &pod).await?;
    let bound = Duration::from_secs(u64::from(WARM_UP + seconds)) + START_AND_END;
    until("the end of the load", bound, async || {
        let phase = pods.get(POD).await?.status.and_then(|status| status.phase);
        Ok(match phase.as_deref() {
            Some("Succeeded" | "Failed") => Look::Done(()),
            other => Look::not_yet(other),
        })
    })
    .await?;
    let log = pods.logs(POD, &LogParams::default()).await?;
    pods.delete(POD, &DeleteParams::default().grace_period(0))
        .await?;
    until("the load pod gone", START_AND_END, async || {
        Ok(pods
            .get_opt(POD)
            .await?
            .map_or(Look::Done(()), |_| Look::not_yet("still there")))
    })
    .await?;
    serde_json::from_str(&log).with_context(|| format!("the load generator said {log}"))
}

fn pod(ns: &Ns, target: &str, connections: u32, seconds: u32) -> Result<Pod> {
    let args = [
        format!("--target={target}"),
        format!("--connections={connections}"),
        format!("--seconds={seconds}"),
        format!("--warm-up={WARM_UP}"),
    ];
    Ok(serde_json::from_value(json!({
        "metadata": { "name": POD },
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": false,
            "securityContext": restricted(),
            "containers": [{
                "name": POD,
                "image": ns.cluster.image(LOAD_IMAGE)?,
                "imagePullPolicy": "IfNotPresent",
                "args": args,
            }],
        },
    }))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_counted_for_the_calls_of_the_warm_up_too() {
        let report = Report {
            connections: 1,
            calls: 900,
            warm_up_calls: 100,
            calls_per_second: 90.0,
            p50_ms: 1.0,
            p99_ms: 2.0,
            errors: 0,
            first_error: None,
        };
        let usage = |cpu_seconds| Usage {
            cpu_seconds,
            resident_mib: 12.0,
        };
        let run = measured(report, usage(1.0), usage(1.5));
        assert!((run.cpu_micros - 500.0).abs() < 1e-6, "{}", run.cpu_micros);
    }
}
