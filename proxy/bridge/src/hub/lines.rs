//! Lines of the server.

use bytes::Bytes;

use super::{Hub, Server, cx::Cx, kept::excerpt};
use crate::{
    envelope::{self, Message},
    event::{DropReason, HubEvent, Side},
    protocol::MethodLabel,
};

impl Hub {
    /// Takes one line of the server's stdout. A server of 2025-03-26 may write batches.
    pub(super) fn server_line(&mut self, cx: &mut Cx<'_>, line: &Bytes) {
        self.health.heard(cx.now);
        match self.server {
            Server::Down(_) => {
                cx.dropped(Side::Server, MethodLabel::Other, DropReason::NoServer);
            }
            Server::Handshaking { .. } | Server::Ready => {
                if envelope::is_batch(line) {
                    match envelope::elements(line) {
                        Ok(all) => all
                            .iter()
                            .for_each(|element| self.server_message(cx, element)),
                        Err(_) => garbage(cx, line),
                    }
                } else {
                    self.server_message(cx, line);
                }
            }
        }
    }

    fn server_message(&mut self, cx: &mut Cx<'_>, line: &Bytes) {
        match envelope::peek(line) {
            Err(_) => garbage(cx, line),
            Ok(Message::Response(response)) => self.answered(cx, line, &response),
            Ok(Message::Request(request)) => self.ask(cx, line, &request),
            Ok(Message::Notification(note)) => self.note_of_server(cx, line, &note),
        }
    }
}

fn garbage(cx: &mut Cx<'_>, line: &Bytes) {
    cx.event(HubEvent::GarbageDropped {
        bytes: line.len(),
        excerpt: excerpt(line),
    });
}
