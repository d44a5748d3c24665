use std::collections::HashMap;

use super::*;

fn settings(choice: &Choice, variables: &[(&'static str, &str)]) -> Result<Settings, Problem> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    let identity = Identity {
        service: "own-name".to_owned(),
        version: "1.2.3".to_owned(),
        attributes: vec![("k8s.pod.name".to_owned(), "pod-0".to_owned())],
    };
    Settings::new(choice, identity, &|name| {
        variables.get(name).map(|value| (*value).to_owned())
    })
}

fn environment(variables: &[(&'static str, &str)]) -> Result<Settings, Problem> {
    settings(&Choice::default(), variables)
}

const COLLECTOR: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/");

fn url(target: Option<Target>) -> String {
    target.expect("it is exported").url.to_string()
}

#[test]
fn without_a_collector_nothing_is_exported() {
    assert!(!environment(&[]).unwrap().exports());
    assert!(
        !environment(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")])
            .unwrap()
            .exports()
    );
}

#[test]
fn one_address_for_all_gets_the_path_of_each_signal() {
    let settings = environment(&[COLLECTOR]).unwrap();
    assert_eq!(url(settings.traces), "http://collector:4318/v1/traces");
    assert_eq!(url(settings.logs), "http://collector:4318/v1/logs");
    assert_eq!(url(settings.metrics), "http://collector:4318/v1/metrics");
}

#[test]
fn an_address_for_one_signal_is_taken_as_it_stands() {
    let own = ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "https://logs:443/in");
    let settings = environment(&[COLLECTOR, own]).unwrap();
    assert_eq!(
        url(settings.logs),
        "https://logs/in".replace("logs/", "logs:443/")
    );
    assert_eq!(url(settings.traces), "http://collector:4318/v1/traces");
}

#[test]
fn what_the_program_was_told_is_stronger_than_the_environment() {
    let choice = Choice {
        endpoint: Some("mine:4318".to_owned()),
        insecure: true,
        headers: vec!["x-key=mine".to_owned()],
        service: Some("chosen".to_owned()),
        logs: Some(false),
        ..Choice::default()
    };
    let variables = [COLLECTOR, ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=theirs")];
    let settings = settings(&choice, &variables).unwrap();
    let traces = settings.traces.unwrap();
    assert_eq!(traces.url, "http://mine:4318/v1/traces");
    assert_eq!(traces.headers["x-key"], "mine");
    assert_eq!(settings.logs, None);
    assert_eq!(settings.resource[0].1, "chosen");
}

#[test]
fn an_address_without_a_scheme_means_tls_unless_told_otherwise() {
    let endpoint = Some("collector:4318".to_owned());
    let choice = Choice {
        endpoint,
        ..Choice::default()
    };
    let settings = settings(&choice, &[]).unwrap();
    assert_eq!(url(settings.traces), "https://collector:4318/v1/traces");
}

#[test]
fn the_resource_says_who_we_are_each_name_once() {
    let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=theirs,team=a%20b");
    let settings = environment(&[attributes]).unwrap();
    let of = |name| {
        let mut found = settings.resource.iter().filter(|(other, _)| other == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice");
        value
    };
    assert_eq!(of("service.name"), Some("own-name"));
    assert_eq!(of("service.version"), Some("1.2.3"));
    assert_eq!(of("k8s.pod.name"), Some("theirs"));
    assert_eq!(of("team"), Some("a b"));
}

#[test]
fn a_signal_can_be_left_out_and_all_can_be_switched_off() {
    let settings = environment(&[COLLECTOR, ("OTEL_METRICS_EXPORTER", "none")]).unwrap();
    assert!(settings.metrics.is_none() && settings.traces.is_some());
    let off = [COLLECTOR, ("OTEL_SDK_DISABLED", "true")];
    assert!(!environment(&off).unwrap().exports());
}

#[test]
fn samplers_have_the_names_of_the_specification() {
    let sampler = |name, argument| {
        let name = ("OTEL_TRACES_SAMPLER", name);
        environment(&[name, ("OTEL_TRACES_SAMPLER_ARG", argument)]).map(|read| read.sampler)
    };
    assert_eq!(
        environment(&[]).unwrap().sampler,
        Sampler::parent_based(1.0)
    );
    let tenth = sampler("parentbased_traceidratio", "0.1").unwrap();
    assert_eq!(tenth, Sampler::parent_based(0.1));
    assert_eq!(sampler("always_off", "").unwrap(), Sampler::ratio(0.0));
    assert!(sampler("traceidratio", "1.5").is_err());
    assert!(sampler("jaeger_remote", "").is_err());
}

#[test]
fn what_cannot_be_used_is_named() {
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://collector"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "bad name=1"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
        ("OTEL_LOGS_EXPORTER", "console"),
    ] {
        // Last, so that it is stronger than the address that makes the signal one that is exported.
        let refusal = environment(&[COLLECTOR, (name, value)]).unwrap_err();
        assert!(
            refusal.to_string().contains(name),
            "{name}={value}: {refusal}"
        );
    }
}

#[test]
fn headers_are_not_shown() {
    let secret = (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "authorization=Bearer%20secret",
    );
    let settings = environment(&[COLLECTOR, secret]).unwrap();
    let target = settings.traces.clone().unwrap();
    assert_eq!(target.headers["authorization"], "Bearer secret");
    assert!(!format!("{settings:?}").contains("secret"), "{settings:?}");
}

#[test]
fn what_is_not_followed_is_said() {
    let gzip = ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip");
    assert_eq!(environment(&[COLLECTOR, gzip]).unwrap().ignored.len(), 1);
}
