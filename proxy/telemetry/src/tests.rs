//! Against a collector on the loopback address.

mod arrives;
mod lines;
mod loss;

use std::time::Duration;

use prometheus::{Registry, TextEncoder};
use tokio::time::timeout;

use crate::{
    Choice, Context, Counts, Exemplars, Identity, Process, Running, Sampler, Settings, Source,
    Telemetry,
    collector::{Collector, Got},
};

/// Longest that anything on the loopback address may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process, and the collector that it tells.
struct Scene {
    collector: Collector,
    registry: Registry,
    exemplars: Exemplars,
    telemetry: Telemetry,
    running: Running,
}

impl Scene {
    /// Everything goes to a collector.
    async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The same, with more variables in the environment.
    async fn with(variables: &[(&'static str, &str)]) -> Self {
        let collector = Collector::default();
        let (at, _) = collector.open().await.unwrap();
        let endpoint = format!("http://{at}");
        let variable = |name| {
            let own = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint)];
            let mut given = own.iter().chain(variables);
            let found = given.find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let identity = Identity {
            service: "tested".to_owned(),
            ..Identity::default()
        };
        let settings = Settings::new(&Choice::default(), identity, &variable).unwrap();
        let (registry, exemplars) = (Registry::new(), Exemplars::default());
        let gathered = registry.clone();
        let process = Process {
            counts: Counts::register(&registry),
            source: Source::new(move || gathered.gather()),
            exemplars: exemplars.clone(),
        };
        let (telemetry, running) = Telemetry::start(&settings, process).unwrap();
        Self {
            collector,
            registry,
            exemplars,
            telemetry,
            running,
        }
    }

    /// What has come, once it is enough.
    async fn until(&self, enough: impl Fn(&Got) -> bool) -> Got {
        let got = timeout(PATIENCE, self.collector.until(enough)).await;
        got.expect("the collector gets what was told")
    }

    /// Waits until the exporter's counters show this line.
    async fn counts(&self, line: &str) {
        let shown = async {
            while !self.text().lines().any(|other| other == line) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let shown = timeout(PATIENCE, shown).await;
        assert!(shown.is_ok(), "no line {line} in {}", self.text());
    }

    fn text(&self) -> String {
        let families = self.registry.gather();
        TextEncoder::new().encode_to_string(&families).unwrap()
    }
}

/// The place of a new trace.
fn place() -> Context {
    Sampler::parent_based(1.0).decide(None).unwrap()
}
