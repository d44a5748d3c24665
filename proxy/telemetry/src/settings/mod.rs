//! What is exported, where to, and as whom.
//!
//! ```text
//!  Choice (what the program was configured with) ──┐
//!  OTEL_* (the environment)  ──────────────────────┼──> Settings ──> Telemetry::start
//!  Identity (who the process is) ──────────────────┘
//! ```
//!
//! The names and meanings of the variables are those of the OpenTelemetry specification, pages
//! "General SDK configuration" and "OTLP exporter configuration".

mod environment;
mod pairs;
mod target;

use std::time::Duration;

use crate::{counts::Signal, sampling::Sampler};

use environment::Environment;
pub use target::Target;

/// Why telemetry cannot be set up. Says what to change.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Problem {
    /// No URL.
    #[error("{name} is no address; write http://HOST:PORT or https://HOST:PORT")]
    Endpoint {
        /// The setting.
        name: &'static str,
    },
    /// OTLP that is not spoken here.
    #[error(
        "{name} asks for {value}; only http/protobuf is spoken, at port 4318 of most collectors"
    )]
    Protocol {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// No header.
    #[error(
        "{name} does not parse; write NAME=VALUE, separated by commas, with % before what is not plain"
    )]
    Pairs {
        /// The setting.
        name: &'static str,
    },
    /// No number, or not one that can be used.
    #[error("{name} is {value}; write {expected}")]
    Value {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What can be written.
        expected: &'static str,
    },
}

/// What a program was configured with by its own means. What it leaves open the environment says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// Address of the collector: a URL, or HOST:PORT.
    pub endpoint: Option<String>,
    /// For HOST:PORT: without TLS.
    pub insecure: bool,
    /// Headers of each request, each NAME=VALUE.
    pub headers: Vec<String>,
    /// Value of `service.name`.
    pub service: Option<String>,
    /// Whether spans are exported.
    pub traces: Option<bool>,
    /// Whether log records are exported.
    pub logs: Option<bool>,
    /// Whether metrics are exported.
    pub metrics: Option<bool>,
    /// Which traces are recorded.
    pub sampler: Option<Sampler>,
}

/// Who the process is: attributes of its resource, weaker than what the environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Value of `service.name` unless somebody says otherwise.
    pub service: String,
    /// Value of `service.version`.
    pub version: String,
    /// Other attributes, such as `k8s.pod.name`.
    pub attributes: Vec<(String, String)>,
}

/// Where one signal goes; none of them: nothing is exported.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Attributes of the resource, `service.name` among them.
    pub resource: Vec<(String, String)>,
    /// Where spans go.
    pub traces: Option<Target>,
    /// Where log records go.
    pub logs: Option<Target>,
    /// Where metrics go.
    pub metrics: Option<Target>,
    /// Which traces are recorded.
    pub sampler: Sampler,
    /// Time between two exports of metrics.
    pub interval: Duration,
    /// Settings that were given and are not followed, with why, for the log.
    pub ignored: Vec<&'static str>,
}

impl Settings {
    /// Settings of this process, of its environment.
    ///
    /// # Errors
    /// [`Problem`] when something that was set cannot be used.
    pub fn from_env(choice: &Choice, identity: Identity) -> Result<Self, Problem> {
        Self::new(choice, identity, &|name| std::env::var(name).ok())
    }

    /// Settings with an environment of one's own.
    ///
    /// # Errors
    /// [`Problem`] when something that was set cannot be used.
    pub fn new(
        choice: &Choice,
        identity: Identity,
        variables: &dyn Fn(&'static str) -> Option<String>,
    ) -> Result<Self, Problem> {
        let environment = Environment(variables);
        let on = |signal| environment.exports(choice, signal);
        let target = |signal| {
            if on(signal)? {
                target::of(choice, &environment, signal)
            } else {
                Ok(None)
            }
        };
        Ok(Self {
            resource: environment.resource(choice, identity)?,
            traces: target(Signal::Traces)?,
            logs: target(Signal::Logs)?,
            metrics: target(Signal::Metrics)?,
            sampler: match choice.sampler {
                Some(sampler) => sampler,
                None => environment.sampler()?,
            },
            interval: environment.interval()?,
            ignored: environment.ignored(),
        })
    }

    /// Whether anything is exported.
    pub const fn exports(&self) -> bool {
        self.traces.is_some() || self.logs.is_some() || self.metrics.is_some()
    }
}

#[cfg(test)]
mod tests;
