//! The journal of a whole controller, against an API server in this process: laws 3 and 4 on the
//! road itself. In real time: the journal has a thread of its own.

use std::path::Path;
use std::time::Duration;

use hivewright_api::MCPServerStatus;
use hivewright_controller::journal::{Journal, Limits, Query, Reader, Replayed, Settings};
use hivewright_controller::operate::Config;
use hivewright_core::record::Fact;
use jiff::SignedDuration;
use serde_json::Value;

use crate::support::FakeApi;
use crate::support::controller::{NAMESPACE, Running, condition, config, fetch, scale};
use crate::support::pods;

/// How long nothing is asked of the API server once the controller has come to rest.
const QUIET: Duration = Duration::from_secs(1);

/// Waits until nothing is asked any more.
async fn rest(api: &FakeApi) {
    let mut before = usize::MAX;
    loop {
        let now = api.requests().len();
        if std::mem::replace(&mut before, now) == now {
            return;
        }
        tokio::time::sleep(QUIET).await;
    }
}

async fn running(api: &FakeApi, path: &Path) -> (Running, Journal) {
    let settings = Settings {
        path: path.to_owned(),
        limits: Limits {
            age: SignedDuration::from_hours(1),
            bytes: 64 * 1024 * 1024,
        },
    };
    let metrics = hivewright_controller::metrics::Metrics::new();
    let journal = Journal::start(settings, metrics.journal()).await.unwrap();
    let config = Config {
        journal: Some(journal.clone()),
        ..config()
    };
    (Running::configured(api, "a", config), journal)
}

async fn end(running: Running, journal: Journal) {
    running.stop().await;
    journal.close().await;
}

fn told(path: &Path) -> Vec<Replayed> {
    Reader::open(path).unwrap().servers_at(None).unwrap()
}

fn facts(path: &Path) -> Vec<Fact> {
    let entries = Reader::open(path).unwrap().events(&Query::default());
    let entries = entries.unwrap();
    entries.iter().map(|entry| entry.fact().unwrap()).collect()
}

fn stored(status: Option<&MCPServerStatus>) -> Value {
    serde_json::to_value(status).unwrap()
}

/// The status that the journal gives is the one that the API server has.
fn agrees(api: &FakeApi, path: &Path) {
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    let told = told(path);
    assert_eq!(told.len(), 1);
    assert_eq!(stored(told[0].status.as_ref()), server["status"]);
}

/// A server that has become ready, and has failed and become ready again.
async fn history(api: &FakeApi) {
    api.put("mcpservers", fetch("fetch"));
    rest(api).await;
    scale(api, "fetch", 1);
    for initialized in [true, false, true] {
        api.put("pods", pods::server("fetch", initialized));
        api.put("pods", pods::proxy("fetch", true));
        rest(api).await;
    }
}

#[tokio::test]
async fn replay_gives_the_status_that_is_in_the_cluster() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.db");
    let api = FakeApi::default();
    let (controller, journal) = running(&api, &path).await;
    history(&api).await;
    agrees(&api, &path);
    assert!(
        facts(&path)
            .iter()
            .all(|fact| matches!(fact, Fact::Event(_))),
        "nothing was missed, so nothing was healed"
    );
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    assert_eq!(condition(&server, "JournalAvailable").0, "True");
    end(controller, journal).await;
}

#[tokio::test]
async fn a_lost_journal_changes_nothing_and_begins_with_what_is_true() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.db");
    let api = FakeApi::default();
    let (controller, journal) = running(&api, &path).await;
    history(&api).await;
    end(controller, journal).await;
    let before = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    std::fs::remove_file(&path).unwrap();
    let (controller, journal) = running(&api, &path).await;
    rest(&api).await;
    let after = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    assert_eq!(before, after);
    agrees(&api, &path);
    assert!(matches!(facts(&path).as_slice(), [Fact::Snapshot(_)]));
    api.put("pods", pods::server("fetch", false));
    rest(&api).await;
    agrees(&api, &path);
    end(controller, journal).await;
}

#[tokio::test]
async fn a_server_that_goes_is_told_to_be_gone_though_nobody_saw_it_go() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.db");
    let api = FakeApi::default();
    let (controller, journal) = running(&api, &path).await;
    history(&api).await;
    end(controller, journal).await;
    api.delete("mcpservers", NAMESPACE, "fetch");
    let (controller, journal) = running(&api, &path).await;
    rest(&api).await;
    assert_eq!(told(&path)[0].status, None);
    assert_eq!(facts(&path).last(), Some(&Fact::Deleted));
    api.put("mcpservers", fetch("fetch"));
    rest(&api).await;
    agrees(&api, &path);
    api.delete("mcpservers", NAMESPACE, "fetch");
    rest(&api).await;
    assert_eq!(told(&path)[0].status, None, "seen going");
    end(controller, journal).await;
}

#[tokio::test]
async fn without_a_place_for_the_journal_reconciling_goes_on_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("later").join("journal.db");
    let api = FakeApi::default();
    let (controller, journal) = running(&api, &path).await;
    history(&api).await;
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    assert_eq!(condition(&server, "Ready").0, "True");
    let (status, reason, _) = condition(&server, "JournalAvailable");
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("False", "JournalUnreachable")
    );
    assert!(server["status"]["lastFailure"]["reason"] != "JournalUnreachable");
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    let mut news = journal.state();
    let available =
        |state: &hivewright_core::Journal| *state == hivewright_core::Journal::Available;
    tokio::time::timeout(Duration::from_secs(40), news.wait_for(available))
        .await
        .unwrap()
        .unwrap();
    rest(&api).await;
    let server = api.get("mcpservers", NAMESPACE, "fetch").unwrap();
    assert_eq!(condition(&server, "JournalAvailable").0, "True");
    agrees(&api, &path);
    end(controller, journal).await;
}
