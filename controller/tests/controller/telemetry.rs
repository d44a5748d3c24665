//! What the controller tells a collector, and what its chart says about that.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::StatusCode;
use hivewright_controller::access::Verb;
use hivewright_controller::metrics::Metrics;
use hivewright_controller::operate::Config;
use hivewright_controller::telemetry::export;
use hivewright_telemetry::collector::otlp::trace::v1::Span;
use hivewright_telemetry::collector::{Collector, Got, attribute};
use hivewright_telemetry::{Choice, Identity, LogLayer, Settings, Telemetry};
use serde_json::Value;
use tokio::time::timeout;

use crate::support::controller::{NAMESPACE, Running, config, fetch};
use crate::support::{FakeApi, helm};

/// Longest that anything in this process may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A controller over the fake API server that tells a collector of its passes.
struct Scene {
    collector: Collector,
    _controller: Running,
    _exporter: hivewright_telemetry::Running,
}

impl Scene {
    async fn new(api: &FakeApi) -> Self {
        let collector = Collector::default();
        let (at, _) = collector.open().await.unwrap();
        let endpoint = format!("http://{at}");
        let variable = |name| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone());
        let settings = Settings::new(&Choice::default(), Identity::default(), &variable).unwrap();
        let records = LogLayer::default();
        let (telemetry, exporter) =
            export::start_with(&settings, &Metrics::new(), &records).unwrap();
        let config = Config {
            telemetry,
            ..config()
        };
        Self {
            collector,
            _controller: Running::configured(api, "a", config),
            _exporter: exporter,
        }
    }

    async fn until(&self, enough: impl Fn(&Got) -> bool) -> Got {
        let got = timeout(PATIENCE, self.collector.until(enough)).await;
        got.expect("the collector gets the spans of a pass")
    }
}

fn passes(got: &Got) -> impl Iterator<Item = &Span> {
    got.spans.iter().filter(|span| span.name == "reconcile")
}

fn children<'a>(got: &'a Got, of: &'a Span) -> impl Iterator<Item = &'a Span> {
    let below = |span: &&Span| span.parent_span_id == of.span_id && span.trace_id == of.trace_id;
    got.spans.iter().filter(below)
}

fn of(span: &Span, name: &str) -> String {
    attribute(&span.attributes, name).unwrap_or_default()
}

#[tokio::test]
async fn a_pass_is_one_span_with_its_events_and_its_requests_below() {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let scene = Scene::new(&api).await;
    let got = scene.until(|got| passes(got).next().is_some()).await;
    let pass = passes(&got).next().unwrap();
    assert!(pass.parent_span_id.is_empty());
    assert_eq!(of(pass, "k8s.namespace.name"), NAMESPACE);
    assert_eq!(of(pass, "hivewright.mcpserver.name"), "fetch");
    assert_eq!(of(pass, "hivewright.reconcile.outcome"), "changed");
    let told = |name: &str| pass.events.iter().any(|event| event.name == name);
    assert!(
        told("dev.hivewright.mcpserver.spec.accepted.v1"),
        "{:#?}",
        pass.events
    );
    let requests: Vec<_> = children(&got, pass)
        .map(|span| span.name.as_str())
        .collect();
    for name in [
        "apply statefulsets",
        "apply deployments",
        "apply mcpservers/status",
    ] {
        assert!(requests.contains(&name), "no {name} in {requests:?}");
    }
    for child in children(&got, pass) {
        let within = child.start_time_unix_nano >= pass.start_time_unix_nano
            && child.end_time_unix_nano <= pass.end_time_unix_nano;
        assert!(within, "{child:?} outside of {pass:?}");
    }
}

#[tokio::test]
async fn a_request_that_the_api_server_refuses_is_a_span_that_says_so() {
    let api = FakeApi::default();
    api.fail(Verb::Patch, "deployments", StatusCode::FORBIDDEN, 1);
    api.put("mcpservers", fetch("fetch"));
    let scene = Scene::new(&api).await;
    let refused = |span: &Span| span.name == "apply deployments" && span.status.is_some();
    let got = scene.until(|got| got.spans.iter().any(refused)).await;
    let request = got.spans.iter().find(|span| refused(span)).unwrap();
    assert_eq!(of(request, "http.response.status_code"), "403");
    let failed = |span: &&Span| span.span_id == request.parent_span_id;
    let pass = passes(&got).find(failed).unwrap();
    assert_eq!(of(pass, "hivewright.reconcile.outcome"), "failed");
    assert!(!pass.status.as_ref().unwrap().message.is_empty());
}

#[tokio::test]
async fn without_a_collector_no_pass_is_recorded() {
    assert!(!Telemetry::default().traces());
    assert!(!config().telemetry.traces());
}

/// The variables of the controller's container, as the kubelet would set them.
fn variables(values: &[&str]) -> HashMap<String, String> {
    let deployment = &helm::objects(values, "Deployment")[0];
    let list = deployment["spec"]["template"]["spec"]["containers"][0]["env"].clone();
    let mut known: HashMap<String, String> = HashMap::new();
    for entry in list.as_array().unwrap() {
        let name = entry["name"].as_str().unwrap().to_owned();
        let from = entry["valueFrom"]["fieldRef"]["fieldPath"].as_str();
        let mut value = from
            .or_else(|| entry["value"].as_str())
            .unwrap_or("x-key=secret")
            .to_owned();
        for (other, set) in &known {
            value = value.replace(&format!("$({other})"), set);
        }
        known.insert(name, value);
    }
    known
}

fn settings(values: &[&str]) -> Settings {
    let variables = variables(values);
    let variable = |name: &'static str| variables.get(name).cloned();
    Settings::new(&Choice::default(), Identity::default(), &variable).unwrap()
}

#[test]
fn the_chart_exports_nothing_unless_a_collector_is_named() {
    assert!(!settings(&[]).exports());
}

#[test]
fn the_chart_names_the_collector_the_signals_and_who_we_are() {
    let settings = settings(&[
        "--set",
        "telemetry.otlp.endpoint=http://collector.otel:4318,telemetry.otlp.samplingRatio=0.25,telemetry.otlp.logs=true,telemetry.otlp.headersSecret.name=otel",
        "--set-json",
        r#"telemetry.resourceAttributes={"team":"a, b","k8s.cluster.name":"c"}"#,
    ]);
    let traces = settings.traces.unwrap();
    assert_eq!(traces.url, "http://collector.otel:4318/v1/traces");
    assert_eq!(traces.headers["x-key"], "secret");
    assert!(settings.logs.is_some() && settings.metrics.is_none());
    assert_eq!(
        settings.sampler,
        hivewright_telemetry::Sampler::parent_based(0.25)
    );
    let of = |name: &str| {
        let found = settings.resource.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(of("team"), Some("a, b"));
    assert_eq!(of("k8s.cluster.name"), Some("c"));
    assert_eq!(of("k8s.pod.name"), Some("metadata.name"));
    assert_eq!(of("service.instance.id"), Some("metadata.uid"));
}

#[test]
fn a_collector_of_ones_own_authority_gets_its_certificates_mounted() {
    let values = [
        "--set",
        "telemetry.otlp.endpoint=https://collector:4318,telemetry.otlp.caConfigMap.name=ca",
    ];
    let deployment = &helm::objects(&values, "Deployment")[0];
    let pod = &deployment["spec"]["template"]["spec"];
    let volumes = pod["volumes"].as_array().unwrap();
    let volume = volumes
        .iter()
        .find(|volume| volume["configMap"]["name"] == "ca")
        .unwrap();
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
    let mount = mounts
        .iter()
        .find(|mount| mount["name"] == volume["name"])
        .unwrap();
    let path = settings(&values).traces.unwrap().certificate.unwrap();
    assert!(
        path.starts_with(mount["mountPath"].as_str().unwrap()),
        "{path:?}"
    );
}

#[test]
fn the_controllers_own_network_policy_lets_it_reach_the_collector() {
    for (endpoint, port) in [
        ("http://collector.otel:4318", 4318),
        ("https://collector.example/otlp", 443),
        ("http://collector", 80),
    ] {
        let values = format!("networkPolicy.enabled=true,telemetry.otlp.endpoint={endpoint}");
        let policy = &helm::objects(&["--set", &values], "NetworkPolicy")[0];
        let rules = policy["spec"]["egress"].as_array().unwrap();
        let open = |rule: &Value| rule["to"].is_null() && rule["ports"][0]["port"] == port;
        assert!(rules.iter().any(open), "{endpoint}: {rules:#?}");
    }
}

#[test]
fn values_of_telemetry_that_mean_nothing_are_refused() {
    for wrong in [
        "telemetry.otlp.endpoint=collector:4318",
        "telemetry.otlp.endpoint=grpc://collector",
        "telemetry.otlp.samplingRatio=2",
        "telemetry.otlp.trace=true",
        "telemetry.env.PATH=/",
    ] {
        let done = helm::template(&["--set", wrong]);
        assert!(!done.status.success(), "{wrong} was accepted");
    }
}
