//! `GET /servers/NAMESPACE/NAME`: one server.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use hivewright_page::model::{self, Health, Timeline};
use hivewright_page::server;
use jiff::Timestamp;

use super::answer::{NoPage, page};
use super::row::Known;
use super::story::{Wanted, story};
use super::{Page, facts, site};
use crate::auth::Ask;
use crate::key::Key;
use crate::reading::answer;
use crate::watch::Server;

const ROOT: &str = "../../";

pub(super) async fn one(
    State(page_of): State<Page>,
    Path((namespace, name)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, NoPage> {
    let key = Key::new(&namespace, &name);
    // First: who may not see a server does not learn whether there is one.
    let ask = Ask::get(&namespace, &name);
    let admitted = page_of.gate.admit(&headers, &ask).await;
    admitted.map_err(|denial| NoPage::denied(ROOT, denial))?;
    let found = page_of.window.server(&key);
    let found = found.ok_or_else(|| NoPage::no_server(ROOT, key))?;
    let shown = page_of.server(&found, wanted).await;
    Ok(page(server(&shown)))
}

impl Page {
    async fn server(&self, server: &Server, wanted: Wanted) -> model::Server {
        let known = Known::of(server);
        let asked = vec![self.window.proxies(known.key.clone())];
        let figures = self.figures.of(asked);
        let timeline = self.timeline(&known.key, wanted);
        let advice = self.advice(&known);
        let (mut figures, timeline, advice) = futures::join!(figures, timeline, advice);
        let readable = server.0.as_ref().ok();
        model::Server {
            site: site(ROOT),
            namespace: Some(known.key.namespace),
            name: known.key.name,
            health: known.health,
            sentence: known.sentence,
            advice,
            facts: readable.map(facts::facts).unwrap_or_default(),
            conditions: readable.map(facts::conditions).unwrap_or_default(),
            figures: figures.pop().unwrap_or(model::Figures::NoProxy),
            sessions: None,
            timeline,
        }
    }

    async fn timeline(&self, server: &Key, wanted: Wanted) -> Timeline {
        let (server, asked) = (server.clone(), wanted.clone());
        let told = self.reading.read(move |path| story(path, &server, &asked));
        match told.await {
            Ok(timeline) => timeline,
            Err(refusal) => wanted.untold(format!("Events cannot be shown: {refusal}.")),
        }
    }

    /// What is wrong, since when, and what to do: out of the journal, for a server that is not well.
    async fn advice(&self, known: &Known) -> Option<String> {
        match known.health {
            Health::Ready => return None,
            Health::Failed | Health::Pending | Health::Terminating | Health::Stopped => {}
        }
        let key = known.key.clone();
        let why = self
            .reading
            .read(move |path| answer::why(path, &key, Timestamp::now()));
        // That there is none is said above the timeline.
        why.await.ok().flatten().map(|why| why.paragraph)
    }
}
