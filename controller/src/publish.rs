//! Step 5: tells what became of one server: its status, Kubernetes Events, metrics, log lines. All
//! of them are folds over the same events.

use std::sync::Arc;

use hivewright_api::{MCPServer, MCPServerStatus, names};
use hivewright_core::kube_event::{self, Action};
use hivewright_core::{Event, Observed, Part, Reason, Severity, status};
use k8s_openapi::api::core::v1::ObjectReference;
use kube::api::PatchParams;
use kube::core::error_boundary::InvalidObject;
use kube::runtime::events::{self, EventType};
use kube::runtime::reflector::ObjectRef;
use kube::{Client, Resource as _, ResourceExt as _};
use serde_json::json;

use crate::journal::Keeper;
use crate::metrics::Metrics;
use crate::recorder::Recorder;
use crate::send::{self, Side};
use crate::watch::Server;
use crate::{apply, profiles, trace};

/// Where it is told.
#[derive(Clone)]
pub struct Publisher {
    client: Client,
    recorder: Recorder,
    metrics: Metrics,
    keeper: Arc<Keeper>,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher").finish_non_exhaustive()
    }
}

impl Publisher {
    /// Publishes with this client, counting into `metrics`.
    pub fn new(client: Client, metrics: Metrics) -> Self {
        let recorder = Recorder::new(client.clone(), names::MANAGER);
        Self {
            client,
            recorder,
            metrics,
            keeper: Arc::default(),
        }
    }

    /// Keeps what is told in a journal too.
    #[must_use]
    pub fn kept(self, keeper: Arc<Keeper>) -> Self {
        Self { keeper, ..self }
    }

    /// Folds the events into status, journal, log, metrics and Kubernetes Events. No events: no call.
    /// Gives the new resourceVersion of the MCPServer.
    ///
    /// The status comes first: people wait for it, and what it does not hold yet is found again by
    /// the next pass, so telling it before would tell it twice. What the journal misses it finds out
    /// by itself, and nothing waits for it long.
    ///
    /// # Errors
    /// When the status cannot be written; nothing else is told then. Kubernetes Events that cannot
    /// be written are logged.
    pub async fn publish(
        &self,
        observed: &Observed,
        events: &[Event],
    ) -> Result<Option<String>, kube::Error> {
        if events.is_empty() {
            let status = observed.server.status.as_ref();
            self.keeper.pass(observed, events, status).await;
            return Ok(None);
        }
        let mut status = observed.server.status.clone().unwrap_or_default();
        status::fold_all(&mut status, events, observed.now);
        let written = if observed.server.status.as_ref() == Some(&status) {
            None
        } else {
            self.status(&observed.server, &status).await?
        };
        self.keeper.pass(observed, events, Some(&status)).await;
        for event in events {
            self.count(event);
        }
        // One after the other: each at the same time would take a connection of its own.
        for event in events {
            self.record(&observed.server, event).await;
        }
        Ok(written)
    }

    fn count(&self, event: &Event) {
        self.metrics.fold(event);
        trace::event(event);
        let (reason, note) = (event.reason().as_str(), event.note());
        match (event.severity(), kube_event::fold(event)) {
            (Severity::Warning, _) => tracing::warn!(reason, note, "Fact changed"),
            (Severity::Normal, Some(_)) => tracing::info!(reason, note, "Fact changed"),
            // A step on the way to what is told anyway.
            (Severity::Normal, None) => tracing::debug!(reason, note, "Fact changed"),
        }
    }

    async fn record(&self, server: &MCPServer, event: &Event) {
        let Some(fold) = kube_event::fold(event) else {
            return;
        };
        let event = events::Event {
            type_: match fold.severity {
                Severity::Normal => EventType::Normal,
                Severity::Warning => EventType::Warning,
            },
            reason: fold.reason.as_str().to_owned(),
            note: Some(fold.note),
            action: fold.action.as_str().to_owned(),
            secondary: related(server, event),
        };
        self.send(&event, &server.object_ref(&())).await;
    }

    /// Says of an MCPServer that it cannot be read.
    pub async fn unreadable(&self, server: &InvalidObject, about: &ObjectReference) {
        let event = events::Event {
            type_: EventType::Warning,
            reason: Reason::InvalidValue.as_str().to_owned(),
            note: Some(unreadable(&server.error)),
            action: Action::Validate.as_str().to_owned(),
            secondary: None,
        };
        self.send(&event, about).await;
    }

    /// Says of an MCPServer that its permission profile is not looked at.
    pub async fn unwatched(&self, server: &ObjectRef<Server>) {
        let event = events::Event {
            type_: EventType::Warning,
            reason: Reason::InvalidProfile.as_str().to_owned(),
            note: Some(format!(
                "{} other ConfigMaps hold permission profiles and no more are looked at; let several MCPServers share one",
                profiles::MOST
            )),
            action: Action::Validate.as_str().to_owned(),
            secondary: None,
        };
        self.send(&event, &server.clone().into()).await;
    }

    async fn send(&self, event: &events::Event, about: &ObjectReference) {
        let sent = self.recorder.publish(event, about);
        match trace::request("write", "events", sent).await {
            Ok(()) => {}
            Err(error) if apply::namespace_ends(&error) => {}
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "Kubernetes Event could not be written"
            ),
        }
    }

    async fn status(
        &self,
        server: &MCPServer,
        status: &MCPServerStatus,
    ) -> Result<Option<String>, kube::Error> {
        let servers = MCPServer::url_path(&(), server.namespace().as_deref());
        // The UID keeps a status from landing on a namesake that was made meanwhile.
        let patch = json!({
            "apiVersion": MCPServer::api_version(&()),
            "kind": MCPServer::kind(&()),
            "metadata": { "name": server.name_any(), "uid": server.uid() },
            "status": status,
        });
        let params = PatchParams::apply(names::MANAGER).force();
        let sent = send::apply(&self.client, (&servers, Side::Status), &patch, &params);
        trace::request("apply", "mcpservers/status", sent).await
    }
}

/// The object that an event is about beside the MCPServer. It also keeps the Events of two objects
/// apart: the recorder takes what differs in the note alone for repetitions (as KEP-383 has it).
fn related(server: &MCPServer, event: &Event) -> Option<ObjectReference> {
    let part = part(event)?;
    Some(ObjectReference {
        api_version: Some(part.api_version().to_owned()),
        kind: Some(part.kind().to_owned()),
        name: Some(part.name(&server.name_any())),
        namespace: server.namespace(),
        ..ObjectReference::default()
    })
}

fn part(event: &Event) -> Option<Part> {
    match event {
        Event::Object { part, .. }
        | Event::ObjectGone { part }
        | Event::Applied { part }
        | Event::Deleted { part } => Some(*part),
        Event::GenerationObserved(_)
        | Event::Accepted
        | Event::Refused(_)
        | Event::Unjudged
        | Event::Terminating(_)
        | Event::Policy(_)
        | Event::Egress(_)
        | Event::Backend(_)
        | Event::Replicas(_)
        | Event::Proxy(_)
        | Event::Restarts { .. }
        | Event::Journal(_)
        | Event::EndpointPublished(_)
        | Event::EndpointWithdrawn
        | Event::Ready
        | Event::NotReady(_) => None,
    }
}

fn unreadable(error: &str) -> String {
    let mut note = format!("The MCPServer cannot be read; change the field that is named: {error}");
    note.truncate(note.floor_char_boundary(kube_event::MAX_NOTE));
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_cut_at_a_character_not_within_one() {
        let long = unreadable(&"ü".repeat(kube_event::MAX_NOTE));
        assert!(
            long.len() <= kube_event::MAX_NOTE && long.ends_with('ü'),
            "{} bytes",
            long.len()
        );
    }
}
