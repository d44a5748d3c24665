//! Settings of the controller that shape what each MCPServer gets.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, ValueEnum};
use hivewright_core::{Enforcement, PullPolicy, Settings};

use super::namespace;

/// What each MCPServer gets.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "MCP servers")]
pub struct ServerArgs {
    /// Image of hivewright-proxy
    #[arg(long, env = "HIVEWRIGHT_PROXY_IMAGE")]
    pub proxy_image: String,
    /// When nodes pull it; not given: as Kubernetes decides
    #[arg(long, env = "HIVEWRIGHT_PROXY_IMAGE_PULL_POLICY", value_parser = pull_policy())]
    pub proxy_image_pull_policy: Option<PullPolicy>,
    /// When nodes pull the images of MCP servers; not given: as Kubernetes decides
    #[arg(long, env = "HIVEWRIGHT_SERVER_IMAGE_PULL_POLICY", value_parser = pull_policy())]
    pub server_image_pull_policy: Option<PullPolicy>,
    /// Whether the cluster acts on NetworkPolicies
    #[arg(long, env = "HIVEWRIGHT_NETWORK_POLICY", value_enum, default_value_t = NetworkPolicy::Auto)]
    pub network_policy: NetworkPolicy,
    /// DNS domain of the cluster
    #[arg(long, env = "HIVEWRIGHT_CLUSTER_DOMAIN", default_value = "cluster.local", value_parser = domain)]
    pub cluster_domain: String,
    /// Host names, without port, by which clients reach proxies beside their Services' own
    #[arg(long, env = "HIVEWRIGHT_ALLOWED_HOSTS", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,
    /// Origins (scheme://host or scheme://host:port) of browsers that proxies let in beside loopback ones
    #[arg(long, env = "HIVEWRIGHT_ALLOWED_ORIGINS", value_delimiter = ',')]
    pub allowed_origins: Vec<String>,
}

/// Whether the cluster acts on NetworkPolicies: its API does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NetworkPolicy {
    /// The controller finds out, by knocking at a port of each proxy that no policy opens.
    Auto,
    /// It does.
    Enforced,
    /// It stores them, and nothing follows.
    Ignored,
}

impl ServerArgs {
    /// The same, as the core reads it.
    pub fn settings(&self) -> Settings {
        Settings {
            proxy_image: self.proxy_image.clone(),
            proxy_pull_policy: self.proxy_image_pull_policy,
            server_pull_policy: self.server_image_pull_policy,
            enforcement: match self.network_policy {
                NetworkPolicy::Enforced => Enforcement::Enforced,
                NetworkPolicy::Ignored => Enforcement::NotEnforced,
                NetworkPolicy::Auto => Enforcement::Unknown,
            },
            cluster_domain: self.cluster_domain.clone(),
            allowed_hosts: self.allowed_hosts.clone(),
            allowed_origins: self.allowed_origins.clone(),
        }
    }
}

fn domain(text: &str) -> Result<String, String> {
    let label = |label: &str| namespace(label).is_ok();
    if !text.split('.').all(label) {
        return Err("a DNS domain is labels of a-z, 0-9 and -, separated by dots, without a dot at its ends".to_owned());
    }
    Ok(text.to_owned())
}

fn pull_policy() -> impl TypedValueParser<Value = PullPolicy> {
    PossibleValuesParser::new(PullPolicy::ALL.map(PullPolicy::as_str)).map(|word| {
        let of = |policy: &PullPolicy| policy.as_str() == word;
        PullPolicy::ALL
            .into_iter()
            .find(of)
            .expect("clap lets only these words through")
    })
}
