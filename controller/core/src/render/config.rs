//! What the proxy is told, and where clients find it.

use std::collections::BTreeMap;

use hivewright_api::proxy_config::{BackendConfig, BackendTransport};
use hivewright_api::{ProxyConfig, names};
use k8s_openapi::api::core::v1::ConfigMap;

use super::hash;
use super::meta::meta;
use crate::observed::Settings;
use crate::part::Part;
use crate::state::Endpoint;
use crate::valid::{Door, ValidServer};

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
            transport: BackendTransport::Stdio {},
        },
        allowed_hosts: hosts(server, settings),
        only_allowed_hosts: false,
        allowed_origins: settings.allowed_origins.clone(),
        egress: false,
    };
    Config {
        json: serde_json::to_string_pretty(&config).expect("a ProxyConfig is JSON"),
    }
}

/// Every name by which cluster DNS and its search list know the Service, and those of the
/// operator's own gateways.
fn hosts(server: &ValidServer, settings: &Settings) -> Vec<String> {
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
    ConfigMap {
        metadata: meta(server, Part::ConfigMap),
        data: Some(BTreeMap::from([(
            names::PROXY_CONFIG_FILE.to_owned(),
            config.json.clone(),
        )])),
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
