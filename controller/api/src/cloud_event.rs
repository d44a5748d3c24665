//! The envelope of everything that Hivewright tells: CloudEvents 1.0, structured mode, JSON.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Media type of one event in structured mode (CloudEvents JSON format, section 3).
pub const MEDIA_TYPE: &str = "application/cloudevents+json";
/// Media type of a batch of events (CloudEvents JSON format, section 4).
pub const BATCH_MEDIA_TYPE: &str = "application/cloudevents-batch+json";
/// Begin of every `type`.
pub const TYPE_PREFIX: &str = "dev.hivewright.";

/// The version of the specification that an event follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SpecVersion {
    /// CloudEvents 1.0.
    #[default]
    #[serde(rename = "1.0")]
    V1,
}

/// One event with data of type `D`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CloudEvent<D> {
    /// Version of the CloudEvents specification.
    #[serde(default)]
    pub specversion: SpecVersion,
    /// Unique within `source`: a UUID of version 7.
    pub id: String,
    /// Who tells it, as a URI reference.
    pub source: String,
    /// What kind of event it is, with the version of its data: `dev.hivewright.mcpserver.server.ready.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which MCPServer it is about: `NAMESPACE/NAME`.
    pub subject: String,
    /// When it became true: RFC 3339, UTC.
    pub time: String,
    /// Media type of `data`.
    #[serde(default = "json")]
    pub datacontenttype: String,
    /// Place of the event among those of its subject, counted from 1 without gaps. Decimal digits,
    /// padded to 20 with zeros so that text sorts as numbers do (CloudEvents extension `sequence`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// UID of the MCPServer: two of the same name, one after the other, are told apart by it
    /// (extension of ours).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcpserveruid: Option<String>,
    /// The trace in which it arose (CloudEvents extension `traceparent`, W3C Trace Context).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What became true.
    pub data: D,
}

fn json() -> String {
    "application/json".to_owned()
}

impl<D> CloudEvent<D> {
    /// The same envelope around other data.
    pub fn map<E>(self, map: impl FnOnce(D) -> E) -> CloudEvent<E> {
        CloudEvent {
            specversion: self.specversion,
            id: self.id,
            source: self.source,
            kind: self.kind,
            subject: self.subject,
            time: self.time,
            datacontenttype: self.datacontenttype,
            sequence: self.sequence,
            mcpserveruid: self.mcpserveruid,
            traceparent: self.traceparent,
            data: map(self.data),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_back_as_it_was_written() {
        let text = r#"{"specversion":"1.0","id":"1","source":"/a","type":"dev.hivewright.test.v1","subject":"ns/name","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json","sequence":"00000000000000000001","data":7}"#;
        let event: CloudEvent<u8> = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
    }

    #[test]
    fn another_version_of_the_specification_is_refused() {
        let text = r#"{"specversion":"0.3","id":"1","source":"/a","type":"t","subject":"s","time":"2026-01-01T00:00:00Z","data":7}"#;
        assert!(serde_json::from_str::<CloudEvent<u8>>(text).is_err());
    }
}
