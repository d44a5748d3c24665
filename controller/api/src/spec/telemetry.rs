//! Telemetry and audit log of the proxy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that is on or off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Switch {
    /// Whether it is on. Default false.
    #[serde(default)]
    pub enabled: bool,
}

/// The audit log: who called what on the server, with what outcome and size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// Whether it is on. Default false.
    #[serde(default)]
    pub enabled: bool,
    /// Whether the parameters of each call are part of it. They may hold secrets. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_request_data: Option<bool>,
    /// Whether the answer to each call is part of it. It may hold secrets. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_response_data: Option<bool>,
}

/// OpenTelemetry and Prometheus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Telemetry {
    /// Export by OTLP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_telemetry: Option<OpenTelemetry>,
    /// Metrics to be scraped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prometheus: Option<Prometheus>,
}

/// Export by OTLP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenTelemetry {
    /// Whether it is on. Default false.
    #[serde(default)]
    pub enabled: bool,
    /// Address of the collector, for OTLP over HTTP: HOST:PORT, or a URL. Default: what
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` of the proxy's environment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub endpoint: Option<String>,
    /// Value of `service.name`. Default: the server's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,
    /// Headers sent to the collector, each `name=value`. They stand in the proxy's ConfigMap, so a
    /// secret belongs into `OTEL_EXPORTER_OTLP_HEADERS` of the proxy's environment instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<String>>,
    /// Whether the collector is reached without TLS. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insecure: Option<bool>,
    /// Metrics. Without `metrics`, `tracing` and `logs`, metrics and traces are exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Switch>,
    /// Traces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracing: Option<Tracing>,
    /// Log of the proxy, with the traces that its lines belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<Switch>,
    /// Whether attributes of spans also appear under their older names, such as `http.method`.
    /// Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_legacy_attributes: Option<bool>,
}

/// Traces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tracing {
    /// Whether they are on. Default false.
    #[serde(default)]
    pub enabled: bool,
    /// Share of the traces that begin here which are kept, 0 to 1. Others are kept if their caller
    /// keeps them. Default 0.05.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(0(\.\d+)?|1(\.0+)?)$"))]
    pub sampling_rate: Option<String>,
}

/// Metrics to be scraped. The proxy always serves them, so either value is right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Prometheus {
    /// Whether they are wanted. Default false.
    #[serde(default)]
    pub enabled: bool,
}

/// Reference to a shared telemetry configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TelemetryConfigRef {
    /// Name of the MCPTelemetryConfig.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Value of `service.name` for this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,
}
