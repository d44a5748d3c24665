//! The command line and the configuration file, checked as a whole before anything is opened.
//!
//! All that is wrong is told at once, each in a sentence that says what to change.

mod check;
mod problem;

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
};

use hivewright_api::proxy_config::{BackendConfig, ProxyConfig};

pub use self::problem::{Problem, SettingsError};
use crate::{
    args::{Command, RunArgs, ServeArgs},
    backend::process,
    http::Guard,
};

/// Everything that the proxy is told, valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the doors listen.
    pub doors: SocketAddr,
    /// Where the admin port listens, if anywhere.
    pub admin: Option<SocketAddr>,
    /// Whom the doors let in.
    pub guard: Guard,
    /// The server.
    pub backend: Backend,
}

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A pod's container.
    Attach(AttachSettings),
    /// A local command.
    Process(process::Command),
}

/// The pod that holds the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachSettings {
    /// Namespace of the rest.
    pub namespace: Arc<str>,
    /// StatefulSet that makes the pod.
    pub stateful_set: Arc<str>,
    /// The pod.
    pub pod: Arc<str>,
    /// The container in it.
    pub container: Arc<str>,
}

impl Settings {
    /// Checks what the command line says, and the file that it names.
    ///
    /// # Errors
    /// With every problem that was found.
    pub fn new(command: &Command) -> Result<Self, SettingsError> {
        match command {
            Command::Serve(args) => Self::serve(args, &read(&args.config)?),
            Command::Run(args) => Self::run(args),
        }
    }

    fn serve(args: &ServeArgs, config: &ProxyConfig) -> Result<Self, SettingsError> {
        let BackendConfig {
            stateful_set,
            container,
            transport: _,
        } = &config.backend;
        let pod = &hivewright_api::names::pod(stateful_set, 0);
        let mut problems = check::names(&[
            ("server", &config.server),
            ("namespace", &config.namespace),
            ("backend.statefulSet", stateful_set),
            ("backend.container", container),
        ]);
        problems.extend(check::ports(config.port, Some(args.admin_port)));
        problems.extend(check::hosts(&config.allowed_hosts));
        problems.extend(check::origins(&config.allowed_origins));
        SettingsError::unless_empty(problems)?;
        let guard = Guard::new(config.allowed_hosts.clone(), config.allowed_origins.clone());
        Ok(Self {
            doors: SocketAddr::new(args.listen, config.port),
            admin: Some(SocketAddr::new(args.listen, args.admin_port)),
            guard: guard.with_service(&config.server, &config.namespace),
            backend: Backend::Attach(AttachSettings {
                namespace: config.namespace.as_str().into(),
                stateful_set: stateful_set.as_str().into(),
                pod: pod.as_str().into(),
                container: container.as_str().into(),
            }),
        })
    }

    fn run(args: &RunArgs) -> Result<Self, SettingsError> {
        let mut problems = check::hosts(&args.allowed_hosts);
        problems.extend(check::origins(&args.allowed_origins));
        if args.port != 0 {
            problems.extend(check::ports(args.port, args.admin_port));
        }
        let command = match args.command.split_first() {
            Some((program, rest)) if !program.is_empty() => process::Command {
                program: program.clone(),
                args: rest.to_vec(),
            },
            Some(_) | None => {
                problems.push(Problem::NoCommand);
                return Err(SettingsError::Problems(problems));
            }
        };
        SettingsError::unless_empty(problems)?;
        let at = |port| SocketAddr::new(args.listen, port);
        Ok(Self {
            doors: at(args.port),
            admin: args.admin_port.map(at),
            guard: Guard::new(args.allowed_hosts.clone(), args.allowed_origins.clone()),
            backend: Backend::Process(command),
        })
    }
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
