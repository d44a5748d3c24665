use hivewright_bridge::channel::ExitStatus;
use tokio::{io::DuplexStream, sync::mpsc, task::JoinHandle};
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;
use crate::backend::output::testing::Recorder;

/// Bytes that the pipe between proxy and API server holds: little, so that writers really wait.
const PIPE: usize = 4 * 1024;

type Server = WebSocketStream<DuplexStream>;

/// A pump at work, and the API server's end of its connection.
struct Bench {
    server: Server,
    stdin: mpsc::Sender<Bytes>,
    pump: JoinHandle<(AttachEnd, Vec<String>)>,
}

async fn bench() -> Bench {
    let (ours, theirs) = tokio::io::duplex(PIPE);
    let client = WebSocketStream::from_raw_socket(ours, Role::Client, None).await;
    let server = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
    let (stdin, queue) = mpsc::channel(64);
    let pump = tokio::spawn(async move {
        let recorder = Recorder::default();
        let wire = Wire::new(&recorder);
        let end = pump(client, &mut Outbox::new(queue), &wire, None).await;
        drop(wire);
        (end, recorder.0.into_inner())
    });
    Bench {
        server,
        stdin,
        pump,
    }
}

impl Bench {
    async fn send(&mut self, channel: u8, payload: &[u8]) {
        let frame = [&[channel], payload].concat();
        self.server
            .send(Message::binary(frame))
            .await
            .expect("the pump reads");
    }

    async fn exit(&mut self) {
        self.send(3, br#"{"metadata":{},"status":"Success"}"#).await;
    }

    /// The next bytes that the pump wrote to stdin.
    async fn stdin(&mut self) -> Bytes {
        loop {
            match self.server.next().await.expect("open").expect("a message") {
                Message::Binary(frame) => {
                    assert_eq!(frame[0], 0, "channel of stdin");
                    return frame.slice(1..);
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Reads, and so answers pings, until the connection ends.
    async fn stay_alive(mut self) -> (AttachEnd, Vec<String>) {
        while let Some(Ok(_)) = self.server.next().await {}
        self.pump.await.expect("the pump ends")
    }
}

#[tokio::test(start_paused = true)]
async fn frames_cut_anywhere_become_lines_and_stderr_stays_apart() {
    let mut bench = bench().await;
    for channel in [1, 2, 3] {
        // The API server opens every channel with an empty frame.
        if channel != 3 {
            bench.send(channel, b"").await;
        }
    }
    bench.send(1, b"{\"id\":").await;
    bench.send(2, b"starting").await;
    bench.send(1, b"1}\n{\"id\":2}\n{\"i").await;
    bench.send(2, b" up\n").await;
    bench.send(1, b"d\":3}\n").await;
    bench.exit().await;
    let (end, lines) = bench.pump.await.unwrap();
    assert!(matches!(end, AttachEnd::Status(ExitStatus::Success)));
    let expected = [
        "out {\"id\":1}",
        "out {\"id\":2}",
        "err starting up",
        "out {\"id\":3}",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test(start_paused = true)]
async fn lines_of_a_mebibyte_pass_both_ways_at_once_though_each_end_writes_before_it_reads() {
    const LENGTH: usize = 1024 * 1024;
    let mut bench = bench().await;
    let line = Bytes::from([vec![b'x'; LENGTH], vec![b'\n']].concat());
    bench.stdin.send(line.clone()).await.unwrap();
    for chunk in line.chunks(32 * 1024) {
        bench.send(1, chunk).await;
    }
    let mut written = Vec::new();
    while written.len() < line.len() {
        written.extend_from_slice(&bench.stdin().await);
    }
    assert_eq!(written, line);
    bench.exit().await;
    let (_, lines) = bench.pump.await.unwrap();
    assert_eq!(
        lines.iter().map(String::len).collect::<Vec<_>>(),
        ["out ".len() + LENGTH]
    );
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_lines_arrives_in_order() {
    let mut bench = bench().await;
    for id in 0..50 {
        bench
            .stdin
            .send(Bytes::from(format!("{{\"id\":{id}}}\n")))
            .await
            .unwrap();
    }
    let expected = (0..50)
        .map(|id| format!("{{\"id\":{id}}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let mut written = Vec::new();
    while written.len() < expected.len() {
        written.extend_from_slice(&bench.stdin().await);
    }
    assert_eq!(String::from_utf8(written).unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn the_status_says_whether_the_process_or_the_connection_ended() {
    for (status, meaning) in [
        (r#"{"status":"Success"}"#, Meaning::ExitedOrBroken),
        (
            r#"{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"137"}]}}"#,
            Meaning::Exited,
        ),
        (
            r#"{"status":"Failure","reason":"InternalError","message":"no running task found: task 7 not found"}"#,
            Meaning::Exited,
        ),
        (
            r#"{"status":"Failure","reason":"InternalError","message":"no route"}"#,
            Meaning::Broken,
        ),
    ] {
        let mut bench = bench().await;
        bench.send(3, status.as_bytes()).await;
        let (end, _) = bench.pump.await.unwrap();
        assert_eq!(end.meaning(), meaning, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_closed_without_a_status_leaves_the_process_in_doubt() {
    let mut bench = bench().await;
    bench.server.close(None).await.unwrap();
    let (end, _) = bench.stay_alive().await;
    assert!(matches!(end, AttachEnd::Closed), "{end:?}");
    assert_eq!(end.meaning(), Meaning::Broken);
}

#[tokio::test(start_paused = true)]
async fn a_connection_cut_in_the_middle_is_broken() {
    let bench = bench().await;
    drop(bench.server);
    let (end, _) = bench.pump.await.unwrap();
    assert!(
        matches!(end, AttachEnd::Broken(_) | AttachEnd::Closed),
        "{end:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_half_open_connection_is_found_by_its_silence() {
    let start = Instant::now();
    let bench = bench().await;
    // The server's end is kept but never read: pings go unanswered.
    let (end, _) = bench.pump.await.unwrap();
    assert!(matches!(end, AttachEnd::Silent), "{end:?}");
    assert_eq!(start.elapsed(), SILENCE_LIMIT);
    drop(bench.server);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_whose_pings_are_answered_lives_on() {
    let bench = bench().await;
    let stdin = bench.stdin.clone();
    let alive = tokio::spawn(bench.stay_alive());
    tokio::time::sleep(SILENCE_LIMIT * 30).await;
    assert!(!alive.is_finished());
    drop(stdin);
    alive.abort();
}

#[tokio::test(start_paused = true)]
async fn a_dropped_queue_ends_the_attachment() {
    let bench = bench().await;
    let Bench {
        server,
        stdin,
        pump,
    } = bench;
    drop(stdin);
    let (end, _) = pump.await.unwrap();
    assert!(matches!(end, AttachEnd::Dropped), "{end:?}");
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_no_channel_ends_the_attachment() {
    let mut bench = bench().await;
    bench.send(9, b"x").await;
    let (end, _) = bench.pump.await.unwrap();
    assert!(matches!(end, AttachEnd::Protocol(_)), "{end:?}");
}
