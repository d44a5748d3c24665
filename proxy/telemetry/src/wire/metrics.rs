//! The families of a Prometheus registry, number for number.

use std::time::SystemTime;

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::KeyValue,
    metrics::v1::{
        self as otlp, AggregationTemporality, HistogramDataPoint, NumberDataPoint, ResourceMetrics,
        ScopeMetrics, exemplar, metric::Data, number_data_point,
    },
    resource::v1::Resource,
};
use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::common::{nanoseconds, scope, text};
use crate::exposition::{Exemplar, Exemplars, unit};

/// Between when and when the numbers were counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// When the process began to count.
    pub(crate) began: SystemTime,
    /// Now.
    pub(crate) now: SystemTime,
}

/// One request with these families, and how many data points are in it.
pub(crate) fn request(
    resource: &Resource,
    families: &[MetricFamily],
    exemplars: &Exemplars,
    span: Span,
) -> (ExportMetricsServiceRequest, u64) {
    let points = families
        .iter()
        .map(|family| family.get_metric().len() as u64);
    let points = points.sum();
    let metrics = families
        .iter()
        .map(|family| metric(family, exemplars, span));
    let metrics = ScopeMetrics {
        scope: Some(scope()),
        metrics: metrics.collect(),
        ..ScopeMetrics::default()
    };
    let request = ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource.clone()),
            scope_metrics: vec![metrics],
            ..ResourceMetrics::default()
        }],
    };
    (request, points)
}

fn metric(family: &MetricFamily, exemplars: &Exemplars, span: Span) -> otlp::Metric {
    let name = family.name();
    let metrics = family.get_metric().iter();
    otlp::Metric {
        name: name.to_owned(),
        description: family.help().to_owned(),
        // The unit as UCUM has it; a name keeps its suffix, so that a query finds either.
        unit: match unit(name) {
            Some("seconds") => "s".to_owned(),
            Some("bytes") => "By".to_owned(),
            Some(_) | None => String::new(),
        },
        data: Some(match family.get_field_type() {
            MetricType::COUNTER => Data::Sum(otlp::Sum {
                data_points: metrics
                    .map(|metric| number(metric, metric.get_counter().get_value(), span))
                    .collect(),
                aggregation_temporality: AggregationTemporality::Cumulative as i32,
                is_monotonic: true,
            }),
            MetricType::HISTOGRAM => Data::Histogram(otlp::Histogram {
                data_points: metrics
                    .map(|metric| histogram(name, metric, exemplars, span))
                    .collect(),
                aggregation_temporality: AggregationTemporality::Cumulative as i32,
            }),
            // Neither controller nor proxy has summaries or untyped families.
            MetricType::GAUGE | MetricType::SUMMARY | MetricType::UNTYPED => {
                Data::Gauge(otlp::Gauge {
                    data_points: metrics
                        .map(|metric| number(metric, metric.get_gauge().get_value(), span))
                        .collect(),
                })
            }
        }),
        ..otlp::Metric::default()
    }
}

fn number(metric: &Metric, value: f64, span: Span) -> NumberDataPoint {
    NumberDataPoint {
        attributes: labels(metric),
        start_time_unix_nano: nanoseconds(span.began),
        time_unix_nano: nanoseconds(span.now),
        value: Some(number_data_point::Value::AsDouble(value)),
        ..NumberDataPoint::default()
    }
}

fn histogram(name: &str, metric: &Metric, exemplars: &Exemplars, span: Span) -> HistogramDataPoint {
    let histogram = metric.get_histogram();
    let finite = histogram.get_bucket().iter();
    let finite: Vec<_> = finite
        .filter(|bucket| bucket.upper_bound().is_finite())
        .collect();
    let mut below = 0;
    let cumulative = finite.iter().map(|bucket| bucket.cumulative_count());
    // Prometheus counts up to each bound, OTLP between two of them.
    let between = cumulative
        .chain([histogram.get_sample_count()])
        .map(|count| {
            let more = count.saturating_sub(below);
            below = count;
            more
        });
    let kept = exemplars.of(name, metric.get_label());
    HistogramDataPoint {
        attributes: labels(metric),
        start_time_unix_nano: nanoseconds(span.began),
        time_unix_nano: nanoseconds(span.now),
        count: histogram.get_sample_count(),
        sum: Some(histogram.get_sample_sum()),
        bucket_counts: between.collect(),
        explicit_bounds: finite.iter().map(|bucket| bucket.upper_bound()).collect(),
        exemplars: kept.iter().flatten().map(exemplar).collect(),
        ..HistogramDataPoint::default()
    }
}

fn exemplar(exemplar: &Exemplar) -> otlp::Exemplar {
    otlp::Exemplar {
        time_unix_nano: nanoseconds(exemplar.time),
        span_id: exemplar.span.bytes().to_vec(),
        trace_id: exemplar.trace.bytes().to_vec(),
        value: Some(exemplar::Value::AsDouble(exemplar.value)),
        ..otlp::Exemplar::default()
    }
}

/// Labels without a value are absent, as in Prometheus.
fn labels(metric: &Metric) -> Vec<KeyValue> {
    let labels = metric.get_label().iter();
    let labels = labels.filter(|label| !label.value().is_empty());
    labels
        .map(|label| text(label.name(), label.value()))
        .collect()
}
