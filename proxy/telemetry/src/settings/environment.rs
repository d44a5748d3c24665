//! Variables of the environment that are not about one target.

use std::time::Duration;

use super::{Choice, Identity, Problem, pairs};
use crate::{counts::Signal, sampling::Sampler};

/// Time between two exports of metrics unless `OTEL_METRIC_EXPORT_INTERVAL` says otherwise: its
/// default.
const INTERVAL: Duration = Duration::from_mins(1);
/// Shortest one: each export reads every family.
const SHORTEST: Duration = Duration::from_secs(1);

/// The environment. A variable that is empty counts as absent, as the specification has it.
pub(super) struct Environment<'a>(pub(super) &'a dyn Fn(&'static str) -> Option<String>);

impl Environment<'_> {
    pub(super) fn get(&self, name: &'static str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The first of these that is set, with its name.
    pub(super) fn first(&self, names: [&'static str; 2]) -> Option<(&'static str, String)> {
        names
            .into_iter()
            .find_map(|name| Some((name, self.get(name)?)))
    }

    /// Whether a signal is exported, if there is somewhere to export it to.
    pub(super) fn exports(&self, choice: &Choice, signal: Signal) -> Result<bool, Problem> {
        if self
            .get("OTEL_SDK_DISABLED")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        {
            return Ok(false);
        }
        let (chosen, name) = match signal {
            Signal::Traces => (choice.traces, "OTEL_TRACES_EXPORTER"),
            Signal::Logs => (choice.logs, "OTEL_LOGS_EXPORTER"),
            Signal::Metrics => (choice.metrics, "OTEL_METRICS_EXPORTER"),
        };
        if let Some(chosen) = chosen {
            return Ok(chosen);
        }
        match self.get(name).as_deref() {
            None | Some("otlp") => Ok(true),
            // Prometheus may always scrape.
            Some("none" | "prometheus") => Ok(false),
            Some(other) => Err(Problem::Value {
                name,
                value: other.to_owned(),
                expected: "otlp or none",
            }),
        }
    }

    /// `service.*` first, then what the environment says, then what the program knows.
    pub(super) fn resource(
        &self,
        choice: &Choice,
        identity: Identity,
    ) -> Result<Vec<(String, String)>, Problem> {
        const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
        let given = self.get(ATTRIBUTES).unwrap_or_default();
        let given = pairs::read(&given).ok_or(Problem::Pairs { name: ATTRIBUTES })?;
        let named = choice
            .service
            .clone()
            .or_else(|| self.get("OTEL_SERVICE_NAME"));
        let mut all = Vec::new();
        let mut add = |name: String, value: String| {
            if !value.is_empty() && all.iter().all(|(other, _)| *other != name) {
                all.push((name, value));
            }
        };
        add("service.name".to_owned(), named.unwrap_or_default());
        for (name, value) in given {
            add(name, value);
        }
        add("service.name".to_owned(), identity.service);
        add("service.version".to_owned(), identity.version);
        for (name, value) in identity.attributes {
            add(name, value);
        }
        add("telemetry.sdk.name".to_owned(), "hivewright".to_owned());
        add("telemetry.sdk.language".to_owned(), "rust".to_owned());
        let version = env!("CARGO_PKG_VERSION").to_owned();
        add("telemetry.sdk.version".to_owned(), version);
        Ok(all)
    }

    /// `OTEL_TRACES_SAMPLER` and its argument.
    pub(super) fn sampler(&self) -> Result<Sampler, Problem> {
        const NAME: &str = "OTEL_TRACES_SAMPLER";
        let ratio = || self.ratio("OTEL_TRACES_SAMPLER_ARG");
        Ok(match self.get(NAME).as_deref() {
            None | Some("parentbased_always_on") => Sampler::parent_based(1.0),
            Some("parentbased_always_off") => Sampler::parent_based(0.0),
            Some("parentbased_traceidratio") => Sampler::parent_based(ratio()?),
            Some("always_on") => Sampler::ratio(1.0),
            Some("always_off") => Sampler::ratio(0.0),
            Some("traceidratio") => Sampler::ratio(ratio()?),
            Some(other) => {
                return Err(Problem::Value {
                    name: NAME,
                    value: other.to_owned(),
                    expected: "always_on, always_off or traceidratio, with or without parentbased_ before it",
                });
            }
        })
    }

    fn ratio(&self, name: &'static str) -> Result<f64, Problem> {
        let Some(value) = self.get(name) else {
            return Ok(1.0);
        };
        let ratio = value
            .parse()
            .ok()
            .filter(|ratio| (0.0..=1.0).contains(ratio));
        ratio.ok_or(Problem::Value {
            name,
            value,
            expected: "a number from 0 to 1",
        })
    }

    pub(super) fn interval(&self) -> Result<Duration, Problem> {
        const NAME: &str = "OTEL_METRIC_EXPORT_INTERVAL";
        let interval = self.milliseconds([NAME, NAME])?;
        Ok(interval.unwrap_or(INTERVAL).max(SHORTEST))
    }

    /// A time in milliseconds.
    pub(super) fn milliseconds(
        &self,
        names: [&'static str; 2],
    ) -> Result<Option<Duration>, Problem> {
        let Some((name, value)) = self.first(names) else {
            return Ok(None);
        };
        let milliseconds = value.parse().ok().filter(|number| *number > 0);
        let milliseconds = milliseconds.ok_or(Problem::Value {
            name,
            value,
            expected: "a number of milliseconds",
        })?;
        Ok(Some(Duration::from_millis(milliseconds)))
    }

    /// What was asked for and is not done, though all goes on without.
    pub(super) fn ignored(&self) -> Vec<&'static str> {
        let compression = self.get("OTEL_EXPORTER_OTLP_COMPRESSION");
        let compressed = compression.is_some_and(|value| value != "none");
        let requests =
            compressed.then_some("OTEL_EXPORTER_OTLP_COMPRESSION: requests are sent as they are");
        requests.into_iter().collect()
    }
}
