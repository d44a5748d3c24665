//! Log lines, as OTLP log records beside their text.
//!
//! A span that has a field `trace_id` and one `span_id` gives both to every record within it; so the
//! same two fields are in the text or JSON of the line.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record as Recorded},
};
use tracing_subscriber::{
    layer::{Context as Around, Layer},
    registry::LookupSpan,
};

use crate::{
    context::Context,
    ids::{SpanId, TraceId},
    record::{Record, Severity},
    telemetry::Telemetry,
    value::{Attribute, Value},
};

/// Targets that tell of the exporter itself: exported, they would tell of their own export for ever.
const OWN: &[&str] = &["hivewright_telemetry", "hyper", "rustls", "h2"];

/// Longest text of one field or message that is exported, in bytes: lines of a server's stderr can
/// be far longer, and the log on the node has them whole.
pub const MAX_TEXT: usize = 16 * 1024;

/// A layer of the subscriber. Exports nothing until it is [connected](LogLayer::connect).
#[derive(Clone, Debug, Default)]
pub struct LogLayer(Arc<OnceLock<Telemetry>>);

impl LogLayer {
    /// Exports through this from now on, if it exports log records. Once for a process: the log is
    /// set up before anything is known about telemetry.
    pub fn connect(&self, telemetry: &Telemetry) {
        if telemetry.logs() {
            // A second call changes nothing, as said above.
            let _ = self.0.set(telemetry.clone());
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, around: Around<'_, S>) {
        if self.0.get().is_some() && attributes.metadata().fields().field(TRACE).is_some() {
            let mut place = Place::default();
            attributes.record(&mut place);
            keep(place, id, &around);
        }
    }

    fn on_record(&self, id: &Id, values: &Recorded<'_>, around: Around<'_, S>) {
        if self.0.get().is_some() {
            let mut place = Place::default();
            values.record(&mut place);
            keep(place, id, &around);
        }
    }

    fn on_event(&self, event: &Event<'_>, around: Around<'_, S>) {
        let Some(telemetry) = self.0.get() else {
            return;
        };
        if OWN
            .iter()
            .any(|own| event.metadata().target().starts_with(own))
        {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let context = fields.place.context().or_else(|| {
            let spans = around.event_scope(event)?;
            spans.into_iter().find_map(|span| {
                let place = span.extensions().get::<Place>().copied()?;
                place.context()
            })
        });
        telemetry.log(record(event.metadata(), fields, context));
    }
}

fn keep<S: Subscriber + for<'a> LookupSpan<'a>>(place: Place, id: &Id, around: &Around<'_, S>) {
    let Some(span) = around.span(id) else {
        return;
    };
    let mut extensions = span.extensions_mut();
    let known = extensions.get_mut::<Place>().copied().unwrap_or_default();
    extensions.replace(Place {
        trace: place.trace.or(known.trace),
        span: place.span.or(known.span),
    });
}

fn record(metadata: &Metadata<'_>, fields: Fields, context: Option<Context>) -> Record {
    let mut attributes = fields.attributes;
    attributes.push(("target", metadata.target().to_owned().into()));
    Record {
        time: SystemTime::now(),
        severity: severity(*metadata.level()),
        event: None,
        body: fields.message.into(),
        attributes,
        context,
    }
}

const fn severity(level: Level) -> Severity {
    match level {
        Level::TRACE => Severity::Trace,
        Level::DEBUG => Severity::Debug,
        Level::INFO => Severity::Info,
        Level::WARN => Severity::Warn,
        Level::ERROR => Severity::Error,
    }
}

const TRACE: &str = "trace_id";
const SPAN: &str = "span_id";

/// The place in a trace that fields name.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    trace: Option<TraceId>,
    span: Option<SpanId>,
}

impl Place {
    fn context(self) -> Option<Context> {
        Some(Context {
            trace: self.trace?,
            span: self.span?,
            sampled: true,
        })
    }

    fn read(&mut self, name: &str, text: &str) -> bool {
        match name {
            TRACE => self.trace = text.parse().ok(),
            SPAN => self.span = text.parse().ok(),
            _ => return false,
        }
        true
    }
}

impl Visit for Place {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if [TRACE, SPAN].contains(&field.name()) {
            self.read(field.name(), &format!("{value:?}"));
        }
    }
}

/// The fields of one event.
#[derive(Debug, Default)]
struct Fields {
    message: String,
    attributes: Vec<Attribute>,
    place: Place,
}

impl Fields {
    fn text(&mut self, field: &Field, mut text: String) {
        if self.place.read(field.name(), &text) {
            return;
        }
        text.truncate(text.floor_char_boundary(MAX_TEXT));
        if field.name() == "message" {
            self.message = text;
        } else {
            self.value(field, text);
        }
    }

    fn value(&mut self, field: &Field, value: impl Into<Value>) {
        self.attributes.push((field.name(), value.into()));
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.value(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.value(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.value(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.value(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut words = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            words.push_str(": ");
            words.push_str(&error.to_string());
            cause = error.source();
        }
        self.text(field, words);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format!("{value:?}"));
    }
}
