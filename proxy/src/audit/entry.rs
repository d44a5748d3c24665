//! From what happened to an event of the audit log.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use hivewright_api::{
    CloudEvent,
    audit::{self, Message, Server, Target},
};
use hivewright_bridge::{event::Outcome, io::SessionId, protocol::MethodLabel};
use hivewright_telemetry::{Context, Record, Severity};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Settings,
    who::{Who, cut_data},
};
use crate::{
    access,
    exchange::{Call, Ended},
    log,
};

/// What happened.
#[derive(Debug)]
pub(super) enum Entry {
    /// A call is over.
    Call(Arc<Who>, Box<Call>),
    /// A request was turned away.
    Refused(Arc<Who>, Ended),
}

impl Entry {
    /// Bytes that it keeps of request and answer.
    pub(super) fn kept(&self) -> usize {
        match self {
            Self::Call(who, call) => who.kept() + call.answer.as_ref().map_or(0, Bytes::len),
            Self::Refused(who, _) => who.kept(),
        }
    }
}

/// Makes events of one server.
#[derive(Clone, Debug)]
pub(super) struct Maker {
    source: String,
    subject: String,
    server: Server,
}

/// One event, ready to be written.
#[derive(Debug)]
pub(super) struct Line {
    /// The event as JSON, on one line, without its end.
    pub(super) json: String,
    /// Its data as a log record.
    pub(super) record: Record,
}

impl Maker {
    pub(super) fn new(settings: &Settings) -> Self {
        let subject = settings.subject();
        Self {
            source: format!("/hivewright/proxy/{subject}"),
            subject,
            server: settings.server.clone(),
        }
    }

    pub(super) fn line(&self, entry: &Entry) -> Line {
        match entry {
            Entry::Call(who, call) => {
                let place = call.place.map(|place| place.own);
                let data = self.call(who, call);
                self.event(audit::CALL, moment(call.ended), place, &data)
            }
            Entry::Refused(who, ended) => {
                let data = self.refused(who, ended);
                self.event(audit::REFUSED, moment(ended.started), None, &data)
            }
        }
    }

    fn event<D: Serialize>(
        &self,
        kind: &'static str,
        time: SystemTime,
        place: Option<Context>,
        data: &D,
    ) -> Line {
        let id = Uuid::now_v7().to_string();
        let record = Record {
            time,
            severity: Severity::Info,
            event: Some(kind),
            body: json(data).into(),
            attributes: vec![
                ("cloudevents.event_id", id.clone().into()),
                ("cloudevents.event_source", self.source.clone().into()),
                ("cloudevents.event_type", kind.into()),
                ("cloudevents.event_subject", self.subject.clone().into()),
            ],
            context: place,
        };
        let event = CloudEvent {
            specversion: hivewright_api::cloud_event::SpecVersion::V1,
            id,
            source: self.source.clone(),
            kind: kind.to_owned(),
            subject: self.subject.clone(),
            time: Timestamp::try_from(time).unwrap_or_default().to_string(),
            datacontenttype: "application/json".to_owned(),
            sequence: None,
            mcpserveruid: None,
            traceparent: place.map(|place| place.to_string()),
            data,
        };
        Line {
            json: json(&event),
            record,
        }
    }

    fn call(&self, who: &Who, call: &Call) -> audit::Call {
        let params = who.params.clone();
        let answer = call.answer.as_deref().map(String::from_utf8_lossy);
        let answer = answer.map(|text| cut_data(&text));
        audit::Call {
            server: self.server.clone(),
            caller: who.caller(session(&call.session), call.program.as_deref()),
            method: call.method.as_str().to_owned(),
            target: target(who, call),
            outcome: outcome(call.outcome),
            duration_micros: micros(call.duration),
            request: message(call.bytes_in, params),
            response: message(call.bytes_out, answer),
        }
    }

    fn refused(&self, who: &Who, ended: &Ended) -> audit::Refused {
        audit::Refused {
            server: self.server.clone(),
            caller: who.caller(None, None),
            door: ended.door.label().to_owned(),
            method: ended.method.to_owned(),
            status: ended.status.map_or(0, |status| status.as_u16()),
            reason: match ended.outcome {
                access::Outcome::Refused(reason) => reason.to_owned(),
                other @ (access::Outcome::ClientGone
                | access::Outcome::Answered
                | access::Outcome::Streamed
                | access::Outcome::Accepted) => other.label().to_owned(),
            },
        }
    }
}

/// Requests without a session are all told as one of no name.
fn session(id: &SessionId) -> Option<String> {
    Some(log::prefix(id).to_owned()).filter(|prefix| !prefix.is_empty())
}

fn target(who: &Who, call: &Call) -> Option<Target> {
    const OF_RESOURCES: [MethodLabel; 3] = [
        MethodLabel::ResourcesRead,
        MethodLabel::ResourcesSubscribe,
        MethodLabel::ResourcesUnsubscribe,
    ];
    let name = || who.name.clone();
    if call.method == MethodLabel::ToolsCall {
        let tool = call.tool.as_deref().map(str::to_owned);
        tool.or_else(name).map(|name| Target::Tool { name })
    } else if call.method == MethodLabel::PromptsGet {
        name().map(|name| Target::Prompt { name })
    } else if OF_RESOURCES.contains(&call.method) {
        who.uri.clone().map(|uri| Target::Resource { uri })
    } else {
        None
    }
}

fn message(bytes: usize, content: Option<(String, bool)>) -> Message {
    let (content, truncated) = content.map_or((None, false), |(text, cut)| (Some(text), cut));
    Message {
        bytes: bytes as u64,
        content,
        truncated,
    }
}

const fn outcome(outcome: Outcome) -> audit::Outcome {
    match outcome {
        Outcome::Ok => audit::Outcome::Ok,
        Outcome::ToolError => audit::Outcome::ToolError,
        Outcome::Error => audit::Outcome::Error,
        Outcome::Refused => audit::Outcome::Refused,
        Outcome::Cancelled => audit::Outcome::Cancelled,
        Outcome::SessionClosed => audit::Outcome::SessionClosed,
        Outcome::Lost => audit::Outcome::Lost,
        Outcome::Unavailable => audit::Outcome::Unavailable,
        Outcome::TimedOut => audit::Outcome::TimedOut,
        Outcome::InputRequired => audit::Outcome::InputRequired,
    }
}

/// A moment of the past on the clock of the wall.
fn moment(at: Instant) -> SystemTime {
    SystemTime::now() - at.elapsed()
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("strings and numbers are JSON")
}

#[cfg(test)]
pub(super) mod tests;
