//! Moves bytes between an attach connection and the bridge until one of them ends.

use std::time::Duration;

use bytes::Bytes;
use futures::{
    FutureExt, SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use hivewright_bridge::channel::{self, Frame};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::yield_now,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{AttachEnd, frames};
use crate::backend::{
    output::{LineSink, Output},
    source::LineSource,
};

/// How often a ping is sent. Load balancers in front of API servers cut idle connections after a
/// minute or more.
pub const PING_EVERY: Duration = Duration::from_secs(20);
/// Nothing heard for this long, not even the answer to a ping: the connection is dead though nobody
/// closed it. Three pings' time, because the API server reads no ping while the process leaves its
/// stdin unread.
pub const SILENCE_LIMIT: Duration = Duration::from_mins(1);
/// Longest wait for the closing handshake. Only courtesy: the process is lost or no longer wanted.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Runs the connection. Both directions run in one task but never wait for each other: a server
/// that writes before it reads on must not be blocked by our own writing.
pub async fn pump<S, Q, L>(socket: WebSocketStream<S>, stdin: &mut Q, sink: &L) -> AttachEnd
where
    S: AsyncRead + AsyncWrite + Unpin,
    Q: LineSource,
    L: LineSink,
{
    let (mut writer, reader) = socket.split();
    let end = tokio::select! {
        end = read(reader, sink) => end,
        end = write(&mut writer, stdin) => end,
    };
    if matches!(end, AttachEnd::Dropped) {
        // Its outcome changes nothing.
        let _ = timeout(CLOSE_LIMIT, writer.close()).await;
    }
    end
}

async fn read<S, L>(mut reader: SplitStream<WebSocketStream<S>>, sink: &L) -> AttachEnd
where
    S: AsyncRead + AsyncWrite + Unpin,
    L: LineSink,
{
    let mut output = Output::new(sink);
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
            Some(Ok(Message::Close(_))) | None => break AttachEnd::Closed,
            // The channel protocol is binary; the rest is the WebSocket's own affair.
            Some(Ok(
                Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
            )) => {}
            Some(Err(error)) => break AttachEnd::Broken(Box::new(error)),
        }
    };
    output.finish();
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

async fn write<S>(
    writer: &mut SplitSink<WebSocketStream<S>, Message>,
    stdin: &mut impl LineSource,
) -> AttachEnd
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut lines, mut scratch) = (Vec::new(), Vec::new());
    loop {
        let messages = tokio::select! {
            count = stdin.batch(&mut lines) => {
                if count == 0 {
                    return AttachEnd::Dropped;
                }
                // Clients that are ready now get their lines into the same frame: frames, not
                // bytes, are what the API server and the kubelet work for.
                yield_now().await;
                let _ = stdin.batch(&mut lines).now_or_never();
                frames(&mut lines, &mut scratch).into_iter().map(Message::Binary).collect()
            }
            _ = pings.tick() => vec![Message::Ping(Bytes::new())],
        };
        if let Err(error) = send(writer, messages).await {
            return AttachEnd::Broken(Box::new(error));
        }
    }
}

/// Writes all messages with one flush.
async fn send<S>(
    writer: &mut SplitSink<WebSocketStream<S>, Message>,
    messages: Vec<Message>,
) -> Result<(), tokio_tungstenite::tungstenite::Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    for message in messages {
        writer.feed(message).await?;
    }
    writer.flush().await
}

#[cfg(test)]
mod tests;
