//! Gauges about the MCPServers themselves, read from the caches at each scrape: a server that is
//! gone leaves no series behind.

use std::fmt;

use prometheus::core::{Collector, Desc};
use prometheus::{IntGaugeVec, Opts, proto};

/// What a scrape says of one MCPServer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFact {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its phase, from the bounded enum of the API.
    pub phase: &'static str,
    /// An MCP client would be answered now.
    pub ready: bool,
}

/// Collector over whatever `read` gives.
pub struct Servers {
    read: Box<dyn Fn() -> Vec<ServerFact> + Send + Sync>,
    phases: IntGaugeVec,
    ready: IntGaugeVec,
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers").finish_non_exhaustive()
    }
}

impl Servers {
    /// Gauges over the facts that `read` gives at the time of a scrape.
    pub fn new(read: impl Fn() -> Vec<ServerFact> + Send + Sync + 'static) -> Self {
        let (phases, ready) = families();
        Self {
            read: Box::new(read),
            phases,
            ready,
        }
    }
}

fn families() -> (IntGaugeVec, IntGaugeVec) {
    let phases = Opts::new(
        "hivewright_mcpservers",
        "MCPServers in the cluster, by phase",
    );
    let ready = Opts::new(
        "hivewright_mcpserver_ready",
        "1 while an MCP client of this MCPServer would be answered, otherwise 0",
    );
    (
        IntGaugeVec::new(phases, &["phase"]).expect("names are constants and valid"),
        IntGaugeVec::new(ready, &["mcpserver", "mcpserver_namespace"])
            .expect("names are constants and valid"),
    )
}

impl Collector for Servers {
    fn desc(&self) -> Vec<&Desc> {
        let mut all = self.phases.desc();
        all.extend(self.ready.desc());
        all
    }

    fn collect(&self) -> Vec<proto::MetricFamily> {
        // Fresh families each time: two scrapes at once never see each other half done.
        let (phases, ready) = families();
        for fact in (self.read)() {
            phases.with_label_values(&[fact.phase]).inc();
            ready
                .with_label_values(&[fact.name.as_str(), fact.namespace.as_str()])
                .set(i64::from(fact.ready));
        }
        let mut all = phases.collect();
        all.extend(ready.collect());
        all
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;
    use crate::metrics::Metrics;

    fn fact(name: &str, phase: &'static str, ready: bool) -> ServerFact {
        ServerFact {
            namespace: "a".to_owned(),
            name: name.to_owned(),
            phase,
            ready,
        }
    }

    #[test]
    fn a_server_that_is_gone_leaves_no_series() {
        let facts = Arc::new(Mutex::new(vec![
            fact("one", "Ready", true),
            fact("two", "Pending", false),
        ]));
        let metrics = Metrics::new();
        let shared = Arc::clone(&facts);
        metrics.add_servers(Servers::new(move || shared.lock().clone()));

        let before = metrics.encode().unwrap();
        assert!(
            before.contains(r#"hivewright_mcpservers{phase="Ready"} 1"#),
            "{before}"
        );
        assert!(
            before.contains(r#"{mcpserver="two",mcpserver_namespace="a"} 0"#),
            "{before}"
        );

        facts.lock().pop();
        let after = metrics.encode().unwrap();
        assert!(
            !after.contains("two") && !after.contains("Pending"),
            "{after}"
        );
    }
}
