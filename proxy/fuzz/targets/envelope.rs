//! What is peeked at lies inside the message, is JSON, and is what a reader of the tree finds.

use hivewright_bridge::envelope::{
    self, Capabilities, InitializeResult, Message, Params, Raw, ResponseBody,
};
use serde_json::{Value, value::RawValue};

/// See the module.
pub(crate) fn target(data: &[u8]) {
    let half = data.len() / 2;
    let _ = envelope::id_at_the_ends(&data[..half], &data[half..]);
    let Ok(message) = envelope::peek(data) else {
        return;
    };
    let text = std::str::from_utf8(data).expect("a message is UTF-8");
    assert!(
        serde_json::from_str::<&RawValue>(text).is_ok(),
        "a message is JSON"
    );
    match message {
        Message::Request(request) => {
            inside(data, request.id);
            params(data, request.params);
        }
        Message::Notification(note) => params(data, note.params),
        Message::Response(response) => {
            if let Some(id) = response.id {
                inside(data, id);
            }
            match response.body {
                ResponseBody::Result(result) => results(data, result),
                ResponseBody::Error(error) => inside(data, error),
            }
        }
    }
}

fn inside(data: &[u8], raw: Raw<'_>) {
    assert_eq!(&data[raw.span()], raw.bytes());
    assert!(serde_json::from_str::<&RawValue>(raw.text).is_ok());
    if let (Some(ours), Ok(theirs)) = (raw.string(), serde_json::from_str::<String>(raw.text)) {
        assert_eq!(ours, theirs);
    }
}

fn params(data: &[u8], params: Option<Raw<'_>>) {
    let Some(raw) = params else { return };
    inside(data, raw);
    Capabilities::peek(params);
    let Ok(read) = Params::peek(params) else {
        return;
    };
    let tree: Option<Value> = serde_json::from_str(raw.text).ok();
    let all = [
        ("progressToken", read.token),
        ("requestId", read.request_id),
        ("name", read.name),
        ("uri", read.uri),
        ("level", read.level),
        ("protocolVersion", read.protocol_version),
        ("capabilities", read.capabilities),
    ];
    for (key, found) in all {
        if let Some(found) = found {
            inside(data, found);
        }
        // A tree cannot hold every number or lone surrogate; what it holds must agree.
        if let Some(tree) = &tree {
            let there = tree.get(key).filter(|value| !value.is_null());
            assert_eq!(found.is_some(), there.is_some(), "{key}");
        }
    }
    if let Some(token) = read.meta_token {
        inside(data, token);
    }
}

fn results(data: &[u8], result: Raw<'_>) {
    inside(data, result);
    let says = envelope::is_tool_error(result);
    if let Ok(tree) = serde_json::from_str::<Value>(result.text)
        && says
    {
        assert_eq!(tree.get("isError"), Some(&Value::Bool(true)));
    }
    if let Some(initialized) = InitializeResult::peek(result.text) {
        for raw in [
            Some(initialized.protocol_version),
            initialized.name,
            initialized.version,
        ]
        .into_iter()
        .flatten()
        {
            inside(result.bytes(), raw);
        }
    }
}
