//! Starts the backend that the settings name.

use std::net::SocketAddr;

use hivewright_api::proxy_config::{BackendTransport, EgressRules, HttpBackend, LiveConfig};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::AppError;
use crate::{
    announce::announce,
    backend::{
        api,
        http::Kind,
        pod::{self, Feeds, Site, Speech, Web},
        process,
    },
    desk::Desk,
    driver::Bridge,
    egress::Gateway,
    fleet::{Fleet, Ordinal},
    live,
    record::Recording,
    replay::{self, Player},
    settings::{Backend, PodsSettings},
    together::together,
};

/// A backend's task. It ends at the end of the proxy, or if it cannot go on.
pub(super) type Running = JoinHandle<Result<(), AppError>>;

/// What a backend is started with.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) fleet: Fleet,
    pub(super) ending: CancellationToken,
    /// What a local user is told to connect to.
    pub(super) doors: SocketAddr,
    /// Who tells that user; nobody in a cluster.
    pub(super) desk: Option<Desk>,
    /// Where the egress gateway listens, if there is to be one.
    pub(super) egress: Option<TcpListener>,
    /// Tasks that are to end with the backend, and it with them.
    pub(super) helpers: JoinSet<()>,
}

impl Start {
    /// Starts it.
    pub(super) async fn backend(self, backend: Backend) -> Result<Running, AppError> {
        match backend {
            Backend::Process(command) => Ok(self.process(command)),
            Backend::Pool(command, _) => Ok(self.pool(command)),
            Backend::Replay(recording) => Ok(self.replay(&recording)),
            Backend::Pods(settings) => self.pods(*settings).await,
        }
    }

    /// Tells the local user how to connect, as soon as this server has answered.
    fn announce(&self, bridge: &Bridge) {
        if let Some(desk) = self.desk.clone() {
            tokio::spawn(announce(bridge.clone(), self.doors, desk));
        }
    }

    fn process(self, command: process::Command) -> Running {
        let bridge = self.fleet.bridge(Ordinal::FIRST).clone();
        self.announce(&bridge);
        tokio::spawn(async move {
            let run = process::run(bridge, command, self.ending);
            let ended = together(run, self.helpers).await;
            ended.map_err(AppError::Task)?.map_err(AppError::Command)
        })
    }

    fn pool(self, command: process::Command) -> Running {
        let bridge = self.fleet.bridge(Ordinal::FIRST).clone();
        self.announce(&bridge);
        tokio::spawn(async move {
            let run = process::run_pool(self.fleet, command, self.ending);
            let ended = together(run, self.helpers).await;
            ended.map_err(AppError::Task)?.map_err(AppError::from)
        })
    }

    fn replay(self, recording: &Recording) -> Running {
        let bridge = self.fleet.bridge(Ordinal::FIRST).clone();
        self.announce(&bridge);
        if let Some(warning) = recording.warning() {
            tracing::warn!(warning, "what is missing is not replayed");
        }
        let player = Player::new(recording);
        tokio::spawn(async move {
            let run = replay::serve(bridge, player, self.ending);
            let ended = together(run, self.helpers).await;
            ended.map_err(AppError::Task)
        })
    }

    async fn pods(mut self, settings: PodsSettings) -> Result<Running, AppError> {
        let client = api::client(self.fleet.metrics().registry()).await?;
        let (live_out, live) = watch::channel(settings.live.clone());
        let (follow, ending) = (client.clone(), self.ending.clone());
        let (namespace, map) = (settings.namespace.clone(), settings.config_map.clone());
        let follow = async move {
            live::follow(follow, (&namespace, &map), live_out, ending).await;
        };
        self.helpers.spawn(follow);
        let denials = self.gateway(&live);
        let site = Site {
            client,
            namespace: settings.namespace,
            stateful_set: settings.stateful_set,
            container: settings.container,
        };
        let feeds = Feeds { live, denials };
        let crew = pod::run(
            self.fleet,
            (site, speech(settings.transport)),
            feeds,
            self.ending,
        );
        let run = async move {
            let ended = together(crew, self.helpers).await;
            ended.map_err(AppError::Task)?.map_err(AppError::Task)
        };
        Ok(tokio::spawn(run.in_current_span()))
    }

    /// Starts the egress gateway, if there is to be one.
    fn gateway(
        &mut self,
        live: &watch::Receiver<LiveConfig>,
    ) -> Option<watch::Receiver<crate::egress::Denials>> {
        let listener = self.egress.take()?;
        let (rules_out, rules) = watch::channel(live.borrow().egress.clone());
        let (gateway, denials) = Gateway::new(rules, self.fleet.metrics().registry());
        self.helpers.spawn(pass_on(live.clone(), rules_out));
        self.helpers
            .spawn(gateway.run(listener, self.ending.clone()));
        Some(denials)
    }
}

/// Passes on the part of the live configuration that concerns the gateway, when it differs.
async fn pass_on(mut live: watch::Receiver<LiveConfig>, rules: watch::Sender<EgressRules>) {
    while live.changed().await.is_ok() {
        let new = live.borrow_and_update().egress.clone();
        rules.send_if_modified(|old| {
            let differs = *old != new;
            if differs {
                *old = new;
            }
            differs
        });
    }
}

fn speech(transport: BackendTransport) -> Speech {
    let web = |kind, http: HttpBackend| {
        Speech::Web(Web {
            kind,
            service: http.service,
            port: http.port,
            path: http.path,
        })
    };
    match transport {
        BackendTransport::Stdio {} => Speech::Stdio,
        BackendTransport::Sse(http) => web(Kind::Sse, http),
        BackendTransport::StreamableHttp(http) => web(Kind::StreamableHttp, http),
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    fn live(replicas: u16, hosts: &[&str]) -> LiveConfig {
        LiveConfig {
            replicas,
            keep_scale: true,
            warm: None,
            egress: EgressRules {
                hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
                ports: Vec::new(),
            },
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_gateway_hears_of_rules_that_differ_and_of_nothing_else() {
        let (live_out, follow) = watch::channel(live(1, &["a.test"]));
        let (rules_out, mut rules) = watch::channel(live(1, &["a.test"]).egress);
        let passing = tokio::spawn(pass_on(follow, rules_out));
        live_out.send_replace(live(2, &["a.test"]));
        let limit = std::time::Duration::from_mins(1);
        let heard = timeout(limit, rules.changed()).await;
        assert!(heard.is_err(), "only the count has changed");
        live_out.send_replace(live(2, &["b.test"]));
        let heard = timeout(limit, rules.changed()).await;
        heard.expect("in time").expect("it is passed on");
        assert_eq!(rules.borrow().hosts, ["b.test"]);
        drop(live_out);
        let ended = timeout(limit, passing).await.expect("it ends");
        ended.expect("it does not panic");
    }
}
