//! Log records.

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
    resource::v1::Resource,
};

use super::common::{attributes, nanoseconds, scope, value};
use crate::record::{Record, Severity};

/// One request with these records.
pub(crate) fn request(resource: &Resource, records: Vec<Record>) -> ExportLogsServiceRequest {
    let records = ScopeLogs {
        scope: Some(scope()),
        log_records: records.into_iter().map(record).collect(),
        ..ScopeLogs::default()
    };
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(resource.clone()),
            scope_logs: vec![records],
            ..ResourceLogs::default()
        }],
    }
}

fn record(record: Record) -> LogRecord {
    let time = nanoseconds(record.time);
    let context = record.context;
    LogRecord {
        time_unix_nano: time,
        observed_time_unix_nano: time,
        severity_number: severity(record.severity) as i32,
        severity_text: record.severity.as_str().to_owned(),
        body: Some(value(record.body)),
        attributes: attributes(record.attributes),
        flags: context.map_or(0, |context| context.flags().into()),
        trace_id: context.map_or_else(Vec::new, |context| context.trace.bytes().to_vec()),
        span_id: context.map_or_else(Vec::new, |context| context.span.bytes().to_vec()),
        event_name: record.event.unwrap_or_default().to_owned(),
        ..LogRecord::default()
    }
}

const fn severity(severity: Severity) -> SeverityNumber {
    match severity {
        Severity::Trace => SeverityNumber::Trace,
        Severity::Debug => SeverityNumber::Debug,
        Severity::Info => SeverityNumber::Info,
        Severity::Warn => SeverityNumber::Warn,
        Severity::Error => SeverityNumber::Error,
    }
}
