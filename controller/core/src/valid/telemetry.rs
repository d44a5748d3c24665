//! What the proxy exports, and what its audit log holds.

use hivewright_api::{
    proxy_config::{AuditConfig, TelemetryConfig},
    spec::{Audit, OpenTelemetry, Switch, Telemetry},
};

use crate::refusal::{Refusal, RefusalReason};

/// Share of traces that are kept when none is given, per million: what the API documents.
const SAMPLED: u32 = 50_000;
/// All traces.
const MILLION: f64 = 1e6;

/// What the proxy exports by OTLP. Metrics to be scraped are always served, so
/// `telemetry.prometheus` asks for nothing more.
pub(super) fn parse(
    server: &str,
    telemetry: Option<&Telemetry>,
) -> Result<Option<TelemetryConfig>, Refusal> {
    let otel = telemetry.and_then(|telemetry| telemetry.open_telemetry.as_ref());
    let Some(otel) = otel.filter(|otel| otel.enabled) else {
        return Ok(None);
    };
    let named = [&otel.metrics, &otel.logs];
    let unnamed = otel.tracing.is_none() && named.iter().all(|switch| switch.is_none());
    let on = |switch: &Option<Switch>| switch.as_ref().is_some_and(|switch| switch.enabled);
    let traces = otel.tracing.as_ref().is_some_and(|tracing| tracing.enabled);
    Ok(Some(TelemetryConfig {
        endpoint: otel.endpoint.as_deref().map(endpoint).transpose()?,
        insecure: otel.insecure.unwrap_or_default(),
        headers: headers(otel.headers.as_deref().unwrap_or_default())?,
        service: service(server, otel.service_name.as_deref()),
        metrics: unnamed || on(&otel.metrics),
        traces: unnamed || traces,
        logs: on(&otel.logs),
        sampled_per_million: Some(sampled(otel)?),
        legacy_attributes: otel.use_legacy_attributes.unwrap_or_default(),
    }))
}

/// What the audit log holds, if there is one.
pub(super) fn audit(audit: Option<&Audit>) -> Option<AuditConfig> {
    let audit = audit.filter(|audit| audit.enabled)?;
    Some(AuditConfig {
        request_data: audit.include_request_data.unwrap_or_default(),
        response_data: audit.include_response_data.unwrap_or_default(),
    })
}

fn service(server: &str, named: Option<&str>) -> String {
    let named = named.filter(|name| !name.trim().is_empty());
    named.unwrap_or(server).to_owned()
}

/// HOST:PORT or a URL; the proxy reads it to the end.
fn endpoint(given: &str) -> Result<String, Refusal> {
    let (scheme, rest) = given.split_once("://").unwrap_or(("https", given));
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    let plain = given.chars().all(|char| char.is_ascii_graphic());
    let bracketed = rest.starts_with('[');
    if matches!(scheme, "http" | "https") && plain && (bracketed || !host.is_empty()) {
        return Ok(given.to_owned());
    }
    Err(refuse(
        "endpoint",
        format!(
            "`{given}` is no address of a collector; write HOST:PORT, http://HOST:PORT or https://HOST:PORT"
        ),
    ))
}

fn headers(given: &[String]) -> Result<Vec<String>, Refusal> {
    let wrong = |header: &&String| {
        let name = header.split_once('=').map(|(name, _)| name);
        name.is_none_or(str::is_empty) || header.chars().any(char::is_control)
    };
    match given.iter().position(|header| wrong(&header)) {
        // The header itself may be a secret.
        Some(at) => Err(refuse(
            &format!("headers[{at}]"),
            "must be NAME=VALUE, on one line; correct it".to_owned(),
        )),
        None => Ok(given.to_vec()),
    }
}

fn sampled(otel: &OpenTelemetry) -> Result<u32, Refusal> {
    let given = otel.tracing.as_ref();
    let Some(given) = given.and_then(|tracing| tracing.sampling_rate.as_deref()) else {
        return Ok(SAMPLED);
    };
    let rate = given.parse::<f64>().ok();
    let rate = rate.filter(|rate| (0.0..=1.0).contains(rate));
    rate.map(per_million).ok_or_else(|| {
        refuse(
            "tracing.samplingRate",
            format!("`{given}` is no share of all traces; write a number from 0 to 1"),
        )
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to a million"
)]
fn per_million(rate: f64) -> u32 {
    (rate * MILLION).round() as u32
}

fn refuse(field: &str, sentence: String) -> Refusal {
    let field = format!("spec.telemetry.openTelemetry.{field}");
    Refusal::new(RefusalReason::InvalidValue, field, sentence)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parsed(otel: &Value) -> Result<Option<TelemetryConfig>, Refusal> {
        let telemetry = json!({ "openTelemetry": otel });
        let telemetry: Telemetry = serde_json::from_value(telemetry).expect("as the schema says");
        parse("fetch", Some(&telemetry))
    }

    #[test]
    fn what_is_documented_upstream_is_what_the_proxy_is_told() {
        let config = parsed(&json!({
            "enabled": true,
            "endpoint": "otel-collector.monitoring:4318",
            "insecure": true,
            "serviceName": "mcp-fetch",
            "headers": ["x-team=a=b"],
            "metrics": { "enabled": true },
            "tracing": { "enabled": true, "samplingRate": "0.1" },
        }));
        let expected = TelemetryConfig {
            endpoint: Some("otel-collector.monitoring:4318".to_owned()),
            insecure: true,
            headers: vec!["x-team=a=b".to_owned()],
            service: "mcp-fetch".to_owned(),
            metrics: true,
            traces: true,
            logs: false,
            sampled_per_million: Some(100_000),
            legacy_attributes: false,
        };
        assert_eq!(config, Ok(Some(expected)));
    }

    #[test]
    fn nothing_is_exported_unless_it_is_on() {
        assert_eq!(parsed(&json!({ "endpoint": "a:1" })), Ok(None));
        assert_eq!(parse("fetch", None), Ok(None));
    }

    #[test]
    fn metrics_and_traces_are_meant_where_nothing_is_named() {
        let config = parsed(&json!({ "enabled": true, "endpoint": "a:1" }));
        let config = config.expect("accepted").expect("on");
        assert_eq!(
            (config.metrics, config.traces, config.logs),
            (true, true, false)
        );
        assert_eq!(
            (config.sampled_per_million, &*config.service),
            (Some(50_000), "fetch")
        );
        let config = parsed(&json!({ "enabled": true, "logs": { "enabled": true } }));
        let config = config.expect("accepted").expect("on");
        assert_eq!(
            (config.metrics, config.traces, config.logs),
            (false, false, true)
        );
    }

    #[rstest::rstest]
    #[case(json!({ "endpoint": "" }), "endpoint")]
    #[case(json!({ "endpoint": "a collector" }), "endpoint")]
    #[case(json!({ "endpoint": "grpc://a:4317" }), "endpoint")]
    #[case(json!({ "endpoint": "http://" }), "endpoint")]
    #[case(json!({ "endpoint": ":4318" }), "endpoint")]
    #[case(json!({ "headers": ["a=b", "secret"] }), "headers[1]")]
    #[case(json!({ "headers": ["=b"] }), "headers[0]")]
    #[case(json!({ "tracing": { "samplingRate": "1.5" } }), "tracing.samplingRate")]
    fn what_cannot_be_used_is_refused_by_name(#[case] mut otel: Value, #[case] field: &str) {
        otel["enabled"] = json!(true);
        let refusal = parsed(&otel).expect_err("it cannot be used");
        assert_eq!(
            refusal.field,
            format!("spec.telemetry.openTelemetry.{field}")
        );
        assert!(!refusal.sentence.contains("secret"), "{refusal}");
    }
}
