//! Clients of 2026-07-28 in the random world: each request is a visit.

use super::{
    ops::{How, Rest},
    *,
};
use crate::limits::GATHER;

/// Clients without a session; each has credentials of its own.
pub(super) const VISITORS: u64 = 3;

/// One open request.
#[derive(Debug)]
struct Open {
    client: u64,
    /// None for a listen.
    tag: Option<String>,
    rest: Rest,
    /// It must not be taken for the call that it claims to go on with.
    refused: bool,
}

/// A call whose client was asked.
#[derive(Clone, Debug)]
struct Asked {
    client: u64,
    tag: String,
    rest: Rest,
    /// None if a server of 2026-07-28 has asked.
    state: Option<String>,
    keys: Vec<String>,
}

/// Everything about them.
#[derive(Debug, Default)]
pub(super) struct Visitors {
    open: BTreeMap<u64, Open>,
    asked: Vec<Asked>,
    used: Vec<Asked>,
}

impl Visitors {
    pub(super) fn leave(&mut self, stream: u64) {
        self.open.remove(&stream);
    }

    pub(super) fn waits_on(&self, stream: u64) -> bool {
        self.open.contains_key(&stream)
    }
}

impl World {
    fn post_visit(&mut self, open: Open, method: &str, params: &str) {
        self.serial += 1;
        let mut head = visitor::head(method, (method == "tools/call").then_some("t"));
        head.principal = Some([u8::try_from(open.client).unwrap(); 32]);
        let able = if open.rest.able { ABLE } else { "{}" };
        let mut meta = visitor::meta(able);
        if open.rest.logs {
            meta = meta.replace(
                "{\"io",
                "{\"io.modelcontextprotocol/logLevel\":\"debug\",\"io",
            );
        }
        let body = request(
            &self.serial.to_string(),
            method,
            &format!("{{{params},{meta}}}"),
        );
        self.visitors.open.insert(self.serial, open);
        visitor::visit(&mut self.scene, self.serial, head, &body);
    }

    pub(super) fn visit(&mut self, client: u64, rest: Rest) {
        let tag = format!("v{client}/{}", self.serial);
        let params = format!(r#""name":"t","arguments":{{"tag":"{tag}"}}"#);
        let open = Open {
            client,
            tag: Some(tag),
            rest,
            refused: false,
        };
        self.post_visit(open, "tools/call", &params);
    }

    pub(super) fn listen(&mut self, client: u64) {
        let rest = Rest {
            able: false,
            logs: false,
        };
        let open = Open {
            client,
            tag: None,
            rest,
            refused: false,
        };
        let filter = r#""notifications":{"toolsListChanged":true}"#;
        self.post_visit(open, "subscriptions/listen", filter);
    }

    pub(super) fn come_back(&mut self, choice: usize, how: How) {
        let list = match how {
            How::Again => &self.visitors.used,
            How::Rightly | How::Empty | How::AsAnother | How::Forged | How::Elsewhere => {
                &self.visitors.asked
            }
        };
        let Some(mut asked) = list.get(choice % list.len().max(1)).cloned() else {
            return;
        };
        let refused = match how {
            How::Rightly | How::Empty => {
                self.visitors
                    .asked
                    .remove(choice % self.visitors.asked.len());
                self.visitors.used.push(asked.clone());
                false
            }
            How::AsAnother => {
                asked.client = (asked.client + 1) % VISITORS;
                true
            }
            How::Forged => {
                asked.state = asked.state.map(|state| state + "x");
                true
            }
            How::Elsewhere | How::Again => true,
        };
        let known = asked.tag.clone();
        if how == How::Elsewhere {
            asked.tag.push('b');
        }
        let keys = asked.keys.iter().filter(|_| how != How::Empty);
        let given: Vec<_> = keys
            .map(|key| format!(r#""{key}":{{"tag":"{known}"}}"#))
            .collect();
        let mut params = format!(
            r#""name":"t","arguments":{{"tag":"{}"}},"inputResponses":{{{}}}"#,
            asked.tag,
            given.join(",")
        );
        if let Some(state) = &asked.state {
            params.extend([",\"requestState\":\"", state, "\""]);
        }
        let open = Open {
            client: asked.client,
            tag: Some(asked.tag),
            rest: asked.rest,
            refused: refused && asked.state.is_some(),
        };
        self.post_visit(open, "tools/call", &params);
    }

    /// What a client without a session reads: its own, once, and no request.
    pub(super) fn visitor_reads(&mut self, stream: u64, message: &[u8]) {
        let message: Value = serde_json::from_slice(message).unwrap();
        let open = self.visitors.open.get(&stream);
        let open = open.unwrap_or_else(|| panic!("nobody waits on {stream}: {message}"));
        if let Some(method) = message["method"].as_str() {
            assert!(message["id"].is_null(), "it is asked nothing: {message}");
            let logs = method == "notifications/message";
            assert!(!logs || open.rest.logs, "it wants no log: {message}");
            let tag = message["params"]["tag"].as_str();
            assert!(tag.is_none() || tag == open.tag.as_deref(), "{message}");
            return;
        }
        assert_eq!(message["id"], stream, "under its own id: {message}");
        let open = self.visitors.open.remove(&stream).unwrap();
        if message["error"].is_object() {
            return assert_ne!(message["error"]["code"], -32002, "no code of others");
        }
        let result = &message["result"];
        assert!(
            self.by_result("v") || !open.refused,
            "it was let in: {message}"
        );
        match result["resultType"].as_str() {
            Some("input_required") => self.visitor_is_asked(open, result),
            Some("complete") => {
                let tag = result["tag"].as_str();
                assert!(
                    open.tag.is_none() || tag == open.tag.as_deref(),
                    "{message}"
                );
            }
            other => panic!("of no kind: {other:?}"),
        }
    }

    fn visitor_is_asked(&mut self, open: Open, result: &Value) {
        let tag = open.tag.expect("a listen is asked nothing");
        assert!(open.rest.able || self.by_result(&tag), "it cannot be asked");
        let inputs = result["inputRequests"].as_object().unwrap();
        for input in inputs.values() {
            assert_eq!(input["params"]["tag"], tag, "asked for its own call");
        }
        self.visitors.asked.push(Asked {
            client: open.client,
            tag,
            rest: open.rest,
            state: result["requestState"].as_str().map(str::to_owned),
            keys: inputs.keys().cloned().collect(),
        });
    }

    /// A request of the bridge itself is answered at once.
    pub(super) fn bridge_asks(&mut self, method: &str, id: u64) {
        match method {
            "tools/list" => self.scene.line(&result(id, r#"{"tools":[]}"#)),
            "subscriptions/listen" => {}
            "server/discover" => self.scene.line(&match self.server_is {
                Kind::Legacy => no_such_method(id),
                Kind::Modern | Kind::Dual => result(id, MODERN),
            }),
            _ => self.scene.line(&result(id, "{}")),
        }
    }

    /// The answer to what was asked for a call is of that call's client.
    pub(super) fn server_is_answered(&self, ask: &Value, tag: &str) {
        let call = self.server.iter().find(|call| *ask == call.minted);
        assert!(call.is_none_or(|call| call.tag == tag), "{ask} {tag}");
    }

    /// Everybody comes back with everything that was asked, until nothing is.
    pub(super) fn settle_visits(&mut self) {
        self.scene.pass(GATHER);
        self.check();
        while !self.visitors.asked.is_empty() {
            self.apply(&Op::ComeBack(0, How::Rightly));
        }
    }

    /// That every visit has had its end, and that listens end with their clients.
    pub(super) fn end_visits(&mut self) {
        let open = std::mem::take(&mut self.visitors.open);
        for (stream, open) in open {
            assert_eq!(open.tag, None, "every visit has ended");
            self.scene.gone(stream);
        }
    }
}
