//! The objects that one MCPServer becomes.

use hivewright_api::names;

/// One object made for a server. The order is that of creation: rights and settings come before
/// the pods that need them, network rules before the pods they bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// ServiceAccount of the proxy.
    ServiceAccount,
    /// What the proxy may do, by exact names.
    Role,
    /// Gives the Role to the ServiceAccount.
    RoleBinding,
    /// The proxy's configuration.
    ConfigMap,
    /// Network rules of the server's pods: the permission profile.
    ServerPolicy,
    /// Network rules of the proxy's pods.
    ProxyPolicy,
    /// Runs the user's image.
    StatefulSet,
    /// Names the server's pods, for servers that listen themselves.
    HeadlessService,
    /// Runs the proxy.
    Deployment,
    /// What clients connect to.
    ProxyService,
}

impl Part {
    /// Every part, in the order of creation.
    pub const ALL: [Self; 10] = [
        Self::ServiceAccount,
        Self::Role,
        Self::RoleBinding,
        Self::ConfigMap,
        Self::ServerPolicy,
        Self::ProxyPolicy,
        Self::StatefulSet,
        Self::HeadlessService,
        Self::Deployment,
        Self::ProxyService,
    ];

    /// Its word in status, metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceAccount => "ServiceAccount",
            Self::Role => "Role",
            Self::RoleBinding => "RoleBinding",
            Self::ConfigMap => "ConfigMap",
            Self::ServerPolicy => "ServerPolicy",
            Self::ProxyPolicy => "ProxyPolicy",
            Self::StatefulSet => "StatefulSet",
            Self::HeadlessService => "HeadlessService",
            Self::Deployment => "Deployment",
            Self::ProxyService => "ProxyService",
        }
    }

    /// The part with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == word)
    }

    /// `apiVersion` of the object.
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::ServiceAccount | Self::ConfigMap | Self::HeadlessService | Self::ProxyService => {
                "v1"
            }
            Self::Role | Self::RoleBinding => "rbac.authorization.k8s.io/v1",
            Self::ServerPolicy | Self::ProxyPolicy => "networking.k8s.io/v1",
            Self::StatefulSet | Self::Deployment => "apps/v1",
        }
    }

    /// `kind` of the object.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::ServiceAccount => "ServiceAccount",
            Self::Role => "Role",
            Self::RoleBinding => "RoleBinding",
            Self::ConfigMap => "ConfigMap",
            Self::ServerPolicy | Self::ProxyPolicy => "NetworkPolicy",
            Self::StatefulSet => "StatefulSet",
            Self::HeadlessService | Self::ProxyService => "Service",
            Self::Deployment => "Deployment",
        }
    }

    /// Name of the object, for the server of this name.
    pub fn name(self, server: &str) -> String {
        match self {
            Self::ServiceAccount
            | Self::Role
            | Self::RoleBinding
            | Self::ConfigMap
            | Self::Deployment => names::proxy(server),
            Self::ServerPolicy => names::server_policy(server),
            Self::ProxyPolicy => names::proxy_policy(server),
            Self::StatefulSet => names::stateful_set(server),
            Self::HeadlessService => names::headless_service(server),
            Self::ProxyService => names::proxy_service(server),
        }
    }
}
