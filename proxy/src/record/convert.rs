//! From what the bridge saw to what is written.

use std::time::Duration;

use bytes::Bytes;
use hivewright_bridge::{
    io::{FromClient, FromServer, Input, Output, SessionId},
    modern::ModernHead,
};

use super::{entry::What, redact::Bodies};
use crate::{driver::CommandNews, log};

/// Something seen, owned: payloads are shared with the bridge, not copied.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    Input(Input),
    Output(Output),
    Stderr(Bytes),
    Command(CommandNews),
}

impl Kept {
    /// Bytes of payload that it keeps alive.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Input(Input::Client(from)) => body(from).map_or(0, Bytes::len),
            Self::Input(Input::Server(FromServer::Line(line)))
            | Self::Stderr(line)
            | Self::Output(
                Output::ToServer(line)
                | Output::ToClient { message: line, .. }
                | Output::Rejected { message: line, .. },
            ) => line.len(),
            Self::Output(Output::Overrun { errors, .. }) => errors.iter().map(Bytes::len).sum(),
            Self::Input(
                Input::Tick
                | Input::Server(
                    FromServer::Up
                    | FromServer::Oversized(_)
                    | FromServer::Unsure { .. }
                    | FromServer::Down(_)
                    | FromServer::Retired,
                ),
            )
            | Self::Output(
                Output::Opened { .. }
                | Output::Accepted { .. }
                | Output::Refused { .. }
                | Output::EndStream { .. }
                | Output::DropServer(_)
                | Output::Event(_),
            )
            | Self::Command(_) => 0,
        }
    }

    /// What is written about it, if anything: time that passes and events say nothing that the
    /// messages do not.
    pub(super) fn what(&self, bodies: &Bodies) -> Option<What> {
        match self {
            Self::Input(Input::Tick) | Self::Output(Output::Event(_)) => None,
            Self::Input(Input::Server(from)) => Some(server(from, bodies)),
            Self::Input(Input::Client(from)) => Some(client(from, bodies)),
            Self::Output(output) => out(output, bodies),
            Self::Stderr(line) => Some(What::Stderr {
                line: bodies.other(line),
            }),
            Self::Command(news) => Some(command(news)),
        }
    }
}

fn body(from: &FromClient) -> Option<&Bytes> {
    match from {
        FromClient::Open { body, .. }
        | FromClient::Visit { body, .. }
        | FromClient::Post { body, .. } => Some(body),
        FromClient::OpenSse { .. }
        | FromClient::Listen { .. }
        | FromClient::Close { .. }
        | FromClient::Gone { .. }
        | FromClient::Overrun { .. } => None,
    }
}

fn server(from: &FromServer, bodies: &Bodies) -> What {
    match from {
        FromServer::Up => What::ServerUp,
        FromServer::Line(line) => What::FromServer {
            line: bodies.message(line),
        },
        FromServer::Oversized(line) => What::Oversized { bytes: line.bytes },
        FromServer::Unsure { from, before } => What::Unsure {
            from_milliseconds: millis(*from),
            before: *before,
        },
        FromServer::Down(loss) => What::ServerDown {
            reason: loss.reason().to_owned(),
        },
        FromServer::Retired => What::ServerRetired,
    }
}

fn client(from: &FromClient, bodies: &Bodies) -> What {
    match from {
        FromClient::Open {
            session,
            stream,
            body,
        } => What::Open {
            stream: stream.0,
            session: name(session),
            body: bodies.message(body),
        },
        FromClient::Visit { stream, head, body } => visit(stream.0, head, body, bodies),
        FromClient::OpenSse { session, stream } => What::OpenSse {
            stream: stream.0,
            session: name(session),
        },
        FromClient::Post {
            session,
            version,
            stream,
            body,
        } => What::Post {
            stream: stream.0,
            session: name(session),
            version: version.as_deref().map(str::to_owned),
            body: bodies.message(body),
        },
        FromClient::Listen {
            session,
            version,
            stream,
        } => What::Listen {
            stream: stream.0,
            session: name(session),
            version: version.as_deref().map(str::to_owned),
        },
        FromClient::Close { session, stream } => What::Close {
            stream: stream.0,
            session: name(session),
        },
        FromClient::Gone { stream } => What::Gone { stream: stream.0 },
        FromClient::Overrun { stream } => What::Overrun { stream: stream.0 },
    }
}

/// The headers that mirror the body are redacted as the body is. One that cannot be read is none.
fn visit(stream: u64, head: &ModernHead, body: &[u8], bodies: &Bodies) -> What {
    let params = head.params.iter().filter_map(|(name, field)| {
        let value = bodies.header(field.value()?);
        Some((name.to_string(), value))
    });
    What::Visit {
        stream,
        version: head.version.value().map(str::to_owned),
        method: head.method.value().map(str::to_owned),
        name: head.name.value().map(|name| bodies.header(name)),
        params: params.collect(),
        body: bodies.message(body),
    }
}

fn out(output: &Output, bodies: &Bodies) -> Option<What> {
    Some(match output {
        Output::ToServer(line) => What::ToServer {
            line: bodies.message(line.strip_suffix(b"\n").unwrap_or(line)),
        },
        Output::ToClient {
            stream,
            message,
            last,
        } => What::ToClient {
            stream: stream.0,
            last: *last,
            body: bodies.message(message),
        },
        Output::Opened { stream, session } => What::Opened {
            stream: stream.0,
            session: name(session),
        },
        Output::Accepted { stream } => What::Accepted { stream: stream.0 },
        Output::Refused { stream, refusal } => What::Refused {
            stream: stream.0,
            status: refusal.http_status(),
            reason: refusal.reason().to_owned(),
        },
        Output::Rejected {
            stream,
            status,
            message,
        } => What::Rejected {
            stream: stream.0,
            status: *status,
            body: bodies.message(message),
        },
        Output::Overrun { stream, errors } => What::Unread {
            stream: stream.0,
            errors: errors.iter().map(|error| bodies.message(error)).collect(),
        },
        Output::EndStream { stream } => What::EndStream { stream: stream.0 },
        Output::DropServer(loss) => What::DropServer {
            reason: loss.reason().to_owned(),
        },
        Output::Event(_) => return None,
    })
}

fn command(news: &CommandNews) -> What {
    match news {
        CommandNews::Started { pid } => What::CommandStarted { pid: *pid },
        CommandNews::Ended { how } => What::CommandEnded {
            how: how.as_ref().to_owned(),
        },
        CommandNews::Waiting { wait } => What::CommandWaiting {
            milliseconds: millis(*wait),
        },
        CommandNews::NotStarted { why } => What::CommandNotStarted {
            why: why.as_ref().to_owned(),
        },
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Enough of the id to tell sessions apart, too little to use one.
fn name(session: &SessionId) -> String {
    log::prefix(session).to_owned()
}
