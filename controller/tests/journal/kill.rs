//! A process that writes the journal is killed, again and again, between any two of its writes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hivewright_api::MCPServerStatus;
use hivewright_controller::journal::{Journal, Limits, Pass, Query, Reader, Settings};
use hivewright_controller::key::Key;
use hivewright_controller::metrics::Metrics;
use hivewright_core::{Event, Replicas, status};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use crate::support::{is_without_gap, stored};

/// Times that the process is killed.
const ROUNDS: u32 = 60;
/// Servers that it tells of.
const SERVERS: usize = 4;
/// Set for the process that is killed: the directory of its journal.
const CHILD: &str = "HIVEWRIGHT_TEST_JOURNAL_CHILD";

fn server(at: usize) -> Key {
    Key::new("ns", &format!("s{at}"))
}

/// What stands for the cluster: the status of a server, written before the journal is.
fn cluster(directory: &Path, at: usize) -> std::path::PathBuf {
    directory.join(format!("status-{at}.json"))
}

fn read_status(directory: &Path, at: usize) -> Option<MCPServerStatus> {
    let text = std::fs::read_to_string(cluster(directory, at)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

fn write_status(directory: &Path, at: usize, status: &MCPServerStatus) {
    let whole = directory.join("status.new");
    std::fs::write(&whole, serde_json::to_string(status).unwrap()).unwrap();
    std::fs::rename(whole, cluster(directory, at)).unwrap();
}

/// The process that is killed. It says what was acknowledged, and never ends.
#[tokio::test]
#[ignore = "run by the test below, as a process of its own"]
async fn writes_until_it_is_killed() {
    let Some(directory) = std::env::var_os(CHILD) else {
        return;
    };
    let directory = Path::new(&directory);
    // So little room that it is also killed while old events are removed.
    let settings = Settings {
        path: directory.join("journal.db"),
        limits: Limits {
            age: SignedDuration::from_hours(1),
            bytes: 128 * 1024,
        },
    };
    let journal = Journal::start(settings, Metrics::new().journal())
        .await
        .unwrap();
    for count in 0.. {
        for at in 0..SERVERS {
            let before = read_status(directory, at);
            let ready = before.as_ref().and_then(|status| status.ready_replicas);
            let ready = u32::try_from(ready.unwrap_or_default()).unwrap() + 1;
            let events = vec![
                Event::Replicas(Replicas {
                    wanted: 1_000_000,
                    ready,
                }),
                Event::GenerationObserved(count),
            ];
            let mut after = before.clone().unwrap_or_default();
            let now = Timestamp::now();
            status::fold_all(&mut after, &events, now);
            write_status(directory, at, &after);
            let pass = Pass {
                server: server(at),
                uid: "1".to_owned(),
                before,
                after: Some(after),
                events,
                at: now,
                traceparent: None,
            };
            journal.append(pass.into()).await.unwrap();
            println!("acknowledged {at} {ready}");
        }
    }
}

/// Starts it, and kills it after so many acknowledgements and a while; the last that was
/// acknowledged of each server.
fn run_and_kill(directory: &Path, round: u32) -> [u32; SERVERS] {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::writes_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(CHILD, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = [0; SERVERS];
    let mut note = |line: &str| {
        let Some(rest) = line.strip_prefix("acknowledged ") else {
            return false;
        };
        let (at, ready) = rest.split_once(' ').unwrap();
        last[at.parse::<usize>().unwrap()] = ready.parse().unwrap();
        true
    };
    // A prime, so that no two rounds are alike: from none to some hundred.
    let mut wanted = (round * 37) % 211;
    while wanted > 0 {
        let line = lines.next().expect("it writes until it is killed").unwrap();
        wanted -= u32::from(note(&line));
    }
    std::thread::sleep(Duration::from_micros(u64::from(round * 131 % 1_500)));
    kill(&mut child);
    // What it had said before it died. The last line may be cut off.
    for line in lines.map_while(Result::ok) {
        if line.split(' ').count() == 3 {
            note(&line);
        }
    }
    last
}

/// SIGKILL: nothing of it runs any more.
fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The file as whoever opens it next finds it.
fn is_whole(path: &Path) -> bool {
    let connection = Connection::open(path).unwrap();
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    verdict == "ok"
}

fn sequences(reader: &Reader, at: usize) -> Vec<u64> {
    let mut all: Vec<u64> = Vec::new();
    loop {
        let query = Query {
            newest: false,
            after_sequence: all.last().copied(),
            ..Query::server(server(at))
        };
        let entries = reader.events(&query).unwrap();
        if entries.is_empty() {
            return all;
        }
        all.extend(entries.iter().map(|entry| entry.sequence));
    }
}

#[test]
fn a_process_killed_between_any_two_writes_loses_nothing_that_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.db");
    let mut told = 0;
    for round in 1..=ROUNDS {
        let acknowledged = run_and_kill(directory.path(), round);
        assert!(is_whole(&path), "round {round}: the file is damaged");
        let Ok(reader) = Reader::open(&path) else {
            assert_eq!(
                acknowledged, [0; SERVERS],
                "round {round}: the file is gone"
            );
            continue;
        };
        for (at, acknowledged) in acknowledged.into_iter().enumerate() {
            let sequences = sequences(&reader, at);
            assert!(
                is_without_gap(&sequences),
                "round {round}, server {at}: {sequences:?}"
            );
            let replayed = reader.server_at(&server(at), None).unwrap();
            let replayed = replayed.and_then(|told| told.status);
            let ready = |status: Option<&MCPServerStatus>| {
                let ready = status.and_then(|status| status.ready_replicas);
                u32::try_from(ready.unwrap_or_default()).unwrap()
            };
            let (kept, truth) = (ready(replayed.as_ref()), read_status(directory.path(), at));
            assert!(
                kept >= acknowledged,
                "round {round}, server {at}: {kept} of {acknowledged}"
            );
            // At most the one that was under way is missing.
            assert!(
                ready(truth.as_ref()) <= kept + 1,
                "round {round}, server {at}: {kept}"
            );
            if ready(truth.as_ref()) == kept {
                assert_eq!(
                    stored(replayed.as_ref()),
                    stored(truth.as_ref()),
                    "round {round}"
                );
            }
            told += sequences.len();
        }
    }
    assert!(told > 0);
}
