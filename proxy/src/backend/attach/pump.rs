//! Moves bytes between an attach connection and the bridge until one of them ends.

use std::time::Duration;

use bytes::Bytes;
use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use hivewright_bridge::channel::{self, Frame};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message},
};

use super::{AttachEnd, Delivery, Ears, LogStream, Meaning, Outbox, container_log::listen};
use crate::backend::{
    output::{LineSink, Output},
    source::LineSource,
};

/// How often a ping is sent. It keeps load balancers from cutting an idle connection, and bounds
/// what is in doubt after a break to what was written since the last answered one.
pub const PING_EVERY: Duration = Duration::from_secs(10);
/// Nothing heard for this long, not even the answer to a ping: the connection is dead though nobody
/// closed it. Three pings' time, because the API server reads no ping while the process leaves its
/// stdin unread.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// Longest wait for the closing handshake. Only courtesy: the process is lost or no longer wanted.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// What outlives a connection to a process: what was received, and what is known to have arrived.
#[derive(Debug)]
pub struct Wire<'a, L> {
    /// The process's output.
    pub ears: Ears<'a, L>,
    /// The process's input.
    pub delivery: Delivery,
}

impl<'a, L: LineSink> Wire<'a, L> {
    /// For a fresh process.
    pub fn new(sink: &'a L) -> Self {
        Self {
            ears: Ears::new(sink),
            delivery: Delivery::default(),
        }
    }
}

/// Runs the connection. Both directions run in one task but never wait for each other: a server
/// that writes before it reads on must not be blocked by our own writing. With a `log` the gap
/// before this connection is closed from it; the connection is read meanwhile, because the runtime
/// writes neither log nor connections while one of these is not read.
pub async fn pump<S, Q, L>(
    socket: WebSocketStream<S>,
    outbox: &mut Outbox<Q>,
    wire: &Wire<'_, L>,
    log: Option<LogStream>,
) -> AttachEnd
where
    S: AsyncRead + AsyncWrite + Unpin,
    Q: LineSource,
    L: LineSink,
{
    let (mut writer, reader) = socket.split();
    let end = tokio::select! {
        end = read(reader, wire) => end,
        end = write(&mut writer, outbox, &wire.delivery) => end,
        end = listen(log, &wire.ears) => end,
    };
    if matches!(end, AttachEnd::Dropped) {
        // Its outcome changes nothing.
        let _ = timeout(CLOSE_LIMIT, writer.close()).await;
    }
    end
}

async fn read<S, L>(mut reader: SplitStream<WebSocketStream<S>>, wire: &Wire<'_, L>) -> AttachEnd
where
    S: AsyncRead + AsyncWrite + Unpin,
    L: LineSink,
{
    let mut output = Output::new(&wire.ears);
    let mut heard = Instant::now();
    let mut silence = std::pin::pin!(sleep_until(heard + SILENCE_LIMIT));
    let end = loop {
        // Both are cancel-safe: a message is taken whole or not at all.
        let message = tokio::select! {
            message = reader.next() => message,
            () = &mut silence => {
                // The timer is set anew only when it fires, not for every message.
                if heard.elapsed() >= SILENCE_LIMIT {
                    break AttachEnd::Silent;
                }
                silence.as_mut().reset(heard + SILENCE_LIMIT);
                continue;
            }
        };
        heard = Instant::now();
        match message {
            Some(Ok(Message::Binary(bytes))) => {
                if let Some(end) = frame(bytes, &mut output) {
                    break end;
                }
            }
            Some(Ok(Message::Pong(content))) => wire.delivery.pong(&content),
            Some(Ok(Message::Close(_))) | None => break AttachEnd::Closed,
            // The channel protocol is binary; the rest is the WebSocket's own affair.
            Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Frame(_))) => {}
            Some(Err(error)) => break AttachEnd::Broken(Box::new(error)),
        }
    };
    // What follows the last newline is a line only if nothing more can come.
    if end.meaning() == Meaning::Exited {
        output.finish();
    }
    end
}

/// Hands one frame on. A status is the last one.
fn frame<L: LineSink>(bytes: Bytes, output: &mut Output<'_, L>) -> Option<AttachEnd> {
    match channel::decode(bytes) {
        Ok(Frame::Stdout(chunk)) => output.stdout(chunk),
        Ok(Frame::Stderr(chunk)) => output.stderr(chunk),
        Ok(Frame::Status(status)) => return Some(AttachEnd::Status(status)),
        // The status follows.
        Ok(Frame::Closed(_)) => {}
        Err(error) => return Some(AttachEnd::Protocol(error)),
    }
    None
}

async fn write<S, Q>(
    writer: &mut SplitSink<WebSocketStream<S>, Message>,
    outbox: &mut Outbox<Q>,
    delivery: &Delivery,
) -> AttachEnd
where
    S: AsyncRead + AsyncWrite + Unpin,
    Q: LineSource,
{
    let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut resumed = false;
    loop {
        let sent = tokio::select! {
            // In this order: a ping proves what was written before it, so nothing may wait then.
            biased;
            half = delivery.resumed(), if !resumed => {
                resumed = true;
                outbox.resume(half);
                Ok(())
            }
            more = outbox.fill(), if resumed => {
                if !more {
                    return AttachEnd::Dropped;
                }
                send(writer, outbox, delivery).await
            }
            _ = pings.tick() => writer.send(Message::Ping(delivery.ping())).await,
        };
        if let Err(error) = sent {
            return AttachEnd::Broken(Box::new(error));
        }
    }
}

/// Writes all frames with one flush.
async fn send<S, Q>(
    writer: &mut SplitSink<WebSocketStream<S>, Message>,
    outbox: &mut Outbox<Q>,
    delivery: &Delivery,
) -> Result<(), tungstenite::Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
    Q: LineSource,
{
    while let Some(piece) = outbox.front() {
        let (message, part) = (Message::Binary(piece.frame.clone()), piece.part);
        // If this is broken off, the socket has not taken it.
        writer.feed(message).await?;
        outbox.pop();
        delivery.wrote(part);
    }
    writer.flush().await
}

#[cfg(test)]
mod tests;
