//! What the audit log of a proxy says: data of [CloudEvents](crate::CloudEvent), one for each request
//! of a client that its server was asked, and one for each that was turned away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `type` of an event with [`Call`].
pub const CALL: &str = "dev.hivewright.audit.call.v1";
/// `type` of an event with [`Refused`].
pub const REFUSED: &str = "dev.hivewright.audit.refused.v1";
/// Most bytes of the parameters or of the answer that an event holds.
pub const MAX_DATA: usize = 4096;
/// Most bytes of a name that a client gave: of a subject, a program, a prompt or a resource.
pub const MAX_NAME: usize = 256;

/// Somebody called something on a server, and this is what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// On which server.
    pub server: Server,
    /// Who.
    pub caller: Caller,
    /// Which method of MCP; `other` for one that MCP does not have.
    pub method: String,
    /// Which tool, prompt or resource, if the method names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// How it ended.
    pub outcome: Outcome,
    /// From its arrival to its answer, in microseconds.
    pub duration_micros: u64,
    /// What was sent.
    pub request: Message,
    /// What was answered; of 0 bytes if nothing was.
    pub response: Message,
}

/// A request was turned away before the server was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// On which server.
    pub server: Server,
    /// Who.
    pub caller: Caller,
    /// The door: `mcp`, `sse`, `messages`, or `unknown` for any other path.
    pub door: String,
    /// The HTTP method; `other` for one that no door has.
    pub method: String,
    /// The HTTP status.
    pub status: u16,
    /// Why, as a word that metrics have too: `forbidden_origin`, `unknown_session`.
    pub reason: String,
}

/// The server that was called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    /// Its namespace; none outside a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// Who called. The proxy checks no credentials: what is said here is what the client said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Caller {
    /// `sub` of the JSON Web Token that was sent, not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_subject: Option<String>,
    /// `iss` of that token, not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_issuer: Option<String>,
    /// The same credentials have the same digest on the same server. They themselves are nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_digest: Option<String>,
    /// The first characters of the session's id; none where there is no session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The client program, as it introduced itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Client>,
    /// The id of the HTTP request, as the response and the access log have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A client program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// `clientInfo.name`.
    pub name: String,
    /// `clientInfo.version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What a method was called on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Target {
    /// `tools/call`.
    Tool {
        /// Its name.
        name: String,
    },
    /// `prompts/get`.
    Prompt {
        /// Its name.
        name: String,
    },
    /// `resources/read`, `resources/subscribe` and `resources/unsubscribe`.
    Resource {
        /// Its URI.
        uri: String,
    },
}

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its size.
    pub bytes: u64,
    /// Its content, where that is switched on: JSON text, of a request its `params`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Whether the content was longer than [`MAX_DATA`] and ends early.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A result.
    Ok,
    /// A result of `tools/call` that says that the tool failed.
    ToolError,
    /// A JSON-RPC error of the server.
    Error,
    /// The proxy refused it.
    Refused,
    /// The client cancelled it.
    Cancelled,
    /// Its session ended first.
    SessionClosed,
    /// The server process ended first.
    Lost,
    /// There was no server process in time.
    Unavailable,
    /// The server did not answer in time.
    TimedOut,
    /// The client was asked for input, and is to come back with it.
    InputRequired,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud_event::TYPE_PREFIX;

    #[test]
    fn types_have_the_prefix_of_all_and_a_version() {
        for kind in [CALL, REFUSED] {
            let rest = kind.strip_prefix(TYPE_PREFIX).expect("the prefix");
            let words: Vec<&str> = rest.split('.').collect();
            assert!(words[0] == "audit" && words[2] == "v1", "{kind}");
        }
    }

    #[test]
    fn what_is_not_known_or_not_switched_on_is_not_there() {
        let call = Call {
            server: Server::default(),
            caller: Caller::default(),
            method: "tools/list".to_owned(),
            target: None,
            outcome: Outcome::ToolError,
            duration_micros: 1,
            request: Message::default(),
            response: Message::default(),
        };
        let text = serde_json::to_string(&call).unwrap();
        assert_eq!(
            text,
            r#"{"server":{"name":""},"caller":{},"method":"tools/list","outcome":"tool_error","durationMicros":1,"request":{"bytes":0},"response":{"bytes":0}}"#
        );
        assert_eq!(serde_json::from_str::<Call>(&text).unwrap(), call);
    }
}
