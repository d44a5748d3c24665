//! What a revision does not have.

use serde_json::Value;

use super::Model;

/// What a stateless request says about its client.
const CLIENT: [&str; 4] = [
    "io.modelcontextprotocol/protocolVersion",
    "io.modelcontextprotocol/clientInfo",
    "io.modelcontextprotocol/clientCapabilities",
    "io.modelcontextprotocol/logLevel",
];

/// What only revisions with sessions have.
const SESSIONS: [&str; 6] = [
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
    "notifications/initialized",
    "notifications/roots/list_changed",
];

impl Model {
    /// Complains about what the message must not be.
    pub(super) fn check(&mut self, message: &Value) {
        if message["jsonrpc"] != "2.0" {
            self.complain(format!("no JSON-RPC 2.0: {message}"));
        }
        let method = message["method"].as_str().unwrap_or_default();
        if self.revision.is_modern() {
            self.check_modern(method, message);
        } else {
            self.check_legacy(method, message);
        }
    }

    fn check_legacy(&mut self, method: &str, message: &Value) {
        // It finds out whether the server takes requests of the later revision too.
        if method == "server/discover" {
            return;
        }
        if method == "subscriptions/listen" {
            self.complain(format!("{method} of a later revision"));
        }
        let params = &message["params"];
        for key in CLIENT {
            if params["_meta"].get(key).is_some() {
                self.complain(format!("{method} with {key}"));
            }
        }
        for key in ["inputResponses", "requestState"] {
            if params.get(key).is_some() {
                self.complain(format!("{method} with {key}"));
            }
        }
        let opening = matches!(
            method,
            "initialize" | "ping" | "" | "notifications/cancelled"
        );
        if !self.initialized && !opening && method != "notifications/initialized" {
            self.complain(format!("{method} before notifications/initialized"));
        }
        if method == "initialize" && params["protocolVersion"].as_str() > Some("2025-11-25") {
            self.complain(format!("initialize for {}", params["protocolVersion"]));
        }
    }

    fn check_modern(&mut self, method: &str, message: &Value) {
        // Asked before anything else, it finds out what kind of server this is.
        if method == "initialize" {
            return;
        }
        if SESSIONS.contains(&method) {
            self.complain(format!("{method} of an earlier revision"));
        }
        if method.is_empty() {
            self.complain(format!("an answer, where nothing is asked: {message}"));
        }
        if message["id"].is_null() {
            return;
        }
        let meta = &message["params"]["_meta"];
        if meta[CLIENT[0]] != self.revision.name() {
            self.complain(format!("{method} says revision {}", meta[CLIENT[0]]));
        }
        if !meta[CLIENT[2]].is_object() {
            self.complain(format!("{method} does not say what its client can do"));
        }
    }
}
