//! The requests that change what the one server process does for all sessions: log level and
//! resource subscriptions. The server sees what the sessions together need.

use std::sync::Arc;

use super::{
    Hub, Server,
    calls::{Call, Effect, Owner},
    calls_in::Plan,
    cx::Cx,
    kept,
    levels::Level,
    sessions::SessionKey,
    subscriptions::Left,
};
use crate::{
    envelope::{Params, Raw},
    event::{Bound, Door},
    limits::{MAX_RESOURCES, MAX_URI},
    message,
    protocol::{Era, MethodLabel},
    refusal::Refusal,
};

impl Hub {
    /// What to do with a request that passed all checks.
    pub(super) fn plan_tracked(
        &mut self,
        cx: &mut Cx<'_>,
        session: SessionKey,
        method: MethodLabel,
        params: &Params<'_>,
    ) -> Result<Plan, Refusal> {
        if method == MethodLabel::LoggingSetLevel {
            let plan = self.plan_level(session, params)?;
            Ok(self.where_it_ends(cx, plan))
        } else if method == MethodLabel::ResourcesSubscribe {
            self.check_subscribable()?;
            let plan = self.plan_subscribe(cx, session, &uri_of(params)?)?;
            Ok(self.where_it_ends(cx, plan))
        } else if method == MethodLabel::ResourcesUnsubscribe {
            Ok(match self.subscriptions.remove(&uri_of(params)?, session) {
                Left::Others => Plan::Answer,
                Left::Nobody => self.where_it_ends(cx, Plan::PASS),
            })
        } else {
            Ok(Plan::PASS)
        }
    }

    /// A server of 2026-07-28 is not asked, so it cannot refuse what it did not declare.
    fn check_subscribable(&self) -> Result<(), Refusal> {
        let offered = self.kept.as_ref().is_none_or(|kept| kept.offer.subscribe);
        match self.server_era() {
            Era::Modern if !offered => Err(Refusal::MethodNotFound),
            Era::Modern | Era::Legacy => Ok(()),
        }
    }

    /// A server of 2026-07-28 has none of these methods: levels are in each request, subscriptions
    /// in the one listen of the bridge.
    fn where_it_ends(&mut self, cx: &mut Cx<'_>, plan: Plan) -> Plan {
        match self.server_era() {
            Era::Legacy => plan,
            Era::Modern => {
                self.sync_listen(cx);
                Plan::Answer
            }
        }
    }

    /// The server gets the most verbose level that any session asked for; each session's messages
    /// are filtered on the way back.
    fn plan_level(&mut self, key: SessionKey, params: &Params<'_>) -> Result<Plan, Refusal> {
        let asked = params
            .level
            .and_then(|raw| Some((raw, Level::parse(&raw.string()?)?)));
        let (raw, level) = asked.ok_or(Refusal::InvalidParams("level must be a log level"))?;
        if let Some(session) = self.sessions.get_mut(key) {
            session.level = Some(level);
        }
        let effective = self.wanted_level().unwrap_or(level);
        if self.level == Some(effective) {
            return Ok(Plan::Answer);
        }
        let replace = Some((raw.span(), effective.json()));
        Ok(Plan::Send {
            effect: Effect::Level(effective),
            replace,
        })
    }

    fn wanted_level(&self) -> Option<Level> {
        let translated = self.visit_era() == Era::Legacy;
        self.sessions
            .iter()
            // Visits that are not translated say theirs themselves.
            .filter(|(_, session)| translated || session.door != Door::Stateless)
            .filter_map(|(_, session)| session.level)
            .min()
    }

    fn plan_subscribe(
        &mut self,
        cx: &mut Cx<'_>,
        session: SessionKey,
        uri: &Arc<str>,
    ) -> Result<Plan, Refusal> {
        let full = self.subscriptions.count(session) >= self.config.limits.max_subscriptions
            || self.subscriptions.len() >= MAX_RESOURCES;
        if full {
            cx.overflow(Bound::Subscriptions);
            return Err(Refusal::TooManySubscriptions);
        }
        let confirmed = self.subscriptions.confirmed(uri);
        self.subscriptions.add(uri, session);
        if confirmed {
            return Ok(Plan::Answer);
        }
        Ok(Plan::Send {
            effect: Effect::Subscribe(uri.clone()),
            replace: None,
        })
    }

    /// The line of a call with this effect went out.
    pub(super) const fn sent(&mut self, effect: &Effect) {
        match effect {
            Effect::Level(level) => self.level = Some(*level),
            Effect::None | Effect::Subscribe(_) => {}
        }
    }

    /// The server answered a call with this effect.
    pub(super) fn settled(&mut self, call: &Call, ok: bool) {
        match (&call.effect, &call.owner) {
            (Effect::Subscribe(uri), Owner::Bridge | Owner::Client(_)) if ok => {
                self.subscriptions.confirm(uri);
            }
            (Effect::Level(_), Owner::Client(caller)) if !ok => self.forget_level(caller.session),
            (Effect::Subscribe(uri), Owner::Client(caller)) => {
                self.subscriptions.remove(uri, caller.session);
            }
            // Nobody can be told; the sessions' wishes are kept for the next process.
            (Effect::None | Effect::Level(_), Owner::Bridge | Owner::Client(_))
            | (Effect::Subscribe(_), Owner::Bridge) => {}
        }
    }

    /// The server refused a level: it has its old one, whatever that was.
    fn forget_level(&mut self, key: SessionKey) {
        self.level = None;
        if let Some(session) = self.sessions.get_mut(key) {
            session.level = None;
        }
    }

    /// Tells a fresh process what the sessions had asked of the one before it.
    pub(super) fn restore(&mut self, cx: &mut Cx<'_>) {
        match self.server_era() {
            Era::Legacy => {}
            // Levels are in each request.
            Era::Modern => return self.sync_listen(cx),
        }
        self.sync_level(cx);
        for uri in self.subscriptions.uris() {
            let params = uri_params(&uri);
            let method = MethodLabel::ResourcesSubscribe;
            self.own_call(cx, method, &params, Effect::Subscribe(uri));
        }
    }

    /// Tells the server the most verbose level, if that has changed.
    pub(super) fn sync_level(&mut self, cx: &mut Cx<'_>) {
        if let Some(level) = self.wanted_level()
            && self.level != Some(level)
        {
            let params = format!("{{\"level\":{}}}", level.json());
            self.own_call(
                cx,
                MethodLabel::LoggingSetLevel,
                &params,
                Effect::Level(level),
            );
        }
    }

    /// Takes a session that has ended out of what the server does for all.
    pub(super) fn untrack(&mut self, cx: &mut Cx<'_>, session: SessionKey) {
        for uri in self.subscriptions.remove_session(session) {
            let method = MethodLabel::ResourcesUnsubscribe;
            self.own_call(cx, method, &uri_params(&uri), Effect::None);
        }
        self.sync_level(cx);
    }

    /// A request of the bridge itself, if there is a server to take it.
    pub(super) fn own_call(
        &mut self,
        cx: &mut Cx<'_>,
        method: MethodLabel,
        params: &str,
        effect: Effect,
    ) {
        match (self.server, self.server_era()) {
            (Server::Down(_) | Server::Handshaking { .. }, _) => {}
            // It has none of these methods, but may have to tell something else now.
            (Server::Ready, Era::Modern) => self.sync_listen(cx),
            (Server::Ready, Era::Legacy) => self.own_request(cx, method, params, effect),
        }
    }

    /// Sends a request of the bridge itself to a server that has the method.
    pub(super) fn own_request(
        &mut self,
        cx: &mut Cx<'_>,
        method: MethodLabel,
        params: &str,
        effect: Effect,
    ) {
        let id = self.mint();
        self.sent(&effect);
        cx.server(kept::request_line(id, method.as_str(), params));
        let owner = Owner::Bridge;
        let call = Call {
            owner,
            method,
            tool: None,
            started: cx.now,
            effect,
            held: None,
            again: None,
        };
        self.calls.insert(id, call);
    }
}

fn uri_of(params: &Params<'_>) -> Result<Arc<str>, Refusal> {
    let uri = params.uri.and_then(Raw::string);
    let uri = uri.ok_or(Refusal::InvalidParams("uri must be a string"))?;
    if uri.len() > MAX_URI {
        return Err(Refusal::InvalidParams("the uri is too long"));
    }
    Ok(uri.into())
}

fn uri_params(uri: &str) -> String {
    format!("{{\"uri\":{}}}", message::json(uri))
}
