//! What a fleet of proxies costs the Prometheus that scrapes it, and each proxy: a real Prometheus
//! with hundreds of targets, all of them one proxy that has served a client.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::process::Process;
use crate::{
    images::{self, Binary, OWN},
    mcp::raw::Raw,
    on_node::{self, Usage},
    place::Place,
    prometheus::Prometheus,
    step::{Log, step},
    tools::{self, Tool},
    wait::{Look, until},
};

/// Ports on loopback, beside those of the control plane.
const DOORS: u16 = 18080;
const ADMIN: u16 = 19464;
const PROMETHEUS: u16 = 19090;
/// Seconds between two scrapes of one target, as in Prometheus' own example.
const INTERVAL: u64 = 15;
/// How long is measured once every target was scraped.
const MEASURED: Duration = Duration::from_secs(ROUNDS * INTERVAL);
/// Scrapes of each target in that time.
const ROUNDS: u64 = 4;
/// Time for every target to be scraped once.
const ROUND: Duration = Duration::from_mins(2);
/// Calls that the proxy has served before, so that it has the series of one that works.
const CALLS: i64 = 100;

/// What a fleet costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fleet {
    /// Proxies.
    pub targets: usize,
    /// Samples of one scrape.
    pub samples: f64,
    /// Size of one scrape, not compressed.
    pub kib: f64,
    /// The middle one of the times of a scrape, in milliseconds.
    pub middle_ms: f64,
    /// The longest of these, in milliseconds.
    pub longest_ms: f64,
    /// CPU time of the proxy for one scrape, in milliseconds.
    pub proxy_cpu_ms: f64,
    /// Share of one processor that Prometheus uses for all of them, in percent.
    pub cpu_percent: f64,
    /// Its resident memory, in MiB.
    pub resident_mib: f64,
    /// Its series.
    pub series: f64,
}

/// Measures a fleet of so many proxies.
///
/// # Errors
/// A program is missing, or not every target is scraped.
pub(super) async fn measure(place: &Place, targets: usize) -> Result<Fleet> {
    let proxy = proxy(place).await?;
    serve_a_client().await?;
    let prometheus = prometheus(place, targets).await?;
    let ask = Prometheus::at(&format!("http://127.0.0.1:{PROMETHEUS}"))?;
    until("every target up", ROUND, async || {
        let up = ask.value("sum(up{job=\"proxies\"})").await?;
        #[expect(clippy::cast_precision_loss, reason = "there are hundreds")]
        let all = up.is_some_and(|up| up >= targets as f64);
        Ok(if all {
            Look::Done(())
        } else {
            Look::not_yet(up)
        })
    })
    .await?;
    let before = (used(&proxy)?, used(&prometheus)?);
    sleep(MEASURED).await;
    let after = (used(&proxy)?, used(&prometheus)?);
    #[expect(clippy::cast_precision_loss, reason = "there are hundreds")]
    let scrapes = targets as f64 * ROUNDS as f64;
    let figure = async |query: &str| -> Result<f64> {
        let value = ask.value(query).await?;
        value.with_context(|| format!("{query} gives nothing"))
    };
    Ok(Fleet {
        targets,
        samples: figure("avg(scrape_samples_scraped{job=\"proxies\"})").await?,
        kib: figure("avg(scrape_body_size_bytes{job=\"proxies\"}) / 1024").await?,
        middle_ms: figure("quantile(0.5, scrape_duration_seconds{job=\"proxies\"}) * 1000").await?,
        longest_ms: figure("max(scrape_duration_seconds{job=\"proxies\"}) * 1000").await?,
        proxy_cpu_ms: 1000.0 * (after.0.cpu_seconds - before.0.cpu_seconds) / scrapes,
        cpu_percent: 100.0 * (after.1.cpu_seconds - before.1.cpu_seconds) / MEASURED.as_secs_f64(),
        resident_mib: after.1.resident_mib,
        series: figure("prometheus_tsdb_head_series").await?,
    })
}

/// CPU time and memory so far, from the kernel.
fn used(process: &Process) -> Result<Usage> {
    let folder = PathBuf::from(format!("/proc/{}", process.id()?));
    let text = ["stat", "status"].map(|file| fs::read_to_string(folder.join(file)));
    let [stat, status] = text;
    on_node::usage(&(stat? + &status?)).context("the kernel's figures cannot be read")
}

/// The shipped proxy in front of the echo server.
async fn proxy(place: &Place) -> Result<Process> {
    let build = async |binary: Binary<'static>| {
        let work = async |log: &Log| images::executable(place, binary, log).await;
        step(place, binary.bin, work).await
    };
    let (proxy, server) = (build(OWN[1]).await?, build(OWN[2]).await?);
    Process::start(place, "proxy", &proxy, |command| {
        command
            .args(["run", "--live", "never"])
            .args(["--port", &DOORS.to_string()])
            .args(["--admin-port", &ADMIN.to_string()])
            .arg("--")
            .arg(server);
    })
}

async fn serve_a_client() -> Result<()> {
    let raw = Raw::new(&format!("http://127.0.0.1:{DOORS}"))?;
    let session = until("the proxy serves", ROUND, async || {
        Ok(Look::Done(raw.open("scale").await?))
    })
    .await?;
    for id in 0..CALLS {
        session.text(id, "echo", json!({ "text": "x" })).await?;
    }
    session.close().await?;
    Ok(())
}

/// The pinned Prometheus with these targets.
async fn prometheus(place: &Place, targets: usize) -> Result<Process> {
    let work = async |log: &Log| tools::ensure(place, Tool::Prometheus, log).await;
    step(place, "prometheus", work).await?;
    let folder = place.cache.join("work/scale-prometheus");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let file = folder.join("prometheus.yml");
    fs::write(&file, configuration(targets).to_string())?;
    let program = place.bin().join(Tool::Prometheus.binary());
    ensure!(program.is_file(), "{} is missing", program.display());
    Process::start(place, "prometheus", &program, |command| {
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.join("data").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{PROMETHEUS}"))
            .arg("--enable-feature=extra-scrape-metrics,exemplar-storage");
    })
}

/// One address under many names: labels alone make targets of their own.
fn configuration(targets: usize) -> Value {
    let address = format!("127.0.0.1:{ADMIN}");
    let target = |number: usize| {
        json!({
            "targets": [address],
            "labels": { "hivewright_dev_mcpserver": format!("server-{number}") },
        })
    };
    let all: Vec<Value> = (0..targets).map(target).collect();
    json!({
        "global": { "scrape_interval": format!("{INTERVAL}s") },
        "scrape_configs": [
            { "job_name": "prometheus",
              "static_configs": [{ "targets": [format!("127.0.0.1:{PROMETHEUS}")] }] },
            { "job_name": "proxies", "static_configs": all },
        ],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_target_has_labels_of_its_own() {
        let configuration = configuration(500);
        let jobs = &configuration["scrape_configs"];
        let targets = jobs[1]["static_configs"].as_array().expect("a list");
        let labels: BTreeSet<String> = targets.iter().map(|t| t["labels"].to_string()).collect();
        assert_eq!(labels.len(), 500);
    }
}
