//! Which recorded answer belongs to a request.

use hivewright_bridge::{
    envelope::{self, Message, Request},
    protocol::MethodLabel,
};
use serde_json::Value;

/// What makes two requests the same: the method and the parameters, as JSON values. `_meta` is left
/// out: it holds tokens and what the client says about itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) method: String,
    /// `name` or `uri` of the parameters.
    pub(super) subject: Option<String>,
    params: Value,
}

/// Methods that are answered alike whatever their parameters say.
const ANY_PARAMS: [&str; 3] = ["initialize", "server/discover", "ping"];

/// Methods that are answered by an empty result if nothing else was recorded: a bridge may ask them
/// at any time, for its own ends.
pub(super) const ANSWERED_EMPTY: [&str; 2] = ["ping", "logging/setLevel"];

impl Key {
    /// Of a request in this message.
    pub(super) fn of(message: &[u8], request: &Request<'_>) -> Self {
        let params = request.params.map(|raw| &message[raw.span()]);
        let mut params: Value = params
            .and_then(|text| serde_json::from_slice(text).ok())
            .unwrap_or_default();
        let method = method(message);
        if let Some(object) = params.as_object_mut() {
            object.remove("_meta");
        }
        if ANY_PARAMS.contains(&method.as_str()) || params == Value::Object(serde_json::Map::new())
        {
            params = Value::Null;
        }
        let text = |key: &str| params.get(key).and_then(Value::as_str).map(str::to_owned);
        Self {
            subject: text("name").or_else(|| text("uri")),
            method,
            params,
        }
    }

    /// Whether it begins a listen.
    pub(super) fn is_listen(&self) -> bool {
        self.method == MethodLabel::SubscriptionsListen.as_str()
    }

    /// Whether the other one asks for the same thing, perhaps with other arguments.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.method == other.method && self.subject == other.subject
    }
}

/// The method as it is written, which the bridge's own label need not know.
pub(super) fn method(message: &[u8]) -> String {
    let value: Option<Value> = serde_json::from_slice(message).ok();
    let method = value
        .as_ref()
        .and_then(|value| value.get("method")?.as_str());
    method.unwrap_or_default().to_owned()
}

/// The request in this message, if it is one.
pub(super) fn request(message: &[u8]) -> Option<Request<'_>> {
    match envelope::peek(message) {
        Ok(Message::Request(request)) => Some(request),
        Ok(Message::Notification(_) | Message::Response(_)) | Err(_) => None,
    }
}

/// The message with these bytes in place of that span.
pub(super) fn spliced(message: &[u8], span: std::ops::Range<usize>, with: &[u8]) -> Vec<u8> {
    [&message[..span.start], with, &message[span.end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(params: &str) -> Key {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
        Key::of(text.as_bytes(), &request(text.as_bytes()).unwrap())
    }

    #[test]
    fn order_white_space_and_meta_do_not_matter_and_arguments_do() {
        let one = key(r#"{"name":"a","arguments":{"x":1,"y":2},"_meta":{"progressToken":7}}"#);
        assert_eq!(one, key(r#"{ "arguments": {"y":2,"x":1}, "name":"a" }"#));
        let other = key(r#"{"name":"a","arguments":{"x":2}}"#);
        assert!(one != other && one.is_alike(&other));
        assert!(!one.is_alike(&key(r#"{"name":"b"}"#)));
    }
}
