//! The server as it is now, as the page has it.

use std::time::Duration;

use hivewright_page::{
    load::Load,
    model::{Fact, Figures, Health, Server, Session, Sessions, Site, Timeline, Tone, Value},
    problem,
};
use jiff::Timestamp;

use super::{Page, telling};
use crate::{
    driver::ServerHealth,
    fleet::{FleetSnapshot, SessionOfPod},
    settings,
};

/// How often the page looks for what is new: who tries a server out wants to see their own call.
const PERIOD: Duration = Duration::from_secs(2);

/// Sessions that are shown; a person has a few clients.
const MAX_SESSIONS: usize = 50;

impl Page {
    /// Everything, at one moment.
    pub(super) fn shown(&self, warnings: bool) -> Server {
        let health = self.fleet.health();
        let (shown, sentence) = told(&health);
        let mut entries = self.story.newest();
        if warnings {
            entries.retain(|entry| entry.tone == Tone::Warning);
        }
        Server {
            site: site(),
            namespace: None,
            name: self.name(&health),
            health: shown,
            sentence,
            advice: None,
            facts: self.facts(&health),
            conditions: Vec::new(),
            figures: self.figures(),
            sessions: Some(sessions(&self.fleet.snapshot())),
            timeline: Timeline {
                entries,
                older: None,
                newer: false,
                warnings,
                note: None,
            },
        }
    }

    /// Why the page is not shown.
    pub(super) fn refused(sentence: &str) -> String {
        problem(&site(), "Not allowed", sentence)
    }

    /// The name that the server gives itself, once it has.
    fn name(&self, health: &ServerHealth) -> String {
        let named = match health {
            ServerHealth::Initialized(server) => Some(server.name.to_string()),
            ServerHealth::Down | ServerHealth::Handshaking | ServerHealth::Failed(_) => None,
        };
        let named = named.filter(|name| !name.trim().is_empty());
        named.unwrap_or_else(|| self.command.clone())
    }

    fn facts(&self, health: &ServerHealth) -> Vec<Fact> {
        let url = settings::url(self.doors);
        let sse = url.replacen(
            hivewright_api::names::PATH_MCP,
            hivewright_api::names::PATH_SSE,
            1,
        );
        let mut facts = vec![
            ("Address for clients", Value::Code(url)),
            ("HTTP+SSE", Value::Code(sse)),
            ("Runs", Value::Code(self.command.clone())),
        ];
        if let ServerHealth::Initialized(server) = health {
            let revision = server
                .revision
                .map_or("unknown", |revision| revision.as_str());
            facts.push(("Version", Value::Text(server.version.to_string())));
            facts.push(("MCP revision", Value::Text(revision.to_owned())));
        }
        facts.push(("Proxy started", Value::Ago(self.started)));
        let fact = |(label, value)| Fact { label, value };
        facts.into_iter().map(fact).collect()
    }

    fn figures(&self) -> Figures {
        match self.fleet.metrics().scrape(&self.fleet.gauges()) {
            Ok(text) => Figures::Known(Load::read(&text)),
            Err(error) => {
                tracing::error!(%error, "metrics could not be written");
                Figures::Unanswered("Metrics could not be written; the log says why.".to_owned())
            }
        }
    }
}

fn site() -> Site {
    Site {
        now: Timestamp::now(),
        root: "./",
        served_by: format!("hivewright-proxy {}", env!("CARGO_PKG_VERSION")),
        period: PERIOD,
    }
}

fn told(health: &ServerHealth) -> (Health, String) {
    let (shown, sentence) = match health {
        ServerHealth::Down => (Health::Pending, "The server's process has not started yet."),
        ServerHealth::Handshaking => (
            Health::Pending,
            "The server's process runs and has not answered initialize yet.",
        ),
        ServerHealth::Initialized(_) => (Health::Ready, "MCP clients are answered."),
        ServerHealth::Failed(loss) => (Health::Failed, telling::lost(*loss)),
    };
    (shown, sentence.to_owned())
}

fn sessions(all: &FleetSnapshot) -> Sessions {
    let shown: Vec<Session> = all
        .sessions
        .iter()
        .take(MAX_SESSIONS)
        .map(session)
        .collect();
    Sessions {
        more: all.sessions.len() - shown.len(),
        shown,
    }
}

fn session(one: &SessionOfPod) -> Session {
    let session = &one.session;
    let revision = session.revision.unwrap_or("before initialize");
    Session {
        id: session.id_prefix.clone(),
        how: format!("{}, {revision}", telling::door(session.door)),
        age: Duration::from_secs(session.age_seconds),
        idle: Duration::from_secs(session.idle_seconds),
        running: session.pending,
    }
}
