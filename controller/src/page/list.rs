//! `GET /`: the servers that somebody may see.

use std::collections::BTreeSet;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use hivewright_page::filter::{self, Filter, PAGE_SIZE};
use hivewright_page::model::{Health, Overview, Row};
use hivewright_page::overview;
use kube::ResourceExt as _;

use super::answer::{NoPage, page};
use super::last::last;
use super::rights::{Sight, sight};
use super::row::Known;
use super::{Page, site};
use crate::key::Key;

const ROOT: &str = "./";

pub(super) async fn list(
    State(page_of): State<Page>,
    Query(query): Query<filter::Query>,
    headers: HeaderMap,
) -> Result<Response, NoPage> {
    let filter = Filter::from(query);
    let servers = page_of.window.servers();
    let namespaces: BTreeSet<String> = servers
        .iter()
        .filter_map(|server| server.namespace())
        .collect();
    let wanted = filter.namespace.as_deref();
    let sight = sight(&page_of.gate, &headers, namespaces, wanted).await;
    let sight = sight.map_err(|denial| NoPage::denied(ROOT, denial))?;
    let mut known: Vec<Known> = servers.iter().map(|server| Known::of(server)).collect();
    known.retain(|server| sight.sees(&server.key.namespace));
    let overview_of = page_of.overview(filter, known, &sight).await;
    Ok(page(overview(&overview_of)))
}

impl Page {
    async fn overview(&self, mut filter: Filter, mut known: Vec<Known>, sight: &Sight) -> Overview {
        let tally = tally(&known);
        let namespaces: BTreeSet<String> =
            known.iter().map(|one| one.key.namespace.clone()).collect();
        known.retain(|one| filter.takes(&one.key.namespace, &one.key.name, one.health));
        known.sort_by(|one, other| (one.health, &one.key).cmp(&(other.health, &other.key)));
        let matching = known.len();
        let pages = matching.div_ceil(PAGE_SIZE).max(1);
        filter.page = filter.page.min(pages);
        let first = (filter.page - 1) * PAGE_SIZE;
        let shown: Vec<Known> = known.into_iter().skip(first).take(PAGE_SIZE).collect();
        let mut notes = unasked(sight);
        let rows = self.rows(shown, &mut notes).await;
        Overview {
            site: site(ROOT),
            filter,
            tally,
            namespaces: namespaces.into_iter().collect(),
            rows,
            matching,
            pages,
            notes,
        }
    }

    /// Asks the proxies and the journal.
    async fn rows(&self, shown: Vec<Known>, notes: &mut Vec<String>) -> Vec<Row> {
        let keys: Vec<Key> = shown.iter().map(|one| one.key.clone()).collect();
        let asked = keys.iter().map(|key| self.window.proxies(key.clone()));
        let figures = self.figures.of(asked.collect());
        let looked = keys.clone();
        let events = self.reading.read(move |path| last(path, &looked));
        let (figures, events) = futures::join!(figures, events);
        let events = events.unwrap_or_else(|refusal| {
            notes.push(format!("Last events cannot be shown: {refusal}."));
            vec![None; keys.len()]
        });
        let told = figures.into_iter().zip(events);
        let row = |(known, (figures, last)): (Known, _)| Row {
            namespace: known.key.namespace,
            name: known.key.name,
            health: known.health,
            sentence: known.sentence,
            pods: known.pods,
            restarts: known.restarts,
            figures,
            last,
        };
        shown.into_iter().zip(told).map(row).collect()
    }
}

fn tally(known: &[Known]) -> Vec<(Health, usize)> {
    let count = |health| known.iter().filter(|one| one.health == health).count();
    Health::ALL.map(|health| (health, count(health))).to_vec()
}

fn unasked(sight: &Sight) -> Vec<String> {
    match sight {
        Sight::All | Sight::Some { unasked: 0, .. } => Vec::new(),
        Sight::Some { unasked, .. } => vec![format!(
            "You may not list MCPServers in every namespace, and {unasked} namespaces were not asked \
             about; add ?namespace=NAME to the address to see one of them."
        )],
    }
}
