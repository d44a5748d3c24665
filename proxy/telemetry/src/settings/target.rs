//! Where one signal goes.

use std::{path::PathBuf, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    uri::{PathAndQuery, Scheme},
};

use super::{Choice, Environment, Problem, pairs};
use crate::counts::Signal;

/// Time that one request may take unless `OTEL_EXPORTER_OTLP_TIMEOUT` says otherwise: its default.
const TIMEOUT: Duration = Duration::from_secs(10);

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const TIME: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";
const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
/// Name of [`Choice::endpoint`] in what is told.
const CHOSEN: &str = "the collector's endpoint";

/// Where one signal goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The whole URL.
    pub url: Uri,
    /// Headers of each request. Their values are never logged.
    pub headers: HeaderMap,
    /// Time that one request may take.
    pub timeout: Duration,
    /// File with the certificates (PEM) that the collector's is checked against; none: the system's.
    pub certificate: Option<PathBuf>,
}

/// The variables of one signal, each stronger than the one for all.
struct Names {
    endpoint: &'static str,
    protocol: &'static str,
    headers: &'static str,
    timeout: &'static str,
    certificate: &'static str,
    /// Added to the endpoint for all (OTLP specification, "OTLP/HTTP Request").
    path: &'static str,
}

const TRACES: Names = Names {
    endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    protocol: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    headers: "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    timeout: "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    certificate: "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    path: "v1/traces",
};
const LOGS: Names = Names {
    endpoint: "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    protocol: "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
    headers: "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    timeout: "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
    certificate: "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
    path: "v1/logs",
};
const METRICS: Names = Names {
    endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    protocol: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    headers: "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    timeout: "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    certificate: "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
    path: "v1/metrics",
};

/// The target of a signal; `None` if nobody named a collector.
pub(super) fn of(
    choice: &Choice,
    environment: &Environment<'_>,
    signal: Signal,
) -> Result<Option<Target>, Problem> {
    let names = match signal {
        Signal::Traces => &TRACES,
        Signal::Logs => &LOGS,
        Signal::Metrics => &METRICS,
    };
    let Some(url) = url(choice, environment, names)? else {
        return Ok(None);
    };
    if let Some((name, value)) = environment.first([names.protocol, PROTOCOL])
        && value != "http/protobuf"
    {
        return Err(Problem::Protocol { name, value });
    }
    let timeout = environment.milliseconds([names.timeout, TIME])?;
    let certificate = environment.first([names.certificate, CERTIFICATE]);
    Ok(Some(Target {
        url,
        headers: headers(choice, environment, names)?,
        timeout: timeout.unwrap_or(TIMEOUT),
        certificate: certificate.map(|(_, path)| path.into()),
    }))
}

fn url(
    choice: &Choice,
    environment: &Environment<'_>,
    names: &Names,
) -> Result<Option<Uri>, Problem> {
    if let Some(endpoint) = &choice.endpoint {
        let endpoint = match (endpoint.contains("://"), choice.insecure) {
            (true, _) => endpoint.clone(),
            (false, true) => format!("http://{endpoint}"),
            (false, false) => format!("https://{endpoint}"),
        };
        return below(&endpoint, names.path, CHOSEN).map(Some);
    }
    // The address for one signal is taken as it stands; the one for all gets a path.
    if let Some(endpoint) = environment.get(names.endpoint) {
        let mut parts = parse(&endpoint, names.endpoint)?.into_parts();
        parts
            .path_and_query
            .get_or_insert(PathAndQuery::from_static("/"));
        let url = Uri::from_parts(parts);
        return url.map(Some).map_err(|_| Problem::Endpoint {
            name: names.endpoint,
        });
    }
    let endpoint = environment.get(ENDPOINT);
    endpoint
        .map(|endpoint| below(&endpoint, names.path, ENDPOINT))
        .transpose()
}

fn below(endpoint: &str, path: &str, name: &'static str) -> Result<Uri, Problem> {
    parse(endpoint, name)?;
    parse(&format!("{}/{path}", endpoint.trim_end_matches('/')), name)
}

fn parse(endpoint: &str, name: &'static str) -> Result<Uri, Problem> {
    let url = endpoint.parse::<Uri>().ok();
    let usable = |url: &Uri| {
        let scheme = url.scheme();
        let spoken = scheme == Some(&Scheme::HTTP) || scheme == Some(&Scheme::HTTPS);
        spoken && url.host().is_some_and(|host| !host.is_empty()) && url.query().is_none()
    };
    url.filter(usable).ok_or(Problem::Endpoint { name })
}

fn headers(
    choice: &Choice,
    environment: &Environment<'_>,
    names: &Names,
) -> Result<HeaderMap, Problem> {
    let (name, list) = if choice.headers.is_empty() {
        let Some((name, list)) = environment.first([names.headers, HEADERS]) else {
            return Ok(HeaderMap::new());
        };
        (name, pairs::read(&list))
    } else {
        let each = choice.headers.iter().map(|header| pairs::pair(header));
        ("a header for the collector", each.collect())
    };
    let problem = || Problem::Pairs { name };
    let mut headers = HeaderMap::new();
    for (name, value) in list.ok_or_else(problem)? {
        let name: HeaderName = name.parse().map_err(|_| problem())?;
        let mut value: HeaderValue = value.parse().map_err(|_| problem())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}
