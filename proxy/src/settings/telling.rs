//! What is told of calls, and to whom.

use std::{env, path::Path};

use hivewright_api::{
    ProxyConfig,
    audit::Server,
    names,
    proxy_config::{AuditConfig, TelemetryConfig},
};
use hivewright_telemetry::{Choice, Identity, Sampler, Settings, settings::Problem};

use crate::{
    args::{AuditPart, TellingArgs},
    audit::{self, Place},
};

/// Traces, exported metrics and log, and the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct Telling {
    /// What is exported, and where to.
    pub telemetry: Settings,
    /// Whether the log is exported, rather than the audit log alone.
    pub log: bool,
    /// Whether attributes of spans also appear under their older names.
    pub legacy: bool,
    /// The audit log, if there is one.
    pub audit: Option<audit::Settings>,
}

/// A variable of the environment.
type Variables<'a> = &'a dyn Fn(&'static str) -> Option<String>;

impl Telling {
    /// As the controller wrote it.
    ///
    /// # Errors
    /// If something of it, or of the environment, cannot be used.
    pub(super) fn serve(config: &ProxyConfig, variables: Variables<'_>) -> Result<Self, Problem> {
        let server = Server {
            namespace: Some(config.namespace.clone()),
            name: config.server.clone(),
        };
        let audit = config.audit.map(|data| audit::Settings {
            server,
            data,
            to: Place::Stdout,
        });
        let told = config.telemetry.as_ref();
        let choice = told.map(|told| choice(told, audit.is_some()));
        let choice = choice.unwrap_or_default();
        Ok(Self {
            telemetry: Settings::new(&choice, pod(config, variables), variables)?,
            log: told.is_none_or(|told| told.logs),
            legacy: told.is_some_and(|told| told.legacy_attributes),
            audit,
        })
    }

    /// On a machine of one's own; `server` is what is run there.
    ///
    /// # Errors
    /// As [`Telling::serve`].
    pub(super) fn desk(
        args: &TellingArgs,
        server: &str,
        variables: Variables<'_>,
    ) -> Result<Self, Problem> {
        let choice = Choice {
            endpoint: args.otlp_endpoint.clone(),
            sampler: args.trace_share.map(Sampler::parent_based),
            ..Choice::default()
        };
        let identity = Identity {
            service: "hivewright-proxy".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            attributes: vec![("mcp.server.name".to_owned(), server.to_owned())],
        };
        Ok(Self {
            telemetry: Settings::new(&choice, identity, variables)?,
            log: true,
            legacy: false,
            audit: args.audit.as_deref().map(|to| desk_audit(args, server, to)),
        })
    }
}

/// The environment of this process.
pub(super) fn variable(name: &'static str) -> Option<String> {
    env::var(name).ok()
}

fn desk_audit(args: &TellingArgs, server: &str, to: &Path) -> audit::Settings {
    audit::Settings {
        server: Server {
            namespace: None,
            name: server.to_owned(),
        },
        data: AuditConfig {
            request_data: args.audit_data.contains(&AuditPart::Request),
            response_data: args.audit_data.contains(&AuditPart::Response),
        },
        to: if to == Path::new("-") {
            Place::Stdout
        } else {
            Place::File(to.to_owned())
        },
    }
}

fn choice(told: &TelemetryConfig, audited: bool) -> Choice {
    let sampled = told.sampled_per_million.map(f64::from);
    Choice {
        endpoint: told.endpoint.clone(),
        insecure: told.insecure,
        headers: told.headers.clone(),
        service: Some(told.service.clone()),
        traces: Some(told.traces),
        metrics: Some(told.metrics),
        // The audit log goes there too, whether the rest of the log does or not.
        logs: Some(told.logs || audited),
        sampler: sampled.map(|sampled| Sampler::parent_based(sampled / 1e6)),
    }
}

/// Who a proxy in a cluster is. A pod's host name is its own name.
fn pod(config: &ProxyConfig, variables: Variables<'_>) -> Identity {
    let attribute = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut attributes = vec![
        attribute("service.namespace", &config.namespace),
        attribute("k8s.namespace.name", &config.namespace),
        attribute("k8s.deployment.name", &names::proxy(&config.server)),
        attribute("k8s.container.name", names::PROXY_CONTAINER),
        attribute("mcp.server.name", &config.server),
    ];
    attributes.extend(variables("HOSTNAME").map(|name| ("k8s.pod.name".to_owned(), name)));
    Identity {
        service: config.server.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        attributes,
    }
}

#[cfg(test)]
mod tests {
    use hivewright_telemetry::Sampler;
    use serde_json::{Value, json};

    use super::*;

    fn serve(telemetry: &Value, audit: &Value) -> Telling {
        let config = json!({
            "server": "fetch",
            "namespace": "tools",
            "port": 8080,
            "backend": { "statefulSet": "fetch", "container": "mcp", "transport": { "kind": "stdio" } },
            "allowedHosts": [],
            "telemetry": telemetry,
            "audit": audit,
        });
        let config = serde_json::from_value(config).expect("a configuration");
        Telling::serve(&config, &|name| {
            (name == "HOSTNAME").then(|| "pod-1".to_owned())
        })
        .expect("it can be used")
    }

    fn all() -> Value {
        json!({
            "endpoint": "otel:4318",
            "insecure": true,
            "service": "mcp-fetch",
            "metrics": true,
            "traces": true,
            "logs": false,
            "sampledPerMillion": 100_000,
        })
    }

    #[test]
    fn what_the_controller_wrote_is_what_is_exported() {
        let telling = serve(&all(), &Value::Null);
        let telemetry = telling.telemetry;
        let url = telemetry.traces.map(|target| target.url.to_string());
        assert_eq!(url.as_deref(), Some("http://otel:4318/v1/traces"));
        assert!(telemetry.metrics.is_some() && telemetry.logs.is_none());
        assert_eq!(telemetry.sampler, Sampler::parent_based(0.1));
        let has = |name: &str, value: &str| {
            telemetry
                .resource
                .contains(&(name.to_owned(), value.to_owned()))
        };
        assert!(has("service.name", "mcp-fetch") && has("k8s.pod.name", "pod-1"));
        assert_eq!(telling.audit, None);
    }

    #[test]
    fn an_audit_log_is_exported_though_the_log_is_not() {
        let telling = serve(&all(), &json!({ "responseData": true }));
        assert!(telling.telemetry.logs.is_some() && !telling.log);
        let audit = telling.audit.expect("switched on");
        assert_eq!(
            (audit.subject().as_str(), audit.to),
            ("tools/fetch", Place::Stdout)
        );
        assert!(audit.data.response_data && !audit.data.request_data);
    }

    #[test]
    fn nothing_is_exported_unless_somebody_says_where_to() {
        let telling = serve(&Value::Null, &Value::Null);
        assert!(!telling.telemetry.exports() && telling.log);
    }

    #[test]
    fn a_desk_has_an_audit_log_where_it_asks_for_one() {
        let args = TellingArgs {
            audit: Some("-".into()),
            audit_data: vec![AuditPart::Request],
            ..TellingArgs::default()
        };
        let telling = Telling::desk(&args, "uvx", &|_| None).expect("it can be used");
        let audit = telling.audit.expect("asked for");
        assert_eq!((audit.subject().as_str(), audit.to), ("uvx", Place::Stdout));
        assert!(audit.data.request_data && !audit.data.response_data);
    }
}
