//! Asks the Prometheus of the cluster, over a port-forward.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{Alert, AlertState, Exemplars, Group, Sample, Series, Target};
use super::{NAME, NAMESPACE, PORT};
use crate::access::Cluster;
use crate::forward::Forward;

/// Time for one answer: a query over everything that a run has left takes less than a second.
const ANSWER: Duration = Duration::from_secs(30);

/// A span of time, and how far apart its points are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Its begin: seconds since 1970.
    pub start: f64,
    /// Its end: seconds since 1970.
    pub end: f64,
    /// Seconds between two points.
    pub step: f64,
}

impl Window {
    /// The time up to now.
    pub fn last(span: Duration, step: Duration) -> Self {
        let end = now();
        Self {
            start: end - span.as_secs_f64(),
            end,
            step: step.as_secs_f64(),
        }
    }
}

/// Seconds since 1970, by this machine's clock, which is the cluster's too.
pub fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

/// A way to Prometheus; ends when dropped.
#[derive(Debug)]
pub struct Prometheus {
    base: String,
    client: reqwest::Client,
    /// What leads to one in a cluster.
    _forward: Option<Forward>,
}

/// The envelope of every answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    status: String,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
}

impl Prometheus {
    /// A way to the one that the harness has put into the cluster.
    ///
    /// # Errors
    /// There is none: `make e2e` and `hivewright-harness world` bring it up.
    pub async fn connect(cluster: &Cluster) -> Result<Self> {
        let forward = Forward::service(cluster.client.clone(), NAMESPACE, NAME, PORT)
            .await
            .context("Prometheus is not in the cluster; run `make e2e`, which brings it up")?;
        let base = forward.url("");
        Self::new(base, Some(forward))
    }

    /// The one at this URL, without a path.
    ///
    /// # Errors
    /// The machine gives no HTTP client.
    pub fn at(url: &str) -> Result<Self> {
        Self::new(url.to_owned(), None)
    }

    fn new(base: String, forward: Option<Forward>) -> Result<Self> {
        let client = reqwest::Client::builder().timeout(ANSWER).build()?;
        Ok(Self {
            base,
            client,
            _forward: forward,
        })
    }

    /// The value of every series of `query` now.
    ///
    /// # Errors
    /// The query is wrong (with Prometheus' own sentence), or gives no vector.
    pub async fn instant(&self, query: &str) -> Result<Vec<Sample>> {
        let data = self.get("query", &[("query", query)]).await?;
        read(&data, "vector", query)
    }

    /// The one value of `query` now; none if it gives no series.
    ///
    /// # Errors
    /// As [`Prometheus::instant`], and if there are several.
    pub async fn value(&self, query: &str) -> Result<Option<f64>> {
        let samples = self.instant(query).await?;
        ensure!(samples.len() < 2, "{query} gives {} series", samples.len());
        Ok(samples.first().map(Sample::value))
    }

    /// The values of every series of `query` in a window.
    ///
    /// # Errors
    /// As [`Prometheus::instant`].
    pub async fn range(&self, query: &str, window: Window) -> Result<Vec<Series>> {
        let [start, end, step] = [window.start, window.end, window.step].map(|s| s.to_string());
        let parameters = [
            ("query", query),
            ("start", &start),
            ("end", &end),
            ("step", &step),
        ];
        let data = self.get("query_range", &parameters).await?;
        read(&data, "matrix", query)
    }

    /// The exemplars of the series that `query` selects, in a window.
    ///
    /// # Errors
    /// As [`Prometheus::instant`].
    pub async fn exemplars(&self, query: &str, window: Window) -> Result<Vec<Exemplars>> {
        let [start, end] = [window.start, window.end].map(|s| s.to_string());
        let parameters = [("query", query), ("start", &start), ("end", &end)];
        Ok(serde_json::from_value(
            self.get("query_exemplars", &parameters).await?,
        )?)
    }

    /// The values that a label has in the series of `selector`.
    ///
    /// # Errors
    /// As [`Prometheus::instant`].
    pub async fn label_values(&self, label: &str, selector: &str) -> Result<Vec<String>> {
        let path = format!("label/{label}/values");
        Ok(serde_json::from_value(
            self.get(&path, &[("match[]", selector)]).await?,
        )?)
    }

    /// Everything that is scraped.
    ///
    /// # Errors
    /// Prometheus does not answer.
    pub async fn targets(&self) -> Result<Vec<Target>> {
        self.list("targets", "activeTargets", &[("state", "active")])
            .await
    }

    /// Every alert that is pending or fires.
    ///
    /// # Errors
    /// Prometheus does not answer.
    pub async fn alerts(&self) -> Result<Vec<Alert>> {
        self.list("alerts", "alerts", &[]).await
    }

    /// The alerts of this name that fire with all these labels.
    ///
    /// # Errors
    /// Prometheus does not answer.
    pub async fn firing(&self, name: &str, labels: &[(&str, &str)]) -> Result<Vec<Alert>> {
        let mut alerts = self.alerts().await?;
        alerts.retain(|alert| {
            alert.state == AlertState::Firing && alert.name() == name && alert.has(labels)
        });
        Ok(alerts)
    }

    /// Every group of rules.
    ///
    /// # Errors
    /// Prometheus does not answer.
    pub async fn rules(&self) -> Result<Vec<Group>> {
        self.list("rules", "groups", &[]).await
    }

    /// Where it is, with a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        field: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Vec<T>> {
        let mut data = self.get(path, parameters).await?;
        serde_json::from_value(data[field].take()).with_context(|| format!("{path}: {field}"))
    }

    async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value> {
        let url = reqwest::Url::parse_with_params(&self.url("/api/v1/"), parameters)?;
        let url = {
            let query = url.query().unwrap_or_default().to_owned();
            let mut url = url.join(path)?;
            url.set_query(Some(&query));
            url
        };
        // A wrong query is an envelope too, with the status 400 or 422.
        let envelope: Envelope = self.client.get(url).send().await?.json().await?;
        ensure!(
            envelope.status == "success",
            "Prometheus refuses {path} {parameters:?}: {}",
            envelope.error
        );
        ensure!(
            envelope.warnings.is_empty(),
            "Prometheus warns of {path} {parameters:?}: {}",
            envelope.warnings.join("; ")
        );
        Ok(envelope.data)
    }
}

/// The result of a query, if it is of the wanted type.
fn read<T: DeserializeOwned>(data: &Value, kind: &str, query: &str) -> Result<Vec<T>> {
    ensure!(
        data["resultType"] == kind,
        "{query} gives a {}, no {kind}",
        data["resultType"]
    );
    Ok(serde_json::from_value(data["result"].clone())?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_window_ends_now() {
        let window = Window::last(Duration::from_mins(1), Duration::from_secs(2));
        assert!((window.end - window.start - 60.0).abs() < 1e-3);
        assert!((window.step - 2.0).abs() < f64::EPSILON);
        assert!((now() - window.end).abs() < 60.0);
    }

    #[test]
    fn a_scalar_is_no_vector() {
        let data = json!({ "resultType": "scalar", "result": [1, "2"] });
        let error = read::<Sample>(&data, "vector", "2").unwrap_err();
        assert_eq!(error.to_string(), "2 gives a \"scalar\", no vector");
    }
}
