//! What a pass has told so far.

use std::time::SystemTime;

use hivewright_core::Event;
use hivewright_core::record::Fact;
use hivewright_telemetry as otel;
use hivewright_telemetry::{Kind, Span, SpanId, Status};
use parking_lot::Mutex;

/// Most events of one span (OpenTelemetry's default, `OTEL_SPAN_EVENT_COUNT_LIMIT`), and most
/// requests of one pass: some dozens is what the largest take.
const MOST: usize = 128;

/// Events and requests, in the order in which they were.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<(Vec<otel::Event>, Vec<Span>)>);

impl Told {
    /// Something became true.
    pub(super) fn event(&self, event: &Event, time: SystemTime) {
        let mut told = self.0.lock();
        if told.0.len() >= MOST {
            return;
        }
        told.0.push(otel::Event {
            // The name that the journal gives it.
            name: Fact::Event(event.clone()).kind().into(),
            time,
            attributes: vec![
                ("hivewright.reason", event.reason().as_str().into()),
                ("hivewright.severity", event.severity().as_str().into()),
                ("hivewright.note", event.note().into()),
            ],
        });
    }

    /// A request was answered, or not.
    pub(super) fn request(
        &self,
        span: Span,
        parent: SpanId,
        (verb, resource): (&'static str, &'static str),
        error: Option<&kube::Error>,
    ) {
        let mut told = self.0.lock();
        if told.1.len() >= MOST {
            return;
        }
        let mut attributes = vec![
            ("hivewright.request.verb", verb.into()),
            ("hivewright.request.resource", resource.into()),
        ];
        let (status, kind) = match error {
            None => (Status::Unset, None),
            Some(kube::Error::Api(answer)) => {
                attributes.push(("http.response.status_code", answer.code.into()));
                let kind = answer.reason.clone();
                (Status::Error(answer.message.clone().into()), Some(kind))
            }
            Some(other) => (
                Status::Error(other.to_string().into()),
                Some("unanswered".to_owned()),
            ),
        };
        attributes.extend(kind.map(|kind| ("error.type", kind.into())));
        told.1.push(Span {
            parent: Some(parent),
            kind: Kind::Client,
            attributes,
            status,
            ..span
        });
    }

    /// All of it.
    pub(super) fn take(&self) -> (Vec<otel::Event>, Vec<Span>) {
        std::mem::take(&mut *self.0.lock())
    }
}
