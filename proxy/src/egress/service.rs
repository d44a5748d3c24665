//! One request: read its target, judge it, connect, and forward it or become a tunnel.

use std::{net::IpAddr, sync::Arc};

use hivewright_api::proxy_config::EgressRules;
use http::{Method, Request, Response, uri::Scheme};
use hyper::body::Incoming;
use tokio::{
    net::TcpStream,
    sync::{Semaphore, watch},
};

use super::{
    answer::Answer,
    denial::{Denial, Ledger, Why},
    dial::Dialer,
    exchange::{Current, Exchange, Slot},
    forward::forward,
    metrics::{EgressMetrics, Outcome},
    refusal::Refusal,
    rules::judge,
    target::Target,
    tunnel::Tunnel,
};

/// Port of a whole URL that names none.
const HTTP_PORT: u16 = 80;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) rules: watch::Receiver<EgressRules>,
    pub(super) dialer: Dialer,
    pub(super) metrics: Arc<EgressMetrics>,
    pub(super) ledger: Ledger,
    pub(super) places: Arc<Semaphore>,
    pub(super) limit: usize,
}

impl Gate {
    /// Tells of a denial.
    pub(super) fn deny(&self, source: IpAddr, target: &Target, why: Why) {
        self.ledger.write(Denial::new(source, target, why));
    }
}

/// One connection's view of the gate.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) gate: Arc<Gate>,
    pub(super) slot: Arc<Slot>,
    pub(super) current: Current,
    pub(super) source: IpAddr,
}

impl Visitor {
    /// Answers one request.
    pub(super) async fn answer(self, request: Request<Incoming>) -> Response<Answer> {
        let outcome = self.handle(request).await;
        let counted = match &outcome {
            Ok(_) => Outcome::Allowed,
            Err(refusal) => refusal.outcome(),
        };
        self.gate.metrics.count(counted);
        outcome.unwrap_or_else(|refusal| {
            if let Refusal::Denied { target, why } = &refusal {
                self.gate.deny(self.source, target, *why);
            }
            Answer::refusal(&refusal)
        })
    }

    async fn handle(&self, request: Request<Incoming>) -> Result<Response<Answer>, Refusal> {
        let target = target(&request)?;
        let (stream, exchange) = self.enter(&target).await?;
        if request.method() == Method::CONNECT {
            let upgrade = hyper::upgrade::on(request);
            self.slot.plan(Tunnel {
                gate: self.gate.clone(),
                source: self.source,
                target,
                upgrade,
                stream,
                exchange,
            });
            Ok(Response::new(Answer::empty()))
        } else {
            forward(request, stream, exchange, &target).await
        }
    }

    /// Takes a place, judges the target and connects to it.
    async fn enter(&self, target: &Target) -> Result<(TcpStream, Exchange), Refusal> {
        let gate = &self.gate;
        let judged = judge(&gate.rules.borrow(), target);
        judged.map_err(|why| Refusal::Denied {
            target: target.clone(),
            why,
        })?;
        let place = gate.places.clone().try_acquire_owned();
        let place = place.map_err(|_| Refusal::TooMany { limit: gate.limit })?;
        // Nothing is awaited since the judgement, so rules that change from here on find the target.
        let exchange = Exchange::begin(self.current.clone(), place, target.clone());
        let stream = gate.dialer.dial(target).await?;
        Ok((stream, exchange))
    }
}

/// Where a request wants to go.
fn target<B>(request: &Request<B>) -> Result<Target, Refusal> {
    let uri = request.uri();
    let authority = uri.authority().ok_or(Refusal::NoProxyRequest)?.as_str();
    if request.method() == Method::CONNECT {
        return Ok(Target::parse(authority, None)?);
    }
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => Ok(Target::parse(authority, Some(HTTP_PORT))?),
        Some(_) => Err(Refusal::Scheme),
        None => Err(Refusal::NoProxyRequest),
    }
}
