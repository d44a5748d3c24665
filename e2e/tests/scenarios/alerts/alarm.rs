//! Waits for alerts to fire and to end, and tells how long that took.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use hivewright_harness::{
    access::Cluster,
    prometheus::Prometheus,
    rules,
    wait::{Look, until},
};
use tokio::time::Instant;

/// From a fault to its alert: the fault must be found out (a crash loop takes three crashes), scraped
/// and evaluated, on a machine with more to do than it can.
const FIRES: Duration = Duration::from_mins(3);
/// From the repair to the end of the alert: the longest short window is two minutes.
const ENDS: Duration = Duration::from_mins(5);

/// A way to ask for alerts.
pub(super) struct Alarm {
    prometheus: Prometheus,
    /// How long each alert waits as shipped.
    waits: BTreeMap<String, String>,
}

/// Labels that tell one alert from others of its name.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

impl Alarm {
    /// Asks the Prometheus of the cluster.
    pub(super) async fn connect(cluster: &Cluster) -> Result<Self> {
        let shipped = rules::alerts(cluster.place())?.into_iter();
        Ok(Self {
            prometheus: Prometheus::connect(cluster).await?,
            waits: shipped
                .filter_map(|alert| Some((alert.name, alert.wait?)))
                .collect(),
        })
    }

    /// Waits until the alert fires with these labels, and tells how long after the fault that is.
    pub(super) async fn fires(
        &self,
        alert: &str,
        labels: Labels<'_>,
        fault: Instant,
    ) -> Result<()> {
        let what = format!("{alert} {labels:?}");
        until(&what, FIRES, async || {
            let firing = self.prometheus.firing(alert, labels).await?;
            Ok(if firing.is_empty() {
                Look::NotYet("it does not fire".to_owned())
            } else {
                Look::Done(())
            })
        })
        .await?;
        let wait = self.waits.get(alert).map_or("0s", String::as_str);
        println!(
            "{alert}: fires {:.1} s after the fault, with {} for its wait of {wait} as shipped",
            fault.elapsed().as_secs_f64(),
            rules::WAIT,
        );
        Ok(())
    }

    /// Waits until it does so no longer, and tells how long after the repair that is.
    pub(super) async fn ends(
        &self,
        alert: &str,
        labels: Labels<'_>,
        mended: Instant,
    ) -> Result<()> {
        let what = format!("the end of {alert} {labels:?}");
        until(&what, ENDS, async || {
            let firing = self.prometheus.firing(alert, labels).await?;
            Ok(if firing.is_empty() {
                Look::Done(())
            } else {
                Look::NotYet("it fires".to_owned())
            })
        })
        .await?;
        println!(
            "{alert}: over {:.1} s after the repair",
            mended.elapsed().as_secs_f64()
        );
        Ok(())
    }
}
