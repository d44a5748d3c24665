//! A log record, made by hand or by the [layer](crate::LogLayer).

use std::time::SystemTime;

use crate::{
    context::Context,
    value::{self, Attribute, Value},
};

/// How grave a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For who follows each step.
    Trace,
    /// For who looks for a fault.
    Debug,
    /// A fact.
    Info,
    /// Something that may have to be changed.
    Warn,
    /// Something that failed.
    Error,
}

impl Severity {
    /// Its name, as log lines have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// A log record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When it happened.
    pub time: SystemTime,
    /// How grave it is.
    pub severity: Severity,
    /// What kind of event this is, if its attributes or body have a schema: `event_name` of OTLP.
    pub event: Option<&'static str>,
    /// What is said.
    pub body: Value,
    /// More of it.
    pub attributes: Vec<Attribute>,
    /// The span that it was said in.
    pub context: Option<Context>,
}

impl Record {
    /// Roughly the bytes that it takes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.body.weight() + value::weight(&self.attributes)
    }
}
