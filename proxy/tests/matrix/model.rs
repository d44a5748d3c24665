//! A server that is a model of one revision: it says what it says, and complains about everything
//! that its revision does not have.

mod strict;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::revision::Revision;

/// A message of the server's, and the request on whose stream it belongs.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) to: Value,
    pub(crate) message: Value,
}

/// The state of one process.
#[derive(Debug)]
pub(crate) struct Model {
    revision: Revision,
    initialized: bool,
    /// What it asked, by its own request's id: the call that it is for.
    asked: BTreeMap<u64, Value>,
    asks: u64,
    cancelled: Vec<Value>,
    complaints: Vec<String>,
}

impl Model {
    pub(crate) fn new(revision: Revision) -> Self {
        Self {
            revision,
            initialized: false,
            asked: BTreeMap::new(),
            asks: 0,
            cancelled: Vec::new(),
            complaints: Vec::new(),
        }
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    /// Something that its revision does not have has happened.
    pub(crate) fn complain(&mut self, what: impl Into<String>) {
        self.complaints.push(what.into());
    }

    /// The client of a request has gone: how a stateless request over HTTP is cancelled.
    pub(crate) fn gone(&mut self, id: &Value) {
        self.cancelled.push(id.clone());
    }

    /// Takes a message.
    pub(crate) fn hear(&mut self, message: &Value) -> Vec<Said> {
        self.check(message);
        let id = &message["id"];
        match (message["method"].as_str(), id.is_null()) {
            (Some(method), false) => self.request(method, message),
            (Some(method), true) => {
                self.note(method, message);
                Vec::new()
            }
            (None, _) => self.answer(message),
        }
    }

    fn note(&mut self, method: &str, message: &Value) {
        match method {
            "notifications/initialized" => self.initialized = true,
            "notifications/cancelled" => {
                let id = message["params"]["requestId"].clone();
                self.cancelled.push(id);
            }
            _ => {}
        }
    }

    fn request(&mut self, method: &str, message: &Value) -> Vec<Said> {
        let id = &message["id"];
        let server = json!({ "name": "model", "version": "1" });
        let capabilities = json!({ "tools": {}, "logging": {} });
        match method {
            "initialize" if self.revision.is_modern() => vec![error(
                id,
                -32022,
                "Unsupported protocol version",
                &json!({ "supported": ["2026-07-28"], "requested": message["params"]["protocolVersion"] }),
            )],
            "initialize" => vec![result(
                id,
                &json!({ "protocolVersion": self.revision.name(),
                    "capabilities": capabilities, "serverInfo": server }),
            )],
            "server/discover" if self.revision.is_modern() => vec![self.complete(
                id,
                json!({ "supportedVersions": [self.revision.name()], "capabilities": capabilities,
                    "ttlMs": 0, "cacheScope": "private",
                    "_meta": { "io.modelcontextprotocol/serverInfo": server } }),
            )],
            "ping" => vec![result(id, &json!({}))],
            "tools/list" => {
                let tools = TOOLS.map(|name| {
                    json!({ "name": name, "description": name, "inputSchema": { "type": "object" } })
                });
                let mut list = json!({ "tools": tools });
                if self.revision.is_modern() {
                    list["ttlMs"] = json!(5);
                    list["cacheScope"] = json!("public");
                }
                vec![self.complete(id, list)]
            }
            "tools/call" => self.tool(message),
            _ => vec![error(id, -32601, "Method not found", &Value::Null)],
        }
    }

    fn tool(&mut self, message: &Value) -> Vec<Said> {
        let (id, params) = (&message["id"], &message["params"]);
        match params["name"].as_str() {
            Some("echo") => vec![self.text(id, &params["arguments"].to_string())],
            Some("progress") => {
                let mut said: Vec<_> = (1..=3).map(|step| progress(params, id, step)).collect();
                said.push(self.text(id, "done"));
                said
            }
            Some("never") => vec![progress(params, id, 1)],
            Some("sample") => self.ask(message, "sampling/createMessage"),
            Some("elicit") => self.ask(message, "elicitation/create"),
            Some("cancelled") => vec![self.text(id, &self.cancelled.len().to_string())],
            Some("complaints") => vec![self.text(id, &self.complaints.join("; "))],
            _ => vec![error(
                id,
                -32602,
                "there is no such tool",
                &json!({ "kept": 1.50 }),
            )],
        }
    }

    /// Asks the client in the way of its revision.
    fn ask(&mut self, message: &Value, method: &str) -> Vec<Said> {
        let (id, params) = (&message["id"], &message["params"]);
        let wanted = question(method);
        if !self.revision.is_modern() {
            self.asks += 1;
            self.asked.insert(self.asks, id.clone());
            let message =
                json!({ "jsonrpc": "2.0", "id": self.asks, "method": method, "params": wanted });
            let to = id.clone();
            return vec![Said { to, message }];
        }
        let said = &params["inputResponses"]["word"];
        if said.is_object() && params["requestState"] == "the state" {
            return vec![self.text(id, &said.to_string())];
        }
        let requests = json!({ "word": { "method": method, "params": wanted } });
        vec![result(
            id,
            &json!({ "resultType": "input_required", "inputRequests": requests,
                "requestState": "the state" }),
        )]
    }

    /// The client has answered what was asked.
    fn answer(&mut self, message: &Value) -> Vec<Said> {
        let asked = message["id"].as_u64().and_then(|id| self.asked.remove(&id));
        let Some(call) = asked else {
            self.complain(format!("an answer to nothing: {message}"));
            return Vec::new();
        };
        match message.get("result") {
            Some(said) => vec![self.text(&call, &said.to_string())],
            None => vec![error(&call, -32603, "nobody answers", &Value::Null)],
        }
    }

    fn text(&self, id: &Value, text: &str) -> Said {
        self.complete(id, json!({ "content": [{ "type": "text", "text": text }] }))
    }

    /// A result, marked as its revision wants it.
    fn complete(&self, id: &Value, mut what: Value) -> Said {
        if self.revision.is_modern() {
            what["resultType"] = json!("complete");
        }
        result(id, &what)
    }
}

/// The names that `tools/list` tells.
pub(crate) const TOOLS: [&str; 7] = [
    "echo",
    "progress",
    "never",
    "sample",
    "elicit",
    "cancelled",
    "complaints",
];

fn result(id: &Value, result: &Value) -> Said {
    Said {
        to: id.clone(),
        message: json!({ "jsonrpc": "2.0", "id": id, "result": result }),
    }
}

fn error(id: &Value, code: i64, message: &str, data: &Value) -> Said {
    let mut error = json!({ "code": code, "message": message });
    if !data.is_null() {
        error["data"] = data.clone();
    }
    Said {
        to: id.clone(),
        message: json!({ "jsonrpc": "2.0", "id": id, "error": error }),
    }
}

fn progress(params: &Value, id: &Value, step: u32) -> Said {
    let token = &params["_meta"]["progressToken"];
    let params = json!({ "progressToken": token, "progress": step, "total": 3 });
    Said {
        to: id.clone(),
        message: json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }),
    }
}

/// What it wants to know.
fn question(method: &str) -> Value {
    if method == "elicitation/create" {
        let schema = json!({ "type": "object", "properties": { "word": { "type": "string" } } });
        return json!({ "message": "A word?", "requestedSchema": schema });
    }
    let content = json!({ "type": "text", "text": "A word?" });
    json!({ "messages": [{ "role": "user", "content": content }], "maxTokens": 5 })
}
