//! Who may call, and as whom the server calls on: OIDC, Cedar, references to shared objects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Reference by name to an object in the same namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NameRef {
    /// Name of the object.
    #[schemars(length(min = 1))]
    pub name: String,
}

/// Reference to a key of a Secret in the same namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyRef {
    /// Name of the Secret.
    pub name: String,
    /// Key in it.
    pub key: String,
}

/// Reference to a key of a ConfigMap in the same namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapKeyRef {
    /// Name of the ConfigMap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Key in it.
    pub key: String,
    /// Whether it may be absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// Where the CA certificates are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaBundleRef {
    /// Key of a ConfigMap with certificates in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<ConfigMapKeyRef>,
}

/// Reference to an embedded authorisation server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthServerRef {
    /// Kind of the object.
    #[schemars(extend("enum" = ["MCPExternalAuthConfig"]))]
    pub kind: String,
    /// Name of the object.
    #[schemars(length(min = 1))]
    pub name: String,
}

/// Reference to a shared OIDC configuration, with what is this server's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OidcConfigRef {
    /// Name of the MCPOIDCConfig.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Audience that tokens must have.
    #[schemars(length(min = 1))]
    pub audience: String,
    /// Scopes that the metadata document advertises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// URL of the protected resource (RFC 9728).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_url: Option<String>,
}

/// OIDC authentication of clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OidcConfig {
    /// Which of the three forms is used.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["kubernetes", "configMap", "configmap", "inline"]))]
    pub kind: String,
    /// URL of the protected resource (RFC 9728).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_url: Option<String>,
    /// Tokens of Kubernetes ServiceAccounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<KubernetesOidc>,
    /// Configuration in a ConfigMap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map: Option<ConfigMapOidc>,
    /// Configuration given here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline: Option<InlineOidc>,
}

/// OIDC with the cluster as issuer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubernetesOidc {
    /// ServiceAccount whose tokens are valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// Namespace of that ServiceAccount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Audience that tokens must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Issuer of the tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// URL of the key set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
    /// URL of token introspection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_url: Option<String>,
    /// Whether the pod's own CA and token are used towards the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_cluster_auth: Option<bool>,
}

/// OIDC configured by a ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapOidc {
    /// Name of the ConfigMap.
    pub name: String,
    /// Key in it. Default oidc.json.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// CA certificates for the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle_ref: Option<CaBundleRef>,
}

/// OIDC configured in place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InlineOidc {
    /// Issuer of the tokens.
    pub issuer: String,
    /// Audience that tokens must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// URL of the key set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
    /// URL of token introspection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_url: Option<String>,
    /// Client id for introspection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Client secret for introspection, in the clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Client secret for introspection, from a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_ref: Option<SecretKeyRef>,
    /// Scopes that the metadata document advertises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Path of a CA bundle in the proxy's container.
    #[serde(
        default,
        rename = "thvCABundlePath",
        skip_serializing_if = "Option::is_none"
    )]
    pub thv_ca_bundle_path: Option<String>,
    /// CA certificates for the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle_ref: Option<CaBundleRef>,
    /// Path of a bearer token for the key set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_auth_token_path: Option<String>,
    /// Whether the key set may have a private address.
    #[serde(
        default,
        rename = "jwksAllowPrivateIP",
        skip_serializing_if = "Option::is_none"
    )]
    pub jwks_allow_private_ip: Option<bool>,
    /// Whether the protected resource may have a private address.
    #[serde(
        default,
        rename = "protectedResourceAllowPrivateIP",
        skip_serializing_if = "Option::is_none"
    )]
    pub protected_resource_allow_private_ip: Option<bool>,
    /// Whether the issuer may be reached without TLS.
    #[serde(
        default,
        rename = "insecureAllowHTTP",
        skip_serializing_if = "Option::is_none"
    )]
    pub insecure_allow_http: Option<bool>,
}

/// Cedar authorisation of clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthzConfig {
    /// Which of the two forms is used.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["configMap", "inline"]))]
    pub kind: String,
    /// Policies in a ConfigMap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map: Option<ConfigMapAuthz>,
    /// Policies given here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline: Option<InlineAuthz>,
    /// Claim with the caller's groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub group_claim_name: Option<String>,
    /// Claim with the caller's roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub role_claim_name: Option<String>,
    /// Cedar entity type of a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63), regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub group_entity_type: Option<String>,
}

/// Cedar policies in a ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapAuthz {
    /// Name of the ConfigMap.
    pub name: String,
    /// Key in it. Default authz.json.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Cedar policies given in place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InlineAuthz {
    /// The policies.
    #[schemars(length(min = 1))]
    pub policies: Vec<String>,
    /// Cedar entities as JSON. Default `[]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entities_json: Option<String>,
    /// Identity provider whose claims count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_upstream_provider: Option<String>,
}
