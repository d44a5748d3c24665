//! What is wrong with the disk is said, costs a pass no time, and passes by itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hivewright_api::MCPServerStatus;
use hivewright_controller::journal::{
    APPEND_WAIT, Item, Journal, Limits, Lost, Pass, QUEUE, Query, Reader, Settings, read,
};
use hivewright_controller::key::Key;
use hivewright_controller::metrics::Metrics;
use hivewright_core::{Event, Journal as State, JournalFault};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::time::{Instant, timeout};

/// More than the first retry waits.
const LONG: Duration = Duration::from_secs(20);

struct Bench {
    directory: TempDir,
    metrics: Metrics,
}

impl Bench {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            metrics: Metrics::new(),
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("journal.db")
    }

    async fn journal(&self) -> Journal {
        self.at(self.path()).await
    }

    async fn at(&self, path: PathBuf) -> Journal {
        let limits = Limits {
            age: SignedDuration::from_hours(1),
            bytes: 64 * 1024 * 1024,
        };
        let settings = Settings { path, limits };
        Journal::start(settings, self.metrics.journal())
            .await
            .unwrap()
    }

    fn shows(&self, line: &str) -> bool {
        let text = self.metrics.encode().unwrap();
        text.lines()
            .any(|found| found == format!("hivewright_controller_journal_{line}"))
    }
}

fn item(server: &str, generation: i64) -> Item {
    let event = Event::GenerationObserved(generation);
    let status = MCPServerStatus {
        observed_generation: Some(generation),
        ..MCPServerStatus::default()
    };
    let pass = Pass {
        server: Key::new("ns", server),
        uid: "1".to_owned(),
        before: None,
        after: Some(status),
        events: vec![event],
        at: Timestamp::UNIX_EPOCH,
        traceparent: None,
    };
    pass.into()
}

fn count(path: &Path) -> usize {
    let reader = Reader::open(path).unwrap();
    reader.events(&Query::default()).unwrap().len()
}

async fn becomes(journal: &Journal, state: State) {
    let mut states = journal.state();
    timeout(LONG, states.wait_for(|now| *now == state))
        .await
        .unwrap_or_else(|_| panic!("the journal never became {state:?}"))
        .unwrap();
}

#[tokio::test]
async fn what_is_acknowledged_is_in_the_file_and_counted() {
    let bench = Bench::new();
    let journal = bench.journal().await;
    assert_eq!(*journal.state().borrow(), State::Available);
    let before = *journal.newest().borrow();
    for at in 0..5 {
        journal.append(item(&format!("s{at}"), 1)).await.unwrap();
    }
    assert_eq!(count(&bench.path()), 5);
    assert_eq!(*journal.newest().borrow(), before + 5);
    assert_eq!(journal.alive().await.len(), 5);
    assert!(bench.shows("up 1") && bench.shows("events_total{outcome=\"stored\"} 5"));
}

#[tokio::test]
async fn after_it_is_closed_the_file_can_be_copied_alone() {
    let bench = Bench::new();
    let journal = bench.journal().await;
    journal.append(item("a", 1)).await.unwrap();
    journal.close().await;
    let copy = bench.directory.path().join("copy.db");
    std::fs::copy(bench.path(), &copy).unwrap();
    assert_eq!(count(&copy), 1);
    let after = journal.append(item("a", 2)).await;
    assert!(matches!(after, Err(Lost::Unavailable(_))), "{after:?}");
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_said_and_waited_for() {
    let bench = Bench::new();
    let directory = bench.directory.path().join("later");
    let journal = bench.at(directory.join("journal.db")).await;
    let fault = State::Unavailable(JournalFault::Unreachable);
    assert_eq!(*journal.state().borrow(), fault);
    let began = Instant::now();
    let lost = journal.append(item("a", 1)).await.unwrap_err();
    assert_eq!(lost, Lost::Unavailable(JournalFault::Unreachable));
    assert!(began.elapsed() < APPEND_WAIT / 4, "a pass was held up");
    assert!(bench.shows("up 0") && bench.shows("events_total{outcome=\"lost\"} 1"));
    assert!(bench.shows("faults_total{reason=\"JournalUnreachable\"} 1"));
    std::fs::create_dir(&directory).unwrap();
    becomes(&journal, State::Available).await;
    journal.append(item("a", 1)).await.unwrap();
    assert!(bench.shows("up 1"));
}

#[tokio::test]
async fn a_file_of_somebody_else_is_not_touched() {
    let bench = Bench::new();
    let other = Connection::open(bench.path()).unwrap();
    other
        .execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
        .unwrap();
    let journal = bench.journal().await;
    let fault = State::Unavailable(JournalFault::Foreign);
    assert_eq!(*journal.state().borrow(), fault);
    let theirs: i64 = other
        .query_row("SELECT a FROM theirs", (), |row| row.get(0))
        .unwrap();
    assert_eq!(theirs, 1);
    let refused = Reader::open(&bench.path()).unwrap_err();
    assert!(
        matches!(refused, read::Error::NotAJournal { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_damaged_file_is_moved_aside_and_a_new_one_begins() {
    let bench = Bench::new();
    let damaged = |path: &Path| {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[1024..middle].fill(0x5a);
        std::fs::write(path, bytes).unwrap();
    };
    let journal = bench.journal().await;
    for at in 0..200 {
        journal.append(item(&format!("s{at}"), 1)).await.unwrap();
    }
    journal.close().await;
    damaged(&bench.path());
    let again = Bench {
        metrics: Metrics::new(),
        ..bench
    };
    let journal = again.journal().await;
    assert_eq!(*journal.state().borrow(), State::Available);
    journal.append(item("a", 1)).await.unwrap();
    assert_eq!(count(&again.path()), 1);
    assert!(again.directory.path().join("journal.db.damaged").exists());
    assert!(again.shows("replaced_total 1"));
}

#[tokio::test]
async fn what_is_no_database_is_moved_aside_too() {
    let bench = Bench::new();
    std::fs::write(bench.path(), "what a crash of the machine left".repeat(400)).unwrap();
    let journal = bench.journal().await;
    journal.append(item("a", 1)).await.unwrap();
    assert_eq!(count(&bench.path()), 1);
    assert!(bench.shows("replaced_total 1"));
}

#[tokio::test]
async fn a_file_that_another_process_holds_is_a_disk_that_stalls() {
    let bench = Bench::new();
    let journal = bench.journal().await;
    let other = Connection::open(bench.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    let lost = journal.append(item("a", 1)).await.unwrap_err();
    assert_eq!(lost, Lost::Unavailable(JournalFault::Stalled));
    assert!(began.elapsed() < APPEND_WAIT * 2, "{:?}", began.elapsed());
    // From now on nobody waits.
    let began = Instant::now();
    journal.append(item("b", 1)).await.unwrap_err();
    assert!(
        began.elapsed() < APPEND_WAIT / 4,
        "a second pass was held up"
    );
    other.execute_batch("ROLLBACK").unwrap();
    becomes(&journal, State::Available).await;
    journal.append(item("b", 1)).await.unwrap();
}

#[tokio::test]
async fn what_waits_beyond_the_queue_is_lost_and_counted() {
    let bench = Bench::new();
    let journal = bench.journal().await;
    let other = Connection::open(bench.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // The writer takes one group of 64 out of the queue and waits with it.
    let all = (0..QUEUE + 65).map(|at| journal.append(item(&format!("s{at}"), 1)));
    let all = futures::future::join_all(all).await;
    assert!(all.contains(&Err(Lost::Overflow)));
    other.execute_batch("ROLLBACK").unwrap();
}

#[tokio::test]
async fn what_waits_together_is_written_together() {
    let bench = Bench::new();
    let journal = bench.journal().await;
    let all = (0..200).map(|at| journal.append(item(&format!("s{at}"), 1)));
    let all = futures::future::join_all(all).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(count(&bench.path()), 200);
    let text = bench.metrics.encode().unwrap();
    let transactions = text
        .lines()
        .find_map(|line| line.strip_prefix("hivewright_controller_journal_append_seconds_count "))
        .unwrap();
    assert!(
        transactions.parse::<u32>().unwrap() <= 20,
        "{transactions} transactions"
    );
}
