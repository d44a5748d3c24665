//! Peers of HTTP/2 that attack, or that are gone: frames written by hand (RFC 9113, 4.1).

use std::{net::SocketAddr, time::Duration};

use hivewright_proxy::http::{H2_PING_EVERY, H2_PING_WAIT, MAX_H2_ERRORS, MAX_H2_RESETS};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

use crate::support::{Listening, World, connect, initialize, post};

const DEADLINE: Duration = Duration::from_secs(10);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `POST http://localhost/` in HPACK: three fields of the static table, one written out.
const POST: &[u8] = b"\x83\x86\x84\x41\x09localhost";
const CANCEL: [u8; 4] = [0, 0, 0, 8];
const ENHANCE_YOUR_CALM: [u8; 4] = [0, 0, 0, 11];

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The ids that a client gives to so many streams.
fn streams(count: usize) -> impl Iterator<Item = u32> {
    (1..).step_by(2).take(count)
}

/// A connection written by hand.
struct Raw(TcpStream);

impl Raw {
    async fn connect(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("accepted");
        let begin = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
        stream.write_all(&begin).await.expect("written");
        let mut raw = Self(stream);
        while raw.next().await.expect("settings").kind != SETTINGS {}
        raw.write(&frame(SETTINGS, ACK, 0, &[])).await;
        raw
    }

    async fn write(&mut self, frames: &[u8]) {
        self.0.write_all(frames).await.expect("written");
    }

    /// The next frame; none once the connection is closed.
    async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).expect("short")];
        self.0.read_exact(&mut payload).await.ok()?;
        let [.., kind, flags, _, _, _, _] = head;
        Some(Frame {
            kind,
            flags,
            payload,
        })
    }

    /// Why the other end has ended the connection.
    async fn ended(&mut self) -> [u8; 4] {
        let mut why = None;
        while let Some(frame) = self.next().await {
            if frame.kind == GOAWAY {
                why = frame
                    .payload
                    .get(4..8)
                    .and_then(|code| code.try_into().ok());
            }
        }
        why.expect("it says why")
    }

    /// Whether the other end still answers.
    async fn is_alive(&mut self) -> bool {
        self.write(&frame(PING, 0, 0, b"12345678")).await;
        loop {
            match self.next().await {
                Some(frame) if frame.kind == PING && frame.flags == ACK => return true,
                Some(frame) if frame.kind != GOAWAY => {}
                Some(_) | None => return false,
            }
        }
    }
}

struct Frame {
    kind: u8,
    flags: u8,
    payload: Vec<u8>,
}

async fn others_are_served(listening: &Listening) {
    let mut other = connect(listening.address).await;
    let answer = other.send_request(post(None, initialize())).await;
    assert_eq!(answer.expect("an answer").status(), 200);
}

/// Streams that are opened and reset in one breath, before anybody can look at them.
fn resets(count: usize) -> Vec<u8> {
    let one = |stream| {
        let open = frame(HEADERS, END_STREAM | END_HEADERS, stream, POST);
        [open, frame(RST_STREAM, 0, stream, &CANCEL)].concat()
    };
    streams(count).flat_map(one).collect()
}

#[tokio::test]
async fn a_flood_of_resets_ends_its_connection_and_no_other() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut raw = Raw::connect(listening.address).await;
    raw.write(&resets(4 * MAX_H2_RESETS)).await;
    assert_eq!(raw.ended().await, ENHANCE_YOUR_CALM);
    others_are_served(&listening).await;
}

#[tokio::test]
async fn as_many_resets_as_the_bound_are_borne() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut raw = Raw::connect(listening.address).await;
    raw.write(&resets(MAX_H2_RESETS)).await;
    assert!(raw.is_alive().await);
}

/// Errors for which the server has to reset a stream: a window past its bound (RFC 9113, 6.9.1).
fn errors(count: usize) -> Vec<u8> {
    let one = |stream| {
        let open = frame(HEADERS, END_HEADERS, stream, POST);
        let past = 0x7fff_ffff_u32.to_be_bytes();
        [open, frame(WINDOW_UPDATE, 0, stream, &past)].concat()
    };
    streams(count).flat_map(one).collect()
}

#[tokio::test]
async fn a_flood_of_errors_that_make_the_server_reset_ends_the_connection() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut raw = Raw::connect(listening.address).await;
    raw.write(&errors(MAX_H2_ERRORS)).await;
    assert!(raw.is_alive().await, "so many are borne");
    let more = errors(MAX_H2_ERRORS + 1);
    let one = more.len() / (MAX_H2_ERRORS + 1);
    raw.write(&more[more.len() - one..]).await;
    assert_eq!(raw.ended().await, ENHANCE_YOUR_CALM);
    others_are_served(&listening).await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_ping_is_cut_and_one_that_answers_stays() {
    let world = World::new();
    let listening = Listening::start(world.router.clone(), DEADLINE).await;
    let mut gone = Raw::connect(listening.address).await;
    let begun = Instant::now();
    let ping = gone.next_ping().await.expect("it is asked");
    assert!(begun.elapsed() >= H2_PING_EVERY);
    gone.write(&frame(PING, ACK, 0, &ping.payload)).await;
    let answered = Instant::now();
    gone.next_ping().await.expect("it is asked again");
    while gone.next().await.is_some() {}
    let cut = answered.elapsed();
    let bound = H2_PING_EVERY + H2_PING_WAIT;
    assert!(cut >= H2_PING_WAIT && cut < 2 * bound, "{cut:?}");
}

impl Raw {
    /// The next question whether this end is there.
    async fn next_ping(&mut self) -> Option<Frame> {
        loop {
            let frame = self.next().await?;
            if frame.kind == PING && frame.flags != ACK {
                return Some(frame);
            }
        }
    }
}
