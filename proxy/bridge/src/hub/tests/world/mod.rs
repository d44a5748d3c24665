//! Random interleavings of many sessions with colliding ids against a server that echoes.
//!
//! Every call carries a tag (session and serial number); the server puts the tag into whatever it
//! says because of that call. So it shows at once if anything reaches the wrong session.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

mod check;
mod ops;
mod visits;

use ops::{Kind, Op, Speech, op};
use visits::Visitors;

const SESSIONS: u64 = 4;

/// A call at the simulated server.
#[derive(Clone, Debug)]
struct AtServer {
    minted: u64,
    tag: String,
    cancelled: bool,
}

struct World {
    scene: Scene,
    server_is: Kind,
    /// Calls that the server works on.
    server: Vec<AtServer>,
    /// The session of each stream.
    streams: BTreeMap<u64, u64>,
    /// The generation of each session: its name changes when it is opened again.
    generation: BTreeMap<u64, u64>,
    open: BTreeSet<u64>,
    /// Calls without an answer yet, by tag: their raw id.
    waiting: BTreeMap<String, String>,
    asked: Vec<(u64, u64)>,
    visitors: Visitors,
    serial: u64,
}

impl World {
    fn new() -> Self {
        Self {
            scene: visitor::scene_of_none(),
            server_is: Kind::Legacy,
            server: vec![],
            streams: BTreeMap::new(),
            generation: BTreeMap::new(),
            open: BTreeSet::new(),
            waiting: BTreeMap::new(),
            asked: vec![],
            visitors: Visitors::default(),
            serial: 0,
        }
    }

    /// Odd sessions come through the HTTP+SSE door.
    fn sse(session: u64) -> bool {
        session % 2 == 1
    }

    fn name(&self, session: u64) -> String {
        format!("{session}.{}", self.generation.get(&session).unwrap_or(&0))
    }

    fn stream(&mut self, session: u64) -> u64 {
        self.serial += 1;
        self.streams.insert(self.serial, session);
        self.serial
    }

    fn ensure_open(&mut self, session: u64) {
        if !self.open.insert(session) {
            return;
        }
        *self.generation.entry(session).or_default() += 1;
        let (name, stream) = (self.name(session), self.stream(session));
        let body = initialize("2025-06-18", ABLE);
        if Self::sse(session) {
            let stream = StreamKey(stream);
            self.scene.client(FromClient::OpenSse {
                session: name.as_str().into(),
                stream,
            });
            let post = self.stream(session);
            self.scene.post(&name, post, &body);
        } else {
            self.scene.open(&name, stream, &body);
        }
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::Call(session, id) => self.call(*session, *id),
            Op::Cancel(session, id) => {
                let stream = self.stream(*session);
                let params = format!(r#"{{"requestId":{id}}}"#);
                let name = self.name(*session);
                self.scene
                    .post(&name, stream, &note("notifications/cancelled", &params));
            }
            Op::Answer(choice) => {
                if !self.server.is_empty() {
                    let call = self.server.remove(choice % self.server.len());
                    self.scene.line(&result(
                        call.minted,
                        &format!("{{\"tag\":\"{}\"}}", call.tag),
                    ));
                }
            }
            Op::Speak(choice, speech) => self.speak(*choice, *speech),
            Op::Reply(choice) => {
                if !self.asked.is_empty() {
                    let (session, ask) = self.asked.remove(choice % self.asked.len());
                    let (name, stream) = (self.name(session), self.stream(session));
                    self.scene.post(&name, stream, &result(ask, "{}"));
                }
            }
            Op::Gone(choice) => {
                let stream = 1 + choice % self.serial.max(1);
                self.scene.gone(stream);
                self.visitors.leave(stream);
                self.lose_stream(stream);
            }
            Op::End(session) => self.end(*session),
            Op::Visit(client, rest) => self.visit(*client, *rest),
            Op::ComeBack(choice, how) => self.come_back(*choice, *how),
            Op::Listen(client) => self.listen(*client),
            Op::Change => {
                self.scene
                    .line(&note("notifications/tools/list_changed", "{}"));
            }
            Op::Down => {
                self.server.clear();
                self.scene.down(Loss::ProcessExited);
            }
            Op::Up(kind) => {
                if self.scene.hub.snapshot(self.scene.now).server.phase == ServerPhase::Down {
                    self.server_is = *kind;
                    match kind {
                        Kind::Modern => self.scene.bring_up_modern(MODERN),
                        Kind::Legacy | Kind::Dual => self.scene.bring_up_dual(visitor::LEGACY),
                    }
                }
            }
            Op::Pass(milliseconds) => {
                self.scene.pass(Now::from_millis(*milliseconds));
                // A server stops working on what was cancelled before the grace is over.
                self.server.retain(|call| !call.cancelled);
            }
        }
        self.check();
    }

    fn call(&mut self, session: u64, id: u8) {
        self.ensure_open(session);
        self.check();
        let (name, stream) = (self.name(session), self.stream(session));
        let tag = format!("{session}/{stream}");
        let params = format!(r#"{{"tag":"{tag}","_meta":{{"progressToken":"{id}"}}}}"#);
        self.waiting.insert(tag, id.to_string());
        self.scene.post(
            &name,
            stream,
            &request(&id.to_string(), "tools/call", &params),
        );
    }

    /// Whether the server asks by the result of this call.
    fn by_result(&self, tag: &str) -> bool {
        match self.server_is {
            Kind::Legacy => false,
            Kind::Modern => true,
            Kind::Dual => tag.starts_with('v'),
        }
    }

    fn speak(&mut self, choice: usize, speech: Speech) {
        if self.server.is_empty() {
            return;
        }
        let at = choice % self.server.len();
        let AtServer { minted, tag, .. } = self.server[at].clone();
        if self.by_result(&tag) && matches!(speech, Speech::Ask) {
            self.server.remove(at);
            let ask = format!(r#"{{"method":"elicitation/create","params":{{"tag":"{tag}"}}}}"#);
            let wants =
                format!(r#"{{"resultType":"input_required","inputRequests":{{"k":{ask}}}}}"#);
            return self.scene.line(&result(minted, &wants));
        }
        // Some servers say for which call they ask.
        let hint = if choice.is_multiple_of(2) {
            format!(r#","_meta":{{"hivewright.dev/requestId":{minted}}}"#)
        } else {
            String::new()
        };
        self.scene.line(&match speech {
            Speech::Ask => request(
                &minted.to_string(),
                "elicitation/create",
                &format!(r#"{{"tag":"{tag}"{hint}}}"#),
            ),
            Speech::Log => note(
                "notifications/message",
                &format!(r#"{{"level":"info","tag":"{tag}"{hint}}}"#),
            ),
            Speech::Progress => note(
                "notifications/progress",
                &format!(r#"{{"tag":"{tag}","progressToken":{minted}}}"#),
            ),
        });
    }

    fn end(&mut self, session: u64) {
        if !self.open.remove(&session) {
            return;
        }
        let name = self.name(session);
        if Self::sse(session) {
            let own = |stream: &u64| self.streams[stream] == session;
            let streams: Vec<_> = self.streams.keys().copied().filter(own).collect();
            for stream in streams {
                self.scene.gone(stream);
            }
        } else {
            let stream = self.stream(session);
            self.scene.close(&name, stream);
        }
        self.forget_calls(session);
    }

    /// An HTTP+SSE session ends with its stream; which stream that was shows in the table.
    fn lose_stream(&mut self, stream: u64) {
        let Some(session) = self.streams.get(&stream).copied() else {
            return;
        };
        if !Self::sse(session) {
            self.waiting.remove(&format!("{session}/{stream}"));
        }
        let names: Vec<_> = self
            .scene
            .hub
            .sessions
            .iter()
            .map(|(_, session)| session.id.to_string())
            .collect();
        if Self::sse(session) && !names.contains(&self.name(session)) {
            self.open.remove(&session);
            self.forget_calls(session);
        }
        if !Self::sse(session) && !names.contains(&self.name(session)) {
            // It may have been waiting for its initialize.
            self.open.remove(&session);
        }
    }

    fn forget_calls(&mut self, session: u64) {
        self.waiting
            .retain(|tag, _| !tag.starts_with(&format!("{session}/")));
        self.asked.retain(|(asked, _)| *asked != session);
    }

    /// Lets everything come to its end, and looks whether anything is left.
    fn finish(mut self) {
        self.apply(&Op::Up(Kind::Modern));
        while !self.asked.is_empty() {
            self.apply(&Op::Reply(0));
        }
        self.settle_visits();
        while !self.server.is_empty() {
            self.apply(&Op::Answer(0));
        }
        for session in (0..SESSIONS).filter(|session| !Self::sse(*session)) {
            self.waiting.retain(|tag, _| {
                !tag.starts_with(&format!("{session}/")) || self.open.contains(&session)
            });
        }
        let unanswered: Vec<_> = self
            .waiting
            .keys()
            .filter(|tag| tag.starts_with("0/") || tag.starts_with("2/"))
            .collect();
        assert_eq!(unanswered, [""; 0], "every call has ended");
        self.end_visits();
        self.scene.pass(Now::from_mins(15));
        self.scene.assert_nothing_waits();
        for session in 0..SESSIONS {
            self.end(session);
        }
        self.scene.pass(Now::from_hours(2));
        self.scene.assert_nothing_waits();
        assert_eq!(self.scene.hub.counts(), Counts::default());
        assert_eq!(self.scene.hub.visits.kept(), 0);
        self.scene.down(Loss::ProcessExited);
        assert_eq!(self.scene.hub.next_deadline(), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_reaches_the_wrong_session_and_nothing_is_left_behind(
        ops in prop::collection::vec(op(), 1..120),
    ) {
        let mut world = World::new();
        for op in &ops {
            world.apply(op);
        }
        world.finish();
    }
}
