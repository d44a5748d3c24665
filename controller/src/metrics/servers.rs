//! Gauges about the MCPServers themselves, read from the caches at each scrape: a server that is
//! gone leaves no series behind.

use std::fmt;

use prometheus::core::{Collector, Desc};
use prometheus::{IntGaugeVec, Opts, proto};

use super::ConditionFact;

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
    /// Its conditions, as its status has them.
    pub conditions: Vec<ConditionFact>,
}

/// Collector over whatever `read` gives.
pub struct Servers {
    read: Box<dyn Fn() -> Vec<ServerFact> + Send + Sync>,
    /// What is told of the families before anything is read.
    shapes: Families,
}

/// The families, without series at first.
struct Families {
    phases: IntGaugeVec,
    ready: IntGaugeVec,
    conditions: IntGaugeVec,
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers").finish_non_exhaustive()
    }
}

impl Servers {
    /// Gauges over the facts that `read` gives at the time of a scrape.
    pub fn new(read: impl Fn() -> Vec<ServerFact> + Send + Sync + 'static) -> Self {
        Self {
            read: Box::new(read),
            shapes: Families::default(),
        }
    }
}

impl Default for Families {
    fn default() -> Self {
        let family = |name, help, labels: &[&str]| {
            IntGaugeVec::new(Opts::new(name, help), labels).expect("names are constants and valid")
        };
        Self {
            phases: family(
                "hivewright_mcpservers",
                "MCPServers in the cluster, by phase",
                &["phase"],
            ),
            ready: family(
                "hivewright_mcpserver_ready",
                "1 while an MCP client of this MCPServer would be answered, otherwise 0",
                &["mcpserver", "mcpserver_namespace"],
            ),
            conditions: family(
                "hivewright_mcpserver_condition",
                "Always 1; the labels say how each condition of this MCPServer stands, and why",
                &[
                    "mcpserver",
                    "mcpserver_namespace",
                    "condition",
                    "status",
                    "reason",
                ],
            ),
        }
    }
}

impl Families {
    fn all(&self) -> [&IntGaugeVec; 3] {
        [&self.phases, &self.ready, &self.conditions]
    }

    fn add(&self, fact: &ServerFact) {
        self.phases.with_label_values(&[fact.phase]).inc();
        let (name, namespace) = (fact.name.as_str(), fact.namespace.as_str());
        self.ready
            .with_label_values(&[name, namespace])
            .set(i64::from(fact.ready));
        for ConditionFact {
            kind,
            status,
            reason,
        } in &fact.conditions
        {
            self.conditions
                .with_label_values(&[name, namespace, kind, status, reason])
                .set(1);
        }
    }
}

impl Collector for Servers {
    fn desc(&self) -> Vec<&Desc> {
        let families = self.shapes.all().into_iter();
        families.flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<proto::MetricFamily> {
        // Fresh families each time: two scrapes at once never see each other half done.
        let fresh = Families::default();
        for fact in (self.read)() {
            fresh.add(&fact);
        }
        fresh
            .all()
            .into_iter()
            .flat_map(Collector::collect)
            .collect()
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
            conditions: vec![ConditionFact {
                kind: "Ready",
                status: if ready { "True" } else { "False" },
                reason: if ready { "Ready" } else { "ImagePullFailed" },
            }],
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
        let why = r#"condition{condition="Ready",mcpserver="two",mcpserver_namespace="a",reason="ImagePullFailed",status="False"} 1"#;
        assert!(before.contains(why), "{before}");

        facts.lock().pop();
        let after = metrics.encode().unwrap();
        for gone in [r#"mcpserver="two""#, r#"phase="Pending""#] {
            assert!(!after.contains(gone), "{after}");
        }
    }
}
