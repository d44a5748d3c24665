//! The handshake with a fresh server process.

use std::sync::Arc;

use super::{
    Hub, Server,
    beside::Beside,
    cx::Cx,
    kept,
    kept::Kept,
    probe::{Answer, Step},
};
use crate::{
    envelope::ResponseBody,
    event::HubEvent,
    io::{Loss, Now, Output},
    protocol::{Era, MethodLabel},
    refusal::{InputFault, Refusal},
};

impl Hub {
    /// A transport to a fresh process is open.
    pub(super) fn server_up(&mut self, cx: &mut Cx<'_>) {
        match self.server {
            Server::Down(_) => {}
            // The driver replaced a process that it did not report as lost.
            Server::Handshaking { .. } | Server::Ready => self.server_down(cx, Loss::AttachLost),
        }
        let known = self.kept.as_ref().map(|kept| kept.era);
        let step = if self.probe.initialize_first(known) {
            self.ask_initialize(cx, false)
        } else {
            self.ask_discover(cx, false)
        };
        let since = cx.now;
        self.server = Server::Handshaking { step, since };
        cx.event(HubEvent::HandshakeStarted);
    }

    fn ask_initialize(&mut self, cx: &mut Cx<'_>, last: bool) -> Step {
        let id = self.mint();
        cx.server(kept::initialize_line(id, &self.config.version));
        Step::Initializing { id, last }
    }

    fn ask_discover(&mut self, cx: &mut Cx<'_>, last: bool) -> Step {
        let id = self.mint();
        cx.server(kept::discover_line(id, &self.config.version));
        Step::Discovering { id, last }
    }

    /// The process answered something. Whether it was part of the handshake.
    pub(super) fn handshake_answered(
        &mut self,
        cx: &mut Cx<'_>,
        minted: u64,
        body: ResponseBody<'_>,
    ) -> bool {
        let Server::Handshaking { step, since } = self.server else {
            return false;
        };
        match step {
            Step::Discovering { id, last } if id == minted => {
                self.discovered(cx, (since, last), body);
            }
            Step::Both {
                discover,
                initialize,
            } if discover == minted => self.discovered_late(cx, initialize, since, body),
            Step::Both {
                discover,
                initialize,
            } if initialize == minted => match initialized_by(body) {
                Some(kept) => self.initialized(cx, kept, since),
                None => self.go_on(
                    Step::Discovering {
                        id: discover,
                        last: true,
                    },
                    since,
                ),
            },
            Step::Settling { initialize, .. } if initialize == minted => {
                let found = self.probe.found.take();
                if let Some(kept) = initialized_by(body).or(found) {
                    self.initialized(cx, kept, since);
                }
            }
            Step::Initializing { id, last } if id == minted => match initialized_by(body) {
                Some(kept) => self.initialized(cx, kept, since),
                None if last => self.handshake_failed(cx, Loss::NotMcp, excerpt(body)),
                None => {
                    self.probe.refused = Some(excerpt(body));
                    let step = self.ask_discover(cx, true);
                    self.go_on(step, since);
                }
            },
            Step::Discovering { .. }
            | Step::Both { .. }
            | Step::Settling { .. }
            | Step::Initializing { .. } => return false,
        }
        true
    }

    const fn go_on(&mut self, step: Step, since: Now) {
        self.server = Server::Handshaking { step, since };
    }

    fn discovered(&mut self, cx: &mut Cx<'_>, (since, last): (Now, bool), body: ResponseBody<'_>) {
        match Answer::of(body) {
            Answer::Modern(kept) => self.initialized(cx, *kept, since),
            Answer::Legacy if !last => {
                let step = self.ask_initialize(cx, true);
                self.go_on(step, since);
            }
            Answer::Legacy | Answer::Stranger => {
                let refused = self.probe.refused.take();
                self.handshake_failed(cx, Loss::NotMcp, refused.unwrap_or_else(|| excerpt(body)));
            }
        }
    }

    fn discovered_late(
        &mut self,
        cx: &Cx<'_>,
        initialize: u64,
        since: Now,
        body: ResponseBody<'_>,
    ) {
        let step = match Answer::of(body) {
            Answer::Modern(kept) => {
                self.probe.found = Some(*kept);
                let until = cx.now + self.config.limits.probe_timeout;
                Step::Settling { initialize, until }
            }
            Answer::Legacy | Answer::Stranger => Step::Initializing {
                id: initialize,
                last: true,
            },
        };
        self.go_on(step, since);
    }

    /// An answer was too long to be read. Whether it was part of the handshake.
    pub(super) fn handshake_oversized(
        &mut self,
        cx: &mut Cx<'_>,
        minted: u64,
        head: &[u8],
    ) -> bool {
        // As an error that says nothing.
        let nothing = ResponseBody::Error(crate::envelope::Raw {
            text: "{}",
            start: 0,
        });
        let before = cx.out.len();
        let ours = self.handshake_answered(cx, minted, nothing);
        for output in &mut cx.out[before..] {
            if let Output::Event(HubEvent::HandshakeFailed { excerpt, .. }) = output {
                *excerpt = kept::excerpt(head);
            }
        }
        ours
    }

    /// What is due while the process is being asked.
    pub(super) fn expire_handshake(&mut self, cx: &mut Cx<'_>) {
        let Server::Handshaking { step, since } = self.server else {
            return;
        };
        if since + self.config.limits.handshake_timeout <= cx.now {
            return self.handshake_failed(cx, Loss::HandshakeTimeout, "".into());
        }
        if self
            .step_deadline(step, since)
            .is_none_or(|due| due > cx.now)
        {
            return;
        }
        match step {
            Step::Initializing { id, .. } => {
                let asked = self.mint();
                cx.server(kept::discover_line(asked, &self.config.version));
                let both = Step::Both {
                    discover: asked,
                    initialize: id,
                };
                self.go_on(both, since);
            }
            Step::Discovering { id, .. } => {
                let asked = self.mint();
                cx.server(kept::initialize_line(asked, &self.config.version));
                let both = Step::Both {
                    discover: id,
                    initialize: asked,
                };
                self.go_on(both, since);
            }
            Step::Settling { .. } => {
                if let Some(kept) = self.probe.found.take() {
                    self.initialized(cx, kept, since);
                }
            }
            Step::Both { .. } => {}
        }
    }

    /// When the handshake goes on by itself.
    pub(super) fn handshake_deadline(&self) -> Option<Now> {
        let Server::Handshaking { step, since } = self.server else {
            return None;
        };
        let end = since + self.config.limits.handshake_timeout;
        let next = self.step_deadline(step, since);
        Some(next.map_or(end, |next| next.min(end)))
    }

    fn step_deadline(&self, step: Step, since: Now) -> Option<Now> {
        match step {
            Step::Discovering { last: false, .. } => Some(since + self.config.limits.probe_timeout),
            Step::Initializing { last: false, .. } if self.probe.may_discover() => {
                Some(since + self.config.limits.probe_timeout)
            }
            Step::Settling { until, .. } => Some(until),
            Step::Discovering { last: true, .. }
            | Step::Both { .. }
            | Step::Initializing { .. } => None,
        }
    }

    fn initialized(&mut self, cx: &mut Cx<'_>, kept: Kept, since: Now) {
        cx.event(HubEvent::ServerInitialized {
            name: kept.name.clone(),
            version: kept.version.clone(),
            revision: kept.revision,
            changed: self.kept.as_ref().is_some_and(|old| !old.same(&kept)),
            duration: cx.now.saturating_sub(since),
        });
        let era = kept.era;
        if self.kept.as_ref().is_some_and(|old| !old.same(&kept)) {
            self.beside = Beside::Unknown;
        }
        self.kept = Some(kept);
        self.server = Server::Ready;
        match era {
            Era::Legacy => cx.server(kept::INITIALIZED),
            // Nothing has to be told: the next request says all.
            Era::Modern => {}
        }
        self.watch_health(cx);
        self.restore(cx);
        for waiter in self.waiting.take() {
            self.welcome(cx, &waiter);
        }
        self.release_held(cx);
        self.offer_changed(cx);
    }

    fn release_held(&mut self, cx: &mut Cx<'_>) {
        for id in self.calls.held_ids() {
            self.release(cx, id);
        }
        // A held `logging/setLevel` says what was wanted when it came.
        self.sync_level(cx);
    }

    fn release(&mut self, cx: &mut Cx<'_>, id: u64) {
        let (era, call) = (self.server_era(), self.calls.get(id));
        if era == Era::Modern && call.is_some_and(|call| ends_here(call.method)) {
            if let Some(call) = self.calls.remove(id) {
                self.untie(cx, &call);
                self.answer_empty(cx, &call);
            }
            return;
        }
        // It is between two rounds of a server whose successor does not know of them.
        if era == Era::Legacy && call.is_some_and(|call| call.again.is_some()) {
            let missing = Refusal::InputMissing(InputFault::NotKept);
            return self.fail_held(cx, id, missing);
        }
        let Some(line) = self.calls.release(id) else {
            return;
        };
        let Some(call) = self.calls.get(id) else {
            return;
        };
        let (line, effect) = (self.dressed(call, line), call.effect.clone());
        let key = call.key();
        if let Some(again) = self.again(cx, call, &line) {
            self.calls.keep(id, again);
        }
        self.sent(&effect);
        cx.call(key, line);
    }

    /// The process is no MCP server, or not a live one. It is to be dropped; who waits goes on
    /// waiting for the next one.
    pub(super) fn handshake_failed(&mut self, cx: &mut Cx<'_>, loss: Loss, excerpt: Arc<str>) {
        self.probe.found = None;
        self.probe.refused = None;
        self.server = Server::Down(Some(loss));
        self.last_loss = Some(loss);
        cx.event(HubEvent::HandshakeFailed { loss, excerpt });
        cx.out.push(Output::DropServer(loss));
    }
}

/// Methods that a server of 2026-07-28 does not have, and that the bridge has carried out already.
const fn ends_here(method: MethodLabel) -> bool {
    matches!(
        method,
        MethodLabel::LoggingSetLevel
            | MethodLabel::ResourcesSubscribe
            | MethodLabel::ResourcesUnsubscribe
    )
}

/// What a good answer to `initialize` says.
fn initialized_by(body: ResponseBody<'_>) -> Option<Kept> {
    match body {
        ResponseBody::Result(result) => Kept::new(result.text),
        ResponseBody::Error(_) => None,
    }
}

fn excerpt(body: ResponseBody<'_>) -> Arc<str> {
    match body {
        ResponseBody::Result(text) | ResponseBody::Error(text) => kept::excerpt(text.bytes()),
    }
}
