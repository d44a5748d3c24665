//! The controller under measurement: the shipped program with the arguments and the rights of its
//! pod, as a process whose figures the kernel gives.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::PodSpec};
use kube::Api;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{plane::Plane, process::Process};
use crate::{
    charts,
    images::{self, OWN},
    scrape::Scrape,
    step::{Log, step},
    wait::{Look, until},
};

/// Port of its /metrics, beside the one that a controller in a pod would have.
const ADMIN_PORT: u16 = 19465;
/// Time for it to lead: a Lease of a controller that ended in good order is free at once.
const LEADS: Duration = Duration::from_mins(1);
/// It rests when it uses less CPU time than [`RESTING`] within this.
const LOOK: Duration = Duration::from_secs(2);
/// An idle minute of a controller that is as it should be is ten times that.
const RESTING: Duration = Duration::from_millis(5);
/// It has to come to rest within this.
const REST: Duration = Duration::from_mins(2);
/// Verbs that change something.
pub(super) const WRITES: [&str; 4] = ["create", "patch", "update", "delete"];

/// A controller that leads.
#[derive(Debug)]
pub(super) struct Controller {
    process: Process,
}

impl Controller {
    /// Starts it; without a program, the one that is built here as for its image.
    pub(super) async fn start(plane: &Plane, program: Option<PathBuf>) -> Result<Self> {
        let program = if let Some(program) = program {
            program
        } else {
            let build = async |log: &Log| images::executable(&plane.place, OWN[0], log).await;
            step(&plane.place, "controller", build).await?
        };
        let pod = pod(plane).await?;
        let account = pod
            .service_account_name
            .context("the chart names a ServiceAccount")?;
        let kubeconfig = identity(plane, &account).await?;
        let container = pod.containers.into_iter().next();
        let args = container.and_then(|container| container.args);
        let journal = plane.file("journal.db");
        let args = args.unwrap_or_default();
        let args = args.into_iter().map(|arg| told(arg, &journal));
        let process = Process::start(&plane.place, "controller", &program, |command| {
            command
                .args(args)
                .arg(format!("--admin-port={ADMIN_PORT}"))
                .env("KUBECONFIG", kubeconfig)
                .env("POD_NAME", "scale");
        })?;
        until("the controller leads", LEADS, async || {
            let scrape = scrape().await?;
            Ok(if scrape.sum("hivewright_controller_leader", &[]) > 0.0 {
                Look::Done(())
            } else {
                Look::not_yet("standing by")
            })
        })
        .await?;
        Ok(Self { process })
    }

    /// Ends it, so that its Lease is free.
    pub(super) async fn stop(&mut self) -> Result<()> {
        self.process.stop().await
    }

    /// CPU time that its threads have used.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id()?))?;
        let mut nanos = 0;
        for task in tasks {
            // A thread that ends meanwhile takes its time along; the runtime's threads stay.
            let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            nanos += on_cpu(&text).unwrap_or_default();
        }
        ensure!(nanos > 0, "the kernel keeps no schedstat of the controller");
        Ok(Duration::from_nanos(nanos))
    }

    /// Resident memory now and at most so far, in MiB.
    pub(super) fn memory(&self) -> Result<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()?))?;
        let of = |key| mib(&status, key).with_context(|| format!("the kernel gives no {key}"));
        Ok((of("VmRSS:")?, of("VmHWM:")?))
    }

    /// Waits until it has nothing more to do.
    pub(super) async fn rest(&self) -> Result<()> {
        let begin = Instant::now();
        let mut before = self.cpu()?;
        loop {
            sleep(LOOK).await;
            let now = self.cpu()?;
            if now.saturating_sub(before) < RESTING {
                return Ok(());
            }
            ensure!(
                begin.elapsed() < REST,
                "the controller does not come to rest"
            );
            before = now;
        }
    }
}

/// Nobody is at the addresses of simulated pods: whether policies are enforced is told instead of
/// found out, and no packet leaves this machine for them. The journal is a file of the plane's, where
/// a pod has a volume.
fn told(arg: String, journal: &Path) -> String {
    if arg.starts_with("--network-policy=") {
        return "--network-policy=enforced".to_owned();
    }
    if arg.starts_with("--journal=") {
        return format!("--journal={}", journal.display());
    }
    arg
}

/// Requests so far by verb, without those for the Lease.
pub(super) async fn requests() -> Result<BTreeMap<String, f64>> {
    let mut sums = BTreeMap::new();
    for sample in scrape().await?.0 {
        let label = |key: &str| sample.labels.get(key).map_or("", String::as_str);
        if sample.name == "hivewright_controller_api_requests_total"
            && label("resource") != "leases"
        {
            *sums.entry(label("verb").to_owned()).or_default() += sample.value;
        }
    }
    Ok(sums)
}

async fn scrape() -> Result<Scrape> {
    Scrape::get(&metrics_url()).await
}

/// Where it is scraped.
pub(super) fn metrics_url() -> String {
    format!("http://127.0.0.1:{ADMIN_PORT}/metrics")
}

/// The pod that the chart makes.
async fn pod(plane: &Plane) -> Result<PodSpec> {
    let api = Api::<Deployment>::namespaced(plane.client().await?, charts::NAMESPACE);
    let spec = api.get(charts::RELEASE).await?.spec;
    let pod = spec.and_then(|spec| spec.template.spec);
    pod.context("the chart's Deployment has a pod template")
}

/// A kubeconfig that acts as the chart's ServiceAccount: with its rights, and without the
/// privileges of administrators in the API server's queues.
async fn identity(plane: &Plane, account: &str) -> Result<PathBuf> {
    let view = ["config", "view", "--raw", "--output=json"];
    let text = plane.place.cmd("kubectl").args(view).text().await?;
    let mut kubeconfig: Value = serde_json::from_str(&text)?;
    kubeconfig["users"][0]["user"]["as"] =
        format!("system:serviceaccount:{}:{account}", charts::NAMESPACE).into();
    let path = plane.file("controller.json");
    fs::write(&path, kubeconfig.to_string())?;
    Ok(path)
}

/// The first field of `schedstat`: nanoseconds on a processor (the kernel's sched-stats document).
fn on_cpu(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().next()?.parse().ok()
}

fn mib(status: &str, key: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_pod_has_and_a_process_has_not_is_told_otherwise() {
        let told = |arg: &str| told(arg.to_owned(), Path::new("/plane/journal.db"));
        assert_eq!(told("--network-policy=auto"), "--network-policy=enforced");
        assert_eq!(told("--journal=/pod/x.db"), "--journal=/plane/journal.db");
        for kept in ["--journal-max-age=30d", "--leader-elect"] {
            assert_eq!(told(kept), kept);
        }
    }

    #[test]
    fn the_kernels_figures_are_read() {
        assert_eq!(on_cpu("124875373 54984102 1455\n"), Some(124_875_373));
        assert_eq!(on_cpu(""), None);
        let status = "Name:\tx\nVmHWM:\t    4096 kB\nVmRSS:\t    2048 kB\n";
        assert_eq!(mib(status, "VmRSS:"), Some(2.0));
        assert_eq!(mib(status, "VmHWM:"), Some(4.0));
        assert_eq!(mib(status, "None:"), None);
    }
}
