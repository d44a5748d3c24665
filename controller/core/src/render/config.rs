//! What the proxy is told, and where clients find it.

use std::collections::BTreeMap;

use hivewright_api::proxy_config::{BackendConfig, BackendTransport, HttpBackend, LiveConfig};
use hivewright_api::{ProxyConfig, names};
use k8s_openapi::api::core::v1::ConfigMap;

use super::hash;
use super::meta::meta;
use crate::observed::Settings;
use crate::part::Part;
use crate::state::Endpoint;
use crate::valid::{Door, Scale, Transport, ValidServer};

/// The proxy's configuration as it stands in the ConfigMap.
pub(super) struct Config {
    json: String,
}

impl Config {
    /// Annotation of the pod template, so that a new configuration means a new pod.
    pub(super) fn checksum(&self) -> String {
        hash(&self.json)
    }
}

pub(super) fn proxy_config(server: &ValidServer, settings: &Settings) -> Config {
    let name = &server.identity.name;
    let config = ProxyConfig {
        server: name.clone(),
        namespace: server.identity.namespace.clone(),
        port: server.port,
        backend: BackendConfig {
            stateful_set: names::stateful_set(name),
            container: names::MCP_CONTAINER.to_owned(),
            transport: transport(server),
        },
        allowed_hosts: hosts(server, settings),
        only_allowed_hosts: server.profile.inbound.is_some(),
        allowed_origins: settings.allowed_origins.clone(),
        egress: server.profile.gateway().is_some(),
        isolation: server.scale.isolation(),
        telemetry: server.telemetry.clone(),
        audit: server.audit,
    };
    Config {
        json: serde_json::to_string_pretty(&config).expect("a ProxyConfig is JSON"),
    }
}

fn transport(server: &ValidServer) -> BackendTransport {
    let at = |port, path: &str| HttpBackend {
        service: names::headless_service(&server.identity.name),
        port,
        path: path.to_owned(),
    };
    match server.transport {
        Transport::Stdio => BackendTransport::Stdio {},
        Transport::Sse(port) => BackendTransport::Sse(at(port, names::PATH_SSE)),
        Transport::StreamableHttp(port) => {
            BackendTransport::StreamableHttp(at(port, names::PATH_MCP))
        }
    }
}

/// What the proxy follows without a restart.
fn live_config(server: &ValidServer) -> LiveConfig {
    let (replicas, keep_scale, warm) = match server.scale {
        Scale::Stopped => (0, true, None),
        Scale::Fixed(replicas) => (replicas, true, None),
        Scale::Followed(replicas) => (replicas, false, None),
        Scale::Pooled(pool) => (pool.max, true, Some(pool.warm)),
    };
    LiveConfig {
        replicas,
        keep_scale,
        warm,
        egress: server.profile.gateway().cloned().unwrap_or_default(),
    }
}

/// Every name by which cluster DNS and its search list know the Service, and those of the
/// operator's own gateways; or those of the permission profile and no other.
fn hosts(server: &ValidServer, settings: &Settings) -> Vec<String> {
    if let Some(hosts) = &server.profile.inbound {
        return hosts.clone();
    }
    let service = names::proxy_service(&server.identity.name);
    let namespace = &server.identity.namespace;
    let mut hosts = vec![
        service.clone(),
        format!("{service}.{namespace}"),
        format!("{service}.{namespace}.svc"),
        names::proxy_host_in(&server.identity.name, namespace, &settings.cluster_domain),
    ];
    hosts.extend(settings.allowed_hosts.iter().cloned());
    hosts
}

pub(super) fn config_map(server: &ValidServer, config: &Config) -> ConfigMap {
    let live = live_config(server);
    let live = serde_json::to_string_pretty(&live).expect("a LiveConfig is JSON");
    ConfigMap {
        metadata: meta(server, Part::ConfigMap),
        data: Some(BTreeMap::from([
            (names::PROXY_CONFIG_FILE.to_owned(), config.json.clone()),
            (names::LIVE_CONFIG_FILE.to_owned(), live),
        ])),
        ..ConfigMap::default()
    }
}

/// Where clients find this server.
pub(crate) fn endpoint(server: &ValidServer, settings: &Settings) -> Endpoint {
    let (name, namespace) = (&server.identity.name, &server.identity.namespace);
    let host = names::proxy_host_in(name, namespace, &settings.cluster_domain);
    let at = |path| format!("http://{host}:{}{path}", server.port);
    let (streamable_http, sse) = (at(names::PATH_MCP), at(names::PATH_SSE));
    let url = match server.door {
        Door::StreamableHttp => streamable_http.clone(),
        Door::Sse => sse.clone(),
    };
    Endpoint {
        url,
        streamable_http,
        sse,
    }
}
