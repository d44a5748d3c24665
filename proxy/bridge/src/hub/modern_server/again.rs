//! The same call once more, with what the server asked for.

use bytes::Bytes;

use crate::{
    envelope::{self, Message, Params},
    event::{Bound, Door},
    hub::{
        Hub,
        calls::{Call, Owner},
        cx::Cx,
    },
    io::Now,
    limits::MAX_REPEAT_BYTES,
    message::{self, Edit},
    modern::{
        input,
        object::{cuts, members},
    },
    protocol::Era,
};

/// What a call is repeated from.
#[derive(Debug)]
pub(in crate::hub) struct Again {
    /// The line as it was sent; none if too much is kept already.
    pub(in crate::hub) line: Option<Bytes>,
    /// How often the server has asked.
    pub(in crate::hub) round: u32,
    /// When the client asked.
    pub(in crate::hub) first: Now,
}

impl Again {
    /// What it keeps, in bytes.
    pub(in crate::hub) fn kept(&self) -> usize {
        self.line.as_ref().map_or(0, Bytes::len)
    }
}

impl Hub {
    /// What a call that now goes out as this line may be repeated from; none if its server or its
    /// method never asks, if its client is asked by the server itself, or if that is kept already.
    pub(in crate::hub) fn again(
        &self,
        cx: &mut Cx<'_>,
        call: &Call,
        line: &Bytes,
    ) -> Option<Again> {
        let Owner::Client(caller) = &call.owner else {
            return None;
        };
        let asks = match self.server_era() {
            Era::Legacy => false,
            Era::Modern => input::may_ask(call.method) && call.again.is_none(),
        };
        let door = self.sessions.get(caller.session)?.door;
        match door {
            Door::Streamable | Door::Sse if asks => {}
            Door::Streamable | Door::Sse | Door::Stateless => return None,
        }
        let fits = self.calls.kept_bytes() + line.len() <= MAX_REPEAT_BYTES;
        if !fits {
            cx.overflow(Bound::RepeatBytes);
        }
        Some(Again {
            line: fits.then(|| line.clone()),
            round: 0,
            first: call.started,
        })
    }
}

/// The line under another id, with these answers; their keys are unescaped, the values and the state
/// raw. None if its parameters are no object.
pub(super) fn line<'a>(
    before: &[u8],
    id: u64,
    answers: impl Iterator<Item = (&'a str, &'a [u8])>,
    state: Option<&[u8]>,
) -> Option<Bytes> {
    let Ok(Message::Request(request)) = envelope::peek(before) else {
        return None;
    };
    let params = request.params?;
    let all = members(params)?;
    let mut given = with_answers(answers, state);
    if all.iter().any(|member| !is_ours(&member.key)) && !given.is_empty() {
        given.push(b',');
    }
    let id = id.to_string();
    let token = Params::peek(Some(params)).ok()?.meta_token;
    let start = params.start + 1;
    let mut edits = vec![
        Edit {
            span: start..start,
            with: &given,
        },
        Edit {
            span: request.id.span(),
            with: id.as_bytes(),
        },
    ];
    edits.extend(token.map(|token| Edit {
        span: token.span(),
        with: id.as_bytes(),
    }));
    let gone = cuts(params, &all, is_ours);
    edits.extend(gone.into_iter().map(|span| Edit { span, with: b"" }));
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    Some(message::line(before.trim_ascii_end(), &edits))
}

fn is_ours(key: &str) -> bool {
    matches!(key, "inputResponses" | "requestState")
}

fn with_answers<'a>(
    answers: impl Iterator<Item = (&'a str, &'a [u8])>,
    state: Option<&[u8]>,
) -> Vec<u8> {
    let mut given = Vec::new();
    for (key, answer) in answers {
        let open: &[u8] = if given.is_empty() {
            b"\"inputResponses\":{"
        } else {
            b","
        };
        given.extend_from_slice(open);
        given.extend_from_slice(message::json(key).as_bytes());
        given.push(b':');
        given.extend_from_slice(answer);
    }
    if !given.is_empty() {
        given.push(b'}');
    }
    if let Some(state) = state {
        let comma: &[u8] = if given.is_empty() { b"" } else { b"," };
        given.extend_from_slice(comma);
        given.extend_from_slice(b"\"requestState\":");
        given.extend_from_slice(state);
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(params: &str, answers: &[(&str, &[u8])], state: Option<&[u8]>) -> String {
        let before =
            format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":{params}}}\n");
        let line = line(before.as_bytes(), 22, answers.iter().copied(), state).unwrap();
        let line = String::from_utf8(line.to_vec()).unwrap();
        let bare = line.strip_prefix(r#"{"jsonrpc":"2.0","id":22,"method":"x","params":"#);
        bare.unwrap().strip_suffix("}\n").unwrap().to_owned()
    }

    #[test]
    fn the_call_is_the_same_but_for_id_token_answers_and_state() {
        assert_eq!(
            again(
                r#"{"n": 1.50,"_meta":{"progressToken":1,"a":2}}"#,
                &[("a\"b", b"{\"x\": 1}"), ("c", b"{}")],
                Some(b"\"s\"")
            ),
            r#"{"inputResponses":{"a\"b":{"x": 1},"c":{}},"requestState":"s","n": 1.50,"_meta":{"progressToken":22,"a":2}}"#
        );
    }

    #[test]
    fn what_was_said_in_the_round_before_is_not_said_again() {
        assert_eq!(
            again(
                r#"{"inputResponses":{"a":{}},"requestState":"s","n":1}"#,
                &[],
                Some(b"\"t\"")
            ),
            r#"{"requestState":"t","n":1}"#
        );
        assert_eq!(
            again(r#"{"requestState":"s"}"#, &[("a", b"{}")], None),
            r#"{"inputResponses":{"a":{}}}"#
        );
    }
}
