//! What everybody in the random world reads, and whether it may.

use super::*;

impl World {
    /// Looks at everything that went out.
    pub(super) fn check(&mut self) {
        while !self.scene.out.is_empty() {
            let out = std::mem::take(&mut self.scene.out);
            self.check_all(out);
        }
    }

    fn check_all(&mut self, out: Vec<Output>) {
        for output in out {
            match output {
                Output::ToServer(line) => self.server_reads(&line),
                Output::ToClient {
                    stream, message, ..
                }
                | Output::Rejected {
                    stream, message, ..
                } => self.client_reads(stream.0, &message),
                Output::EndStream { stream } | Output::Overrun { stream, .. } => {
                    self.no_answer_on(stream.0);
                }
                Output::Refused { stream, .. } => {
                    self.no_answer_on(stream.0);
                    self.lose_stream(stream.0);
                }
                Output::Opened { .. }
                | Output::Accepted { .. }
                | Output::DropServer(_)
                | Output::Event(_) => {}
            }
        }
    }

    fn no_answer_on(&mut self, stream: u64) {
        assert!(!self.visitors.waits_on(stream), "a visit ends with a word");
        if let Some(session) = self.streams.get(&stream) {
            self.waiting.remove(&format!("{session}/{stream}"));
        }
    }

    fn server_reads(&mut self, line: &[u8]) {
        let line: Value = serde_json::from_slice(line).unwrap();
        if line["method"] == "tools/call" {
            let params = &line["params"];
            let tag = params["tag"]
                .as_str()
                .or_else(|| params["arguments"]["tag"].as_str());
            let tag = tag.unwrap().to_owned();
            let minted = line["id"].as_u64().unwrap();
            self.server.push(AtServer {
                minted,
                tag,
                cancelled: false,
            });
        } else if line["method"] == "notifications/cancelled" {
            let id = line["params"]["requestId"].as_u64().unwrap();
            let found = self.server.iter_mut().find(|call| call.minted == id);
            if let Some(call) = found {
                call.cancelled = true;
                self.waiting.remove(&call.tag);
            }
        } else if let (Some(method), Some(id)) = (line["method"].as_str(), line["id"].as_u64()) {
            self.bridge_asks(method, id);
        } else if let Some(tag) = line["result"]["tag"].as_str() {
            self.server_is_answered(&line["id"], tag);
        }
    }

    /// The one check that matters: what the message was caused by is of this stream's session.
    fn client_reads(&mut self, stream: u64, message: &[u8]) {
        let Some(session) = self.streams.get(&stream).copied() else {
            return self.visitor_reads(stream, message);
        };
        let message: Value = serde_json::from_slice(message).unwrap();
        let body = if message["method"].is_string() {
            &message["params"]
        } else {
            &message["result"]
        };
        if let Some(tag) = body["tag"].as_str() {
            assert!(
                tag.starts_with(&format!("{session}/")),
                "{tag} reached {session}: {message}"
            );
            if message["method"] == "elicitation/create" {
                self.asked.push((session, message["id"].as_u64().unwrap()));
            } else if message["method"].is_null() {
                let id = self
                    .waiting
                    .remove(tag)
                    .expect("answered once, and only if it waits");
                assert_eq!(message["id"].to_string(), id, "under its own id");
                assert!(
                    Self::sse(session) || tag == format!("{session}/{stream}"),
                    "{message}"
                );
            }
        } else if message["error"].is_object() && !Self::sse(session) {
            let id = self.waiting.remove(&format!("{session}/{stream}"));
            assert_eq!(id, Some(message["id"].to_string()), "{message}");
        }
    }
}
