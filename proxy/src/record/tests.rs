use hivewright_bridge::{
    Input,
    io::{FromServer, Loss},
};

use super::*;
use crate::record::{Body, End, Recording, What};

fn line(bytes: &[u8]) -> Input {
    Input::Server(FromServer::Line(Bytes::copy_from_slice(bytes)))
}

#[tokio::test]
async fn what_was_seen_is_read_back_byte_for_byte_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    let recorder = Recorder::create(&path, false).unwrap();
    let message = "{\"a\" : 1.0e400,\t\"b\":\"\u{2028}\\ud800\"}".as_bytes();
    recorder.saw(2, Seen::Input(&line(message)));
    recorder.saw(2, Seen::Input(&line(b"\xff")));
    recorder.saw(0, Seen::Stderr(b"warning"));
    recorder.saw(2, Seen::Input(&Input::Tick));
    let down = Input::Server(FromServer::Down(Loss::ProcessExited));
    recorder.saw(2, Seen::Input(&down));
    let summary = recorder.finish().await.expect("it is written");
    assert!(summary.is_complete(), "{summary:?}");
    assert!(recorder.finish().await.is_none(), "only once");
    let recording = Recording::read(&path).unwrap();
    assert_eq!((recording.end, recording.lost), (Some(End::Finished), 0));
    let whats: Vec<What> = recording
        .lines
        .into_iter()
        .map(|line| line.entry.what)
        .collect();
    let from = |bytes: &[u8]| What::FromServer {
        line: Body::of(bytes),
    };
    let stderr = What::Stderr {
        line: Body::of(b"warning"),
    };
    let reason = "process_exited".to_owned();
    assert_eq!(
        whats,
        [
            from(message),
            from(b"\xff"),
            stderr,
            What::ServerDown { reason }
        ]
    );
}

#[tokio::test]
async fn a_queue_that_is_full_loses_entries_and_never_waits() {
    let (queue, mut items) = mpsc::channel(2);
    let recorder = Recorder(Arc::new(Inner {
        start: Instant::now(),
        queue,
        bytes: Arc::new(AtomicUsize::new(0)),
        lost: AtomicU64::new(0),
        written: parking_lot::Mutex::new(None),
    }));
    for _ in 0..5 {
        recorder.saw(0, Seen::Stderr(b"x"));
    }
    assert_eq!(recorder.0.bytes.load(Ordering::Acquire), 2);
    items.recv().await.expect("the first");
    recorder.saw(0, Seen::Stderr(b"x"));
    items.recv().await.expect("the second");
    let Some(Item::Kept { lost, .. }) = items.recv().await else {
        panic!("the one after the gap")
    };
    assert_eq!(lost, 3);
}

#[tokio::test]
async fn bytes_past_the_bound_are_lost_though_few_entries_wait() {
    let (queue, _items) = mpsc::channel(8);
    let recorder = Recorder(Arc::new(Inner {
        start: Instant::now(),
        queue,
        bytes: Arc::new(AtomicUsize::new(0)),
        lost: AtomicU64::new(0),
        written: parking_lot::Mutex::new(None),
    }));
    let half = line(&vec![b'x'; MAX_QUEUED_BYTES / 2]);
    for _ in 0..3 {
        recorder.saw(0, Seen::Input(&half));
    }
    assert_eq!(recorder.0.lost.load(Ordering::Acquire), 1);
    assert_eq!(recorder.0.bytes.load(Ordering::Acquire), MAX_QUEUED_BYTES);
}
