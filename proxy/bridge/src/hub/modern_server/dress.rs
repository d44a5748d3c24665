//! A session's request as a server without sessions has to read it.

use bytes::{BufMut, Bytes, BytesMut};

use crate::{
    envelope::{self, Message, Raw},
    event::Door,
    hub::{
        Hub,
        calls::{Call, Owner},
        levels::Level,
    },
    message::{self, Edit},
    modern::{
        meta::{CLIENT_CAPABILITIES, CLIENT_INFO, LOG_LEVEL, PROTOCOL_VERSION},
        object::{cuts, members, only},
    },
    protocol::Era,
};

impl Hub {
    /// The line of a call as it goes to the server that is there now.
    pub(in crate::hub) fn dressed(&self, call: &Call, line: Bytes) -> Bytes {
        match self.server_era() {
            Era::Legacy => line,
            Era::Modern => self.in_modern_dress(call, &line).unwrap_or(line),
        }
    }

    fn in_modern_dress(&self, call: &Call, line: &[u8]) -> Option<Bytes> {
        let Owner::Client(caller) = &call.owner else {
            return None;
        };
        let session = self.sessions.get(caller.session)?;
        match session.door {
            Door::Streamable | Door::Sse => dress(line, &session.intro, session.level),
            // A visitor said all of that in its request.
            Door::Stateless => None,
        }
    }
}

/// Adds `_meta` to the request; none if its parameters are no object, so that it is no request of
/// MCP.
fn dress(line: &[u8], intro: &[u8], level: Option<Level>) -> Option<Bytes> {
    let Ok(Message::Request(request)) = envelope::peek(line) else {
        return None;
    };
    let level = level.map(|level| format!(r#","{LOG_LEVEL}":{}"#, level.json()));
    let meta = [intro, level.as_deref().unwrap_or_default().as_bytes()].concat();
    let Some(params) = request.params else {
        let end = line.trim_ascii_end().len() - 1;
        let all = [b",\"params\":{\"_meta\":{", &meta[..], b"}}"].concat();
        return Some(insert(line, end, &all));
    };
    let all = members(params)?;
    match only(&all, "_meta").ok()? {
        None => {
            let meta = [b"\"_meta\":{", &meta[..], b"}"].concat();
            Some(insert_first(line, params, &meta, !all.is_empty()))
        }
        Some(own) => into_meta(line, own, meta),
    }
}

/// Puts the members into the request's own `_meta`, in place of any of the same name.
fn into_meta(line: &[u8], own: Raw<'_>, mut meta: Vec<u8>) -> Option<Bytes> {
    const OURS: [&str; 4] = [
        PROTOCOL_VERSION,
        CLIENT_INFO,
        CLIENT_CAPABILITIES,
        LOG_LEVEL,
    ];
    let all = members(own)?;
    if all.iter().any(|member| !OURS.contains(&&*member.key)) {
        meta.put_u8(b',');
    }
    let start = own.start + 1;
    let mut edits = vec![Edit {
        span: start..start,
        with: &meta,
    }];
    let gone = cuts(own, &all, |key| OURS.contains(&key));
    edits.extend(gone.into_iter().map(|span| Edit { span, with: b"" }));
    Some(message::splice(line, &edits, 0).freeze())
}

/// Puts members first into an object. `more`: it has others.
fn insert_first(line: &[u8], object: Raw<'_>, members: &[u8], more: bool) -> Bytes {
    let mut with = BytesMut::from(members);
    if more {
        with.put_u8(b',');
    }
    insert(line, object.start + 1, &with)
}

fn insert(line: &[u8], at: usize, with: &[u8]) -> Bytes {
    message::splice(line, &[Edit { span: at..at, with }], 0).freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dressed(params: &str) -> String {
        let line = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"{params}}}\n");
        let all = dress(line.as_bytes(), b"\"i\":1", None).unwrap();
        let all = String::from_utf8(all.to_vec()).unwrap();
        let bare = all.strip_prefix(r#"{"jsonrpc":"2.0","id":1,"method":"x","#);
        bare.unwrap().strip_suffix("}\n").unwrap().to_owned()
    }

    #[rstest::rstest]
    #[case("", r#""params":{"_meta":{"i":1}}"#)]
    #[case(r#","params":{}"#, r#""params":{"_meta":{"i":1}}"#)]
    #[case(
        r#","params":{ "a" : 1.50}"#,
        r#""params":{"_meta":{"i":1}, "a" : 1.50}"#
    )]
    #[case(r#","params":{"_meta":{}}"#, r#""params":{"_meta":{"i":1}}"#)]
    #[case(
        r#","params":{"a":2,"_meta":{"b":3}}"#,
        r#""params":{"a":2,"_meta":{"i":1,"b":3}}"#
    )]
    #[case(
        r#","params":{"_meta":{"io.modelcontextprotocol/logLevel":"debug"}}"#,
        r#""params":{"_meta":{"i":1}}"#
    )]
    #[case(
        r#","params":{"_meta":{"a":1,"io.modelcontextprotocol\/clientInfo":{},"b":2}}"#,
        r#""params":{"_meta":{"i":1,"a":1,"b":2}}"#
    )]
    fn who_asks_is_put_where_it_belongs_and_nothing_else_changes(
        #[case] params: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(dressed(params), expected);
    }

    #[test]
    fn the_level_is_said_if_the_session_has_one() {
        let line = br#"{"jsonrpc":"2.0","id":1,"method":"x"}"#;
        let all = dress(line, b"\"i\":1", Some(Level::Info)).unwrap();
        let tail = br#""params":{"_meta":{"i":1,"io.modelcontextprotocol/logLevel":"info"}}}"#;
        assert!(all.ends_with(tail), "{all:?}");
    }

    #[test]
    fn parameters_that_are_no_object_are_left_alone() {
        let line = br#"{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}"#;
        assert_eq!(dress(line, b"", None), None);
    }
}
