//! The calls whose exchanges are to be written down, while they go on. Empty, and then without cost,
//! where nothing is traced or audited.

use std::{collections::HashMap, mem, sync::Arc};

use bytes::Bytes;
use hivewright_bridge::{
    event::HubEvent,
    io::{CallKey, SessionId},
};
use tokio::time::Instant;

use crate::{
    audit::Program,
    exchange::{Call, Exchange, Marks, Place},
};

/// A call that goes on.
#[derive(Debug)]
struct Open {
    exchange: Arc<Exchange>,
    place: Option<Place>,
    bytes: usize,
    marks: Option<Arc<Marks>>,
}

/// A call that is over, with its exchange.
pub(super) type Done = (Arc<Exchange>, Call);

/// All of them. As many as the hub has calls, which are bounded there.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// What the input of this step came by.
    arriving: Option<Arc<Exchange>>,
    open: HashMap<CallKey, Open>,
    /// The next line to the server is a call with these.
    sending: Option<Arc<Marks>>,
    /// To be told once the lock is given back.
    done: Vec<Done>,
    /// The last one that is over waits for its answer, which is what is given next.
    wants_answer: bool,
    /// What introduced itself in each session; as many as the hub has sessions.
    programs: HashMap<SessionId, Arc<Program>>,
}

impl Book {
    /// The next step is about this exchange.
    pub(super) fn arrive(&mut self, exchange: Option<Arc<Exchange>>) {
        self.arriving = exchange;
    }

    /// The step is over. What it brought to an end is given out.
    pub(super) fn close_step(&mut self) -> Vec<Done> {
        self.arriving = None;
        self.sending = None;
        self.wants_answer = false;
        mem::take(&mut self.done)
    }

    /// Takes note of an event. `on` gives the exchange of the stream that a call came by.
    pub(super) fn saw(&mut self, event: &HubEvent, on: Option<Arc<Exchange>>) {
        match event {
            HubEvent::RequestStarted { call, bytes, .. } => self.started(*call, *bytes, on),
            HubEvent::RequestSent { call } => self.sent(*call),
            HubEvent::RequestFinished { call, .. } => self.finished(*call, event),
            HubEvent::SessionClosed { session, .. } => {
                self.programs.remove(session);
            }
            HubEvent::SessionOpened { .. }
            | HubEvent::AskStarted { .. }
            | HubEvent::AskFinished { .. }
            | HubEvent::NotificationForwarded { .. }
            | HubEvent::MessageDropped { .. }
            | HubEvent::GarbageDropped { .. }
            | HubEvent::Overflow { .. }
            | HubEvent::Refused { .. }
            | HubEvent::HandshakeStarted
            | HubEvent::ServerInitialized { .. }
            | HubEvent::HandshakeFailed { .. }
            | HubEvent::ServerLost { .. } => {}
        }
    }

    /// A message to a client: the answer that a call waits for.
    pub(super) fn gave(&mut self, message: &Bytes) {
        if mem::take(&mut self.wants_answer)
            && let Some((_, call)) = self.done.last_mut()
        {
            call.answer = Some(message.clone());
        }
    }

    /// The marks of the line that goes to the server now, if anybody wants them.
    pub(super) fn take_marks(&mut self) -> Option<Arc<Marks>> {
        self.sending.take()
    }

    fn started(&mut self, call: CallKey, bytes: usize, on: Option<Arc<Exchange>>) {
        let Some(exchange) = on.or_else(|| self.arriving.clone()) else {
            return;
        };
        let open = Open {
            place: exchange.place(),
            exchange,
            bytes,
            marks: None,
        };
        self.open.insert(call, open);
    }

    /// A call that is sent once more keeps its first marks.
    fn sent(&mut self, call: CallKey) {
        let open = self.open.get_mut(&call);
        let traced = open.filter(|open| open.place.is_some() && open.marks.is_none());
        if let Some(open) = traced {
            let marks = Arc::<Marks>::default();
            open.marks = Some(marks.clone());
            self.sending = Some(marks);
        }
    }

    fn finished(&mut self, key: CallKey, event: &HubEvent) {
        let (Some(open), Some(call)) = (self.open.remove(&key), over(event)) else {
            return;
        };
        let who = open.exchange.who();
        if let Some(program) = who.and_then(|who| who.program.clone()) {
            // A visit introduces itself each time, and its id stands for no session.
            if call.method == hivewright_bridge::protocol::MethodLabel::Initialize {
                self.programs.insert(call.session.clone(), program);
            }
        }
        self.wants_answer = open.exchange.wants_answers() && call.bytes_out > 0;
        let call = Call {
            bytes_in: open.bytes,
            place: open.place,
            marks: open.marks,
            program: self.programs.get(&call.session).cloned(),
            ..call
        };
        self.done.push((open.exchange, call));
    }
}

/// What the event says of a call that is over.
fn over(event: &HubEvent) -> Option<Call> {
    let HubEvent::RequestFinished {
        session,
        method,
        tool,
        outcome,
        duration,
        bytes,
        ..
    } = event
    else {
        return None;
    };
    Some(Call {
        session: session.clone(),
        method: *method,
        tool: tool.clone(),
        outcome: *outcome,
        duration: *duration,
        ended: Instant::now(),
        bytes_in: 0,
        bytes_out: *bytes,
        place: None,
        marks: None,
        program: None,
        answer: None,
    })
}
