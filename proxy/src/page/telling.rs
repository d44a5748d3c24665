//! What of all that happens is worth a line on the page, and how it reads. Calls that went well are in
//! the figures; arguments and results are nowhere.

use hivewright_bridge::{
    event::{HubEvent, Outcome},
    io::{Loss, Output},
    protocol::{MethodLabel, Revision},
};
use hivewright_page::model::Tone;

use crate::{
    driver::{CommandNews, Seen},
    log,
};

/// Whom it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The server.
    Server,
    /// A client.
    Client,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) about: About,
    pub(super) tone: Tone,
    pub(super) reason: &'static str,
    pub(super) text: String,
}

/// The line that tells this, if any.
pub(super) fn tell(seen: Seen<'_>) -> Option<Told> {
    match seen {
        Seen::Output(Output::Event(event)) => event_of(event),
        Seen::Command(news) => Some(command(news)),
        Seen::Output(_) | Seen::Input(_) | Seen::Stderr(_) => None,
    }
}

fn server(tone: Tone, reason: &'static str, text: String) -> Told {
    Told {
        about: About::Server,
        tone,
        reason,
        text,
    }
}

fn client(tone: Tone, reason: &'static str, text: String) -> Told {
    Told {
        about: About::Client,
        tone,
        reason,
        text,
    }
}

fn command(news: &CommandNews) -> Told {
    match news {
        CommandNews::Started { pid } => {
            let text = format!("The server's process {pid} was started.");
            server(Tone::Plain, "Started", text)
        }
        CommandNews::Ended { how } => {
            let text = format!("The server's process ended: {how}.");
            server(Tone::Warning, "Ended", text)
        }
        CommandNews::Waiting { wait } => {
            let text = format!("It is started again in {:.1} s.", wait.as_secs_f64());
            server(Tone::Plain, "Waiting", text)
        }
        CommandNews::NotStarted { why } => {
            let text = format!("The server's process could not be started: {why}.");
            server(Tone::Warning, "NotStarted", text)
        }
    }
}

fn event_of(event: &HubEvent) -> Option<Told> {
    match event {
        HubEvent::SessionOpened {
            session,
            door,
            revision,
        } => {
            let (id, door) = (log::prefix(session), self::door(door.as_str()));
            let text = format!(
                "Session {id} was opened: {} over {door}.",
                revision.as_str()
            );
            Some(client(Tone::Plain, "SessionOpened", text))
        }
        HubEvent::SessionClosed { session, why, .. } => {
            let (id, why) = (log::prefix(session), words(why.as_str()));
            let text = format!("Session {id} is over: {why}.");
            Some(client(Tone::Plain, "SessionClosed", text))
        }
        HubEvent::RequestFinished {
            method,
            tool,
            outcome,
            ..
        } => failed(*method, tool.as_deref(), *outcome),
        HubEvent::Refused { refusal } => {
            let text = format!("A client was refused: {refusal}.");
            Some(client(Tone::Warning, "Refused", text))
        }
        HubEvent::ServerInitialized { .. }
        | HubEvent::HandshakeFailed { .. }
        | HubEvent::ServerLost { .. }
        | HubEvent::GarbageDropped { .. }
        | HubEvent::Overflow { .. } => of_server(event),
        HubEvent::RequestStarted { .. }
        | HubEvent::RequestSent { .. }
        | HubEvent::AskStarted { .. }
        | HubEvent::AskFinished { .. }
        | HubEvent::NotificationForwarded { .. }
        | HubEvent::MessageDropped { .. }
        | HubEvent::HandshakeStarted => None,
    }
}

fn of_server(event: &HubEvent) -> Option<Told> {
    match event {
        HubEvent::ServerInitialized {
            name,
            version,
            revision,
            ..
        } => {
            let revision = revision.map_or("of an unknown revision", Revision::as_str);
            let text = format!("{name} {version} answers, {revision}.");
            Some(server(Tone::Good, "Initialized", text))
        }
        HubEvent::HandshakeFailed { loss, excerpt } => {
            if *loss == Loss::Draining {
                return None;
            }
            let said = match &**excerpt {
                "" => String::new(),
                said => format!(" It said: {said}"),
            };
            let text = format!("{}{said}", lost(*loss));
            Some(server(Tone::Warning, "HandshakeFailed", text))
        }
        HubEvent::ServerLost { loss, failed_calls } => {
            let text = format!("{} Calls that failed by it: {failed_calls}.", lost(*loss));
            Some(server(tone(*loss), "Lost", text))
        }
        HubEvent::GarbageDropped { excerpt, .. } => {
            let text = format!("The server wrote to stdout what is no message: {excerpt}");
            Some(server(Tone::Warning, "Garbage", text))
        }
        HubEvent::Overflow { bound } => {
            let text = format!("A bound was reached: {}.", words(bound.as_str()));
            Some(server(Tone::Warning, "Overflow", text))
        }
        HubEvent::SessionOpened { .. }
        | HubEvent::SessionClosed { .. }
        | HubEvent::RequestStarted { .. }
        | HubEvent::RequestSent { .. }
        | HubEvent::RequestFinished { .. }
        | HubEvent::AskStarted { .. }
        | HubEvent::AskFinished { .. }
        | HubEvent::NotificationForwarded { .. }
        | HubEvent::MessageDropped { .. }
        | HubEvent::Refused { .. }
        | HubEvent::HandshakeStarted => None,
    }
}

/// A call that did not go as its client wanted.
fn failed(method: MethodLabel, tool: Option<&str>, outcome: Outcome) -> Option<Told> {
    let tone = match outcome {
        Outcome::Ok | Outcome::InputRequired => return None,
        Outcome::Cancelled | Outcome::SessionClosed => Tone::Plain,
        Outcome::ToolError
        | Outcome::Error
        | Outcome::Refused
        | Outcome::Lost
        | Outcome::Unavailable
        | Outcome::TimedOut => Tone::Warning,
    };
    let what = match tool {
        Some(tool) => format!("The tool {tool}"),
        None => format!("A call of {}", method.as_str()),
    };
    let text = format!("{what} ended with: {}.", words(outcome.as_str()));
    Some(client(tone, "CallFailed", text))
}

/// Whether a loss is a fault.
const fn tone(loss: Loss) -> Tone {
    match loss {
        Loss::Renewed | Loss::ScaledDown | Loss::Draining => Tone::Plain,
        Loss::ProcessExited
        | Loss::AttachLost
        | Loss::ConnectionLost
        | Loss::NotReading
        | Loss::NotAnswering
        | Loss::HandshakeTimeout
        | Loss::NotMcp => Tone::Warning,
    }
}

/// Why there is no server now.
pub(super) const fn lost(loss: Loss) -> &'static str {
    match loss {
        Loss::ProcessExited => "The server's process ended; it is started again by itself.",
        Loss::AttachLost | Loss::ConnectionLost => {
            "The connection to the server broke; it is made again by itself."
        }
        Loss::NotReading => "The server stopped reading its stdin and is replaced.",
        Loss::NotAnswering => "The server stopped answering and is replaced.",
        Loss::HandshakeTimeout => {
            "The server did not answer initialize in time; see what it writes to stderr."
        }
        Loss::NotMcp => {
            "What runs does not speak MCP on its stdout; see that the command is an MCP server."
        }
        Loss::ScaledDown => "The server is no longer wanted.",
        Loss::Renewed => "The server's process was given up after its session.",
        Loss::Draining => "The proxy is ending.",
    }
}

/// A door's label as people call it; what is new here as itself.
pub(super) fn door(label: &str) -> &str {
    match label {
        "streamable_http" => "Streamable HTTP",
        "sse" => "HTTP+SSE",
        other => other,
    }
}

/// A label as words.
fn words(label: &str) -> String {
    label.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_call_that_went_well_is_no_news_and_a_failed_one_names_its_tool() {
        let told = |outcome| failed(MethodLabel::ToolsCall, Some("fetch"), outcome);
        assert_eq!(told(Outcome::Ok), None);
        let failed = told(Outcome::TimedOut).unwrap();
        assert_eq!(failed.text, "The tool fetch ended with: timed out.");
        assert_eq!(failed.tone, Tone::Warning);
        assert_eq!(told(Outcome::Cancelled).unwrap().tone, Tone::Plain);
    }

    #[test]
    fn what_the_server_said_instead_of_a_handshake_is_told() {
        let event = HubEvent::HandshakeFailed {
            loss: Loss::NotMcp,
            excerpt: Arc::from("Usage: cat"),
        };
        let told = event_of(&event).unwrap();
        assert!(told.text.ends_with("It said: Usage: cat"), "{}", told.text);
        assert_eq!((told.about, told.tone), (About::Server, Tone::Warning));
    }
}
