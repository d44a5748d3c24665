//! Posting, by the kind of message.

use hivewright_bridge::{
    envelope::{self, Message},
    modern::meta::Asked,
    protocol::MethodLabel,
};
use http::{Response, StatusCode, uri::PathAndQuery};
use hyper::body::Incoming;
use hyper_util::client::legacy::Error;

use super::{session::Session, stream};
use crate::backend::{
    http::{
        answer::{Answer, MAX_REDIRECTS},
        body,
        connect::{ADVICE, refused, source, unintelligible, wrong},
        events::Events,
        failure::{self, Failure},
        fault::{Broken, Fault},
        outgoing::{Outgoing, What},
        pump::{Post, still_there, taken},
        reply::Reply,
    },
    output::LineSink,
};

/// The posts of one session.
#[derive(Debug)]
pub(super) struct Posts<'a, L> {
    session: &'a Session,
    sink: &'a L,
}

impl<L: LineSink + Sync> Post for Posts<'_, L> {
    fn has_responses(&self) -> bool {
        true
    }

    async fn post(&self, out: &Outgoing) -> Result<(), Fault> {
        match &out.what {
            What::Initialize(id) => self.initialize(out, id).await,
            What::Discover(id) if self.session.version.get().is_none() => {
                self.discover(out, id).await
            }
            // The server has a session with us: the question is one more request.
            What::Discover(id) => self.call(out, &mut Reply::new(self.sink, id)).await,
            What::Call(id) => {
                let reply = Reply::new(self.sink, id);
                let mut reply = match tools_page(out) {
                    Some(first) => reply.learning_tools(&self.session.tools, first),
                    None => reply,
                };
                self.call(out, &mut reply).await
            }
            What::Initialized => {
                let done = self.note(out).await;
                self.session.opened.notify_one();
                done
            }
            What::Cancelled(_) | What::Note => self.note(out).await,
        }
    }
}

impl<'a, L: LineSink + Sync> Posts<'a, L> {
    pub(super) const fn new(session: &'a Session, sink: &'a L) -> Self {
        Self { session, sink }
    }

    /// The first request shows whether this transport is spoken at all.
    async fn initialize(&self, out: &Outgoing, id: &[u8]) -> Result<(), Fault> {
        let mut reply = Reply::new(self.sink, id).learning(&self.session.version);
        let response = self.find(out).await?;
        self.session.learn(&response);
        let asked = format!("POST {}", self.session.path());
        match Answer::of(&response) {
            Answer::Events | Answer::Json => self.read(response, &mut reply, out.modern).await,
            Answer::Moved(_) => {
                let answered = format!("{asked} was redirected more than {MAX_REDIRECTS} times");
                Err(wrong(&self.session.http, answered, ADVICE))
            }
            Answer::Nothing | Answer::Foreign(_) | Answer::Refused(_) => {
                let status = response.status();
                let said = body::error(response.into_body()).await;
                if failure::names(&said, id) || failure::is_modern(&said) {
                    reply.refused(status, &said);
                    return Ok(());
                }
                Err(refused(&self.session.http, &asked, status, &said).await)
            }
        }
    }

    /// Asks whether the server is of 2026-07-28. Every other answer is handed up as an error, upon
    /// which `initialize` is tried, which tells faults apart.
    async fn discover(&self, out: &Outgoing, id: &[u8]) -> Result<(), Fault> {
        let mut reply = Reply::new(self.sink, id);
        let response = self.find(out).await?;
        self.read(response, &mut reply, out.modern).await
    }

    /// Posts the first request, following redirects within the server: it has not been taken there.
    async fn find(&self, out: &Outgoing) -> Result<Response<Incoming>, Fault> {
        let mut path = self.session.path().clone();
        let mut redirects = 0;
        loop {
            let posted = self.send(&path, out).await;
            let response = posted.map_err(|error| self.not_found(&path, &error))?;
            match Answer::of(&response) {
                Answer::Moved(to) if redirects < MAX_REDIRECTS => {
                    redirects += 1;
                    path = to;
                }
                Answer::Refused(status) if self.session.http.rename(status) => {}
                Answer::Moved(_)
                | Answer::Events
                | Answer::Json
                | Answer::Nothing
                | Answer::Refused(_)
                | Answer::Foreign(_) => {
                    self.session.settle_at(path);
                    return Ok(response);
                }
            }
        }
    }

    /// `initialize` had no response.
    fn not_found(&self, path: &PathAndQuery, error: &Error) -> Fault {
        let http = &self.session.http;
        if error.is_connect() {
            Fault::ConnectionLost(Broken::Unreachable)
        } else if source(error).is_some_and(hyper::Error::is_parse) {
            unintelligible(http, &format!("POST {path}"), error)
        } else {
            Fault::ConnectionLost(Broken::Cut)
        }
    }

    async fn send(&self, path: &PathAndQuery, out: &Outgoing) -> Result<Response<Incoming>, Error> {
        if out.modern {
            self.session.post_modern(path, out.body.clone()).await
        } else {
            self.session.post(path, out.body.clone()).await
        }
    }

    async fn call(&self, out: &Outgoing, reply: &mut Reply<'_, L>) -> Result<(), Fault> {
        match self.send(self.session.path(), out).await {
            Ok(response) => self.read(response, reply, out.modern).await,
            Err(error) => {
                reply.broke(&error);
                still_there(&self.session.http).await
            }
        }
    }

    /// Reads the response to a call.
    async fn read(
        &self,
        response: Response<Incoming>,
        reply: &mut Reply<'_, L>,
        modern: bool,
    ) -> Result<(), Fault> {
        let status = response.status();
        let answer = Answer::of(&response);
        let body = response.into_body();
        match answer {
            Answer::Events => return stream::read(self.session, Events::new(body), reply).await,
            Answer::Json => return self.json(body, reply).await,
            Answer::Nothing => reply.fail(&Failure::Unanswered),
            Answer::Foreign(content_type) => reply.fail(&Failure::Foreign { content_type }),
            Answer::Moved(_) | Answer::Refused(_) => {
                let said = body::error(body).await;
                // Only for a request that names a session 404 can mean that there is none.
                if !modern {
                    self.known(status, &said, reply.id())?;
                }
                reply.refused(status, &said);
            }
        }
        Ok(())
    }

    async fn json(&self, body: Incoming, reply: &mut Reply<'_, L>) -> Result<(), Fault> {
        match body::json(body).await {
            Ok(framed) => {
                if let Some(framed) = framed {
                    reply.framed(framed);
                }
                reply.fail(&Failure::Unanswered);
                Ok(())
            }
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "response broke");
                reply.fail(&Failure::Broken);
                still_there(&self.session.http).await
            }
        }
    }

    /// A notification, or the answer to a request of the server: it is only taken.
    async fn note(&self, out: &Outgoing) -> Result<(), Fault> {
        let posted = self.session.post(self.session.path(), out.body.clone());
        let response = match taken(posted).await {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                Reply::nobody(self.sink).broke(&error);
                return still_there(&self.session.http).await;
            }
            None => return Ok(()),
        };
        let status = response.status();
        if status.is_success() {
            body::discard(response.into_body()).await;
            return Ok(());
        }
        let said = body::error(response.into_body()).await;
        self.known(status, &said, b"")?;
        Reply::nobody(self.sink).refused(status, &said);
        Ok(())
    }

    /// 404 in a session says that it is over (MCP 2025-11-25, Session Management), unless the error
    /// is that of the call itself.
    fn known(&self, status: StatusCode, said: &[u8], id: &[u8]) -> Result<(), Fault> {
        let over = status == StatusCode::NOT_FOUND && self.session.has_id();
        if over && !failure::names(said, id) {
            return Err(Fault::ConnectionLost(Broken::Forgotten));
        }
        Ok(())
    }
}

/// Whether a request of 2026-07-28 asks for tools, and if so whether from the first on.
fn tools_page(out: &Outgoing) -> Option<bool> {
    let Ok(Message::Request(request)) = envelope::peek(&out.body) else {
        return None;
    };
    let listed = out.modern && request.method == MethodLabel::ToolsList;
    listed.then(|| Asked::peek(request.params).is_ok_and(|asked| asked.cursor.is_none()))
}
