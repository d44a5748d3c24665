//! A span that has ended, made by hand: it costs what its vectors cost, and nothing when there is
//! none.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use crate::{
    context::Context,
    ids::SpanId,
    value::{self, Attribute},
};

/// On which side of a call a span was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Within the process.
    #[default]
    Internal,
    /// Answers a remote caller.
    Server,
    /// Calls something remote.
    Client,
}

/// How what a span tells of went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Well, or nobody can say.
    #[default]
    Unset,
    /// Badly, with a sentence.
    Error(Cow<'static, str>),
}

/// Something that happened within a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub name: Cow<'static, str>,
    /// When.
    pub time: SystemTime,
    /// More of it.
    pub attributes: Vec<Attribute>,
}

/// A span that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Its place in the trace.
    pub context: Context,
    /// The span above; `None`: it is the first of its trace.
    pub parent: Option<SpanId>,
    /// Whether the span above is another process's.
    pub parent_is_remote: bool,
    /// Spans that had to do with this one without being above it: those of a gateway in a trace of
    /// its own.
    pub links: Vec<Context>,
    /// `tracestate` that came with the span above, unread.
    pub state: Option<Arc<str>>,
    /// What it tells of, of few different values: never an id.
    pub name: Cow<'static, str>,
    /// On which side of a call it was.
    pub kind: Kind,
    /// When it began.
    pub start: SystemTime,
    /// When it ended.
    pub end: SystemTime,
    /// More of it.
    pub attributes: Vec<Attribute>,
    /// What happened within it.
    pub events: Vec<Event>,
    /// How it went.
    pub status: Status,
}

impl Span {
    /// A span within the process, first of its trace, without attributes or events.
    pub fn new(
        context: Context,
        name: impl Into<Cow<'static, str>>,
        start: SystemTime,
        end: SystemTime,
    ) -> Self {
        Self {
            context,
            parent: None,
            parent_is_remote: false,
            links: Vec::new(),
            state: None,
            name: name.into(),
            kind: Kind::default(),
            start,
            end,
            attributes: Vec::new(),
            events: Vec::new(),
            status: Status::default(),
        }
    }

    /// Roughly the bytes that it takes.
    pub(crate) fn weight(&self) -> usize {
        let events = self.events.iter();
        let events = events.map(|event| size_of::<Event>() + value::weight(&event.attributes));
        let state = self.state.as_ref().map_or(0, |state| state.len());
        let links = self.links.len() * size_of::<Context>();
        size_of::<Self>() + state + links + value::weight(&self.attributes) + events.sum::<usize>()
    }
}
