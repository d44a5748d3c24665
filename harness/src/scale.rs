//! What many MCPServers cost the controller, on a control plane without a kubelet.
//!
//! ```text
//!  etcd, API server, controller manager, scheduler   plane      processes of this machine
//!  kwok ── simulated nodes: pods run and end         plane
//!  charts ── CRDs, rights, settings                  plane      as a user installs them
//!  stand-in ── sets scale and readiness gate         stand_in   what 500 proxies would say
//!  hivewright-controller, release build              controller its CPU, memory and requests
//!        create N ──> idle ──> scrape  round, scraped
//!               ──> change N ──> delete N  round     ──> table
//! ```
//!
//! Beside it, without a control plane: a real Prometheus scrapes hundreds of proxies (`fleet`).
//!
//! The controller is the shipped one, as a process of this machine: with the arguments and the
//! rights that the chart gives its pod. Only containers are missing: no image is pulled, no proxy
//! and no server runs.

mod controller;
mod fleet;
mod load;
mod plane;
mod process;
mod round;
mod scraped;
mod stand_in;
pub mod table;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};

use crate::access::use_one_tls_provider;
use crate::place::Place;
use controller::Controller;
pub use fleet::Fleet;
use plane::Plane;
use stand_in::StandIn;

/// The version of kwok that `kind/tools/kwok/go.mod` pins.
pub const KWOK_VERSION: &str = "v0.8.0";

/// Longest idle time of more than one server: enough for CPU a minute; that nothing is written shows
/// in the whole time with one.
const FLEET_IDLE: Duration = Duration::from_mins(2);

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Numbers of MCPServers, each with a controller of its own.
    pub servers: Vec<usize>,
    /// How long one server stays untouched while the controller is watched; several stay so for
    /// `FLEET_IDLE` at most.
    pub idle: Duration,
    /// Requests a second that each controller of Kubernetes' controller manager may make. Its default
    /// is 20, which is what bounds the time for hundreds of servers.
    pub manager_qps: u32,
    /// The controller's program; none: a release build of this tree.
    pub controller: Option<PathBuf>,
    /// Proxies that a Prometheus scrapes; none: that is left out.
    pub fleet: Option<usize>,
}

/// What the controller used for something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cost {
    /// Until the last server was as it should be, or gone.
    pub took: Duration,
    /// CPU time of the controller, up to its rest afterwards.
    pub cpu: Duration,
    /// Requests to the API server by verb, those for the leader's Lease left out.
    pub requests: Vec<(String, f64)>,
}

/// One scrape of the controller's `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scraped {
    /// Its body, not compressed.
    pub bytes: usize,
    /// Its samples: lines that are no comments.
    pub samples: usize,
    /// From the request to the last byte.
    pub took: Duration,
}

/// What one number of servers cost.
#[derive(Clone, Debug)]
pub struct Figures {
    /// How many MCPServers.
    pub servers: usize,
    /// From the first apply until all are Ready.
    pub created: Cost,
    /// The time in which nothing happened.
    pub idle: Cost,
    /// A scrape after that time.
    pub scraped: Scraped,
    /// From the first change of an environment variable until all are Ready with it.
    pub changed: Cost,
    /// From the first deletion until all and their StatefulSets are gone.
    pub deleted: Cost,
    /// Most memory that the controller has had resident, in MiB.
    pub peak_mib: f64,
    /// Resident memory after the idle time, in MiB.
    pub idle_mib: f64,
}

/// Measures all of the plan.
///
/// # Errors
/// A tool is missing, a part of the control plane does not come up, or servers do not become Ready.
pub async fn run(place: &Place, plan: &Plan) -> Result<(Vec<Figures>, Option<Fleet>)> {
    use_one_tls_provider();
    let fleet = match plan.fleet {
        Some(targets) => Some(fleet::measure(place, targets).await?),
        None => None,
    };
    if plan.servers.is_empty() {
        return Ok((Vec::new(), fleet));
    }
    Ok((controllers(place, plan).await?, fleet))
}

/// Brings a control plane up, measures controllers on it, and ends all of it.
async fn controllers(place: &Place, plan: &Plan) -> Result<Vec<Figures>> {
    let bed = Plane::start(place, plan.manager_qps).await?;
    let client = bed.client().await?;
    let stand_in = StandIn::start(client.clone());
    let mut all = Vec::new();
    for servers in &plan.servers {
        let mut controller = Controller::start(&bed, plan.controller.clone()).await?;
        let idle = match servers {
            1 => plan.idle,
            _ => plan.idle.min(FLEET_IDLE),
        };
        let figures = round::run(&client, &controller, *servers, idle)
            .await
            .with_context(|| {
                format!(
                    "with {servers} servers; logs are in {}",
                    place.logs().display()
                )
            })?;
        eprintln!("{}", table::sentence(&figures));
        all.push(figures);
        controller.stop().await?;
    }
    stand_in.stop().await;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_the_version_of_kwok_that_is_built() {
        let module = concat!(env!("CARGO_MANIFEST_DIR"), "/../kind/tools/kwok/go.mod");
        let module = std::fs::read_to_string(module).expect("readable");
        assert!(module.contains(&format!("sigs.k8s.io/kwok {KWOK_VERSION}")));
    }
}
