//! The command line and the configuration file, checked as a whole before anything is opened.
//!
//! All that is wrong is told at once, each in a sentence that says what to change.

mod check;
mod problem;
mod telling;

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
};

use hivewright_api::{
    names,
    proxy_config::{BackendTransport, Isolation, LiveConfig, ProxyConfig},
};

pub use self::{
    problem::{Problem, SettingsError},
    telling::Telling,
};
use crate::{
    args::{Command, DeskArgs, DoorArgs, ReplayArgs, RunArgs, ServeArgs, TellingArgs},
    backend::process,
    fleet::{Bounds, Shape},
    http::Guard,
    live,
    record::Recording,
};

/// Everything that the proxy is told, valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the doors listen.
    pub doors: SocketAddr,
    /// Where the admin port listens, if anywhere.
    pub admin: Option<SocketAddr>,
    /// Where the egress gateway listens, if the server's profile needs one.
    pub egress: Option<SocketAddr>,
    /// Where the canary listens, if anywhere: in a cluster, where policies may be enforced.
    pub canary: Option<SocketAddr>,
    /// Whom the doors let in.
    pub guard: Guard,
    /// The server.
    pub backend: Backend,
    /// What the person who started the proxy wants to see and to keep; none in a cluster.
    pub desk: Option<DeskArgs>,
    /// What is told of calls, and to whom.
    pub telling: Telling,
}

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Pods of a StatefulSet.
    Pods(Box<PodsSettings>),
    /// A local command.
    Process(process::Command),
    /// A local command, once for each session.
    Pool(process::Command, Bounds),
    /// What a server said once.
    Replay(Arc<Recording>),
}

impl Backend {
    /// The fleet to begin with; a local command counts as a pod.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Pods(settings) => match settings.isolation {
                Isolation::Shared => Shape::Shared(usize::from(settings.live.replicas)),
                Isolation::PerSession => Shape::Pool(Bounds::of(&settings.live)),
            },
            Self::Process(_) | Self::Replay(_) => Shape::Shared(1),
            Self::Pool(_, bounds) => Shape::Pool(Some(*bounds)),
        }
    }
}

/// The pods that hold the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodsSettings {
    /// Namespace of the rest.
    pub namespace: Arc<str>,
    /// StatefulSet that makes the pods.
    pub stateful_set: Arc<str>,
    /// The container in each.
    pub container: Arc<str>,
    /// How the server speaks.
    pub transport: BackendTransport,
    /// Who shares a server process.
    pub isolation: Isolation,
    /// ConfigMap that is followed.
    pub config_map: Arc<str>,
    /// What it said when it was mounted.
    pub live: LiveConfig,
}

impl Settings {
    /// Checks what the command line says, and the file that it names.
    ///
    /// # Errors
    /// With every problem that was found.
    pub fn new(command: &Command) -> Result<Self, SettingsError> {
        match command {
            Command::Serve(args) => {
                let beside = args.config.with_file_name(names::LIVE_CONFIG_FILE);
                Self::serve(args, &read(&args.config)?, read_live(&beside)?)
            }
            Command::Run(args) => Self::run(args),
            Command::Replay(args) => Self::replay(args),
        }
    }

    fn serve(
        args: &ServeArgs,
        config: &ProxyConfig,
        live: LiveConfig,
    ) -> Result<Self, SettingsError> {
        let at = |port| SocketAddr::new(args.listen, port);
        let egress = config.egress.then(|| at(names::PROXY_EGRESS_PORT));
        let canary = at(names::PROXY_CANARY_PORT);
        let mut problems = check::backend(config);
        problems.extend(check::ports(config.port, Some(args.admin_port)));
        for taken in [egress, Some(canary)].into_iter().flatten() {
            let listeners = [config.port, args.admin_port];
            problems.extend(check::taken(&listeners, taken.port()));
        }
        problems.extend(check::hosts(&config.allowed_hosts));
        problems.extend(check::origins(&config.allowed_origins));
        SettingsError::unless_empty(problems)?;
        Ok(Self {
            doors: at(config.port),
            admin: Some(at(args.admin_port)),
            egress,
            canary: Some(canary),
            guard: guard(config),
            backend: Backend::Pods(Box::new(PodsSettings::new(config, live))),
            desk: None,
            telling: Telling::serve(config, &telling::variable)?,
        })
    }

    fn run(args: &RunArgs) -> Result<Self, SettingsError> {
        let mut problems = check::doors(&args.doors);
        problems.extend(check::pool(&args.isolation));
        let command = check::command(&args.command, problems)?;
        let told = Telling::desk(&args.telling, &called(&args.command), &telling::variable)?;
        let backend = match args.isolation.bounds() {
            Some(bounds) => Backend::Pool(command, bounds),
            None => Backend::Process(command),
        };
        Ok(Self::desk(&args.doors, &args.desk, (backend, told)))
    }

    /// The words of a command.
    ///
    /// # Errors
    /// If there are none.
    pub fn command(words: &[String]) -> Result<process::Command, SettingsError> {
        check::command(words, Vec::new())
    }

    /// The recorded server at the doors.
    fn replay(args: &ReplayArgs) -> Result<Self, SettingsError> {
        SettingsError::unless_empty(check::doors(&args.doors))?;
        let recording = Arc::new(Recording::read_whole(&args.file)?);
        let backend = Backend::Replay(recording);
        // What is played back was told when it happened.
        let nothing = TellingArgs::default();
        let told = Telling::desk(&nothing, "replay", &|_| None)?;
        Ok(Self::desk(&args.doors, &args.desk, (backend, told)))
    }

    /// On a machine of one's own: nothing that only a cluster has.
    fn desk(doors: &DoorArgs, desk: &DeskArgs, (backend, telling): (Backend, Telling)) -> Self {
        let at = |port| SocketAddr::new(doors.listen, port);
        Self {
            doors: at(doors.port),
            admin: doors.admin_port.map(at),
            egress: None,
            canary: None,
            guard: Guard::new(doors.allowed_hosts.clone(), doors.allowed_origins.clone()),
            backend,
            desk: Some(desk.clone()),
            telling,
        }
    }
}

impl PodsSettings {
    fn new(config: &ProxyConfig, live: LiveConfig) -> Self {
        let backend = &config.backend;
        Self {
            namespace: config.namespace.as_str().into(),
            stateful_set: backend.stateful_set.as_str().into(),
            container: backend.container.as_str().into(),
            transport: backend.transport.clone(),
            isolation: config.isolation,
            config_map: names::proxy(&config.server).into(),
            live,
        }
    }
}

/// What a command is called: its program, without the way to it.
fn called(command: &[String]) -> String {
    let program = command.first().map(Path::new).and_then(Path::file_name);
    program.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn guard(config: &ProxyConfig) -> Guard {
    let guard = Guard::new(config.allowed_hosts.clone(), config.allowed_origins.clone());
    if config.only_allowed_hosts {
        guard
    } else {
        guard.with_service(&config.server, &config.namespace)
    }
}

fn read_live(path: &Path) -> Result<LiveConfig, SettingsError> {
    let text =
        std::fs::read(path).map_err(|error| SettingsError::Unreadable(path.to_owned(), error))?;
    live::parse(&text).map_err(|error| SettingsError::Live(path.to_owned(), error))
}

fn read(path: &Path) -> Result<ProxyConfig, SettingsError> {
    let text =
        std::fs::read(path).map_err(|error| SettingsError::Unreadable(path.to_owned(), error))?;
    serde_json::from_slice(&text).map_err(|error| SettingsError::Invalid(path.to_owned(), error))
}

/// The URL of the Streamable HTTP door, as a client on this machine would write it.
pub fn url(doors: SocketAddr) -> String {
    let host = match doors.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => "localhost".to_owned(),
        IpAddr::V6(ip) if ip.is_unspecified() => "localhost".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    format!(
        "http://{host}:{}{}",
        doors.port(),
        hivewright_api::names::PATH_MCP
    )
}

#[cfg(test)]
mod tests;
