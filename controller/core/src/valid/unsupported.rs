//! Documented fields that do not work in this version. None of them is ignored.

use hivewright_api::MCPServerSpec;

use crate::refusal::{Refusal, RefusalReason};

/// Refuses a spec that asks for what does not work, and names every such field at once.
pub(super) fn refuse(spec: &MCPServerSpec) -> Result<(), Refusal> {
    let asked = asked(spec);
    let Some((first, others)) = asked.split_first() else {
        return Ok(());
    };
    let sentence = if others.is_empty() {
        "does not work in this version of Hivewright; remove it".to_owned()
    } else {
        format!(
            "does not work in this version of Hivewright, nor do {}; remove them",
            others.join(", ")
        )
    };
    Err(Refusal::new(
        RefusalReason::NotSupportedYet,
        *first,
        sentence,
    ))
}

/// Every field that does not work in this version.
pub fn unsupported_fields() -> Vec<&'static str> {
    let nothing = MCPServerSpec::default();
    all(&nothing).map(|(field, _)| field).collect()
}

/// The fields that ask for something. One that is there and asks for nothing (`trustProxyHeaders:
/// false`) is no fault.
fn asked(spec: &MCPServerSpec) -> Vec<&'static str> {
    all(spec)
        .filter(|(_, asked)| *asked)
        .map(|(field, _)| field)
        .collect()
}

type Asked = Vec<(&'static str, bool)>;

fn all(spec: &MCPServerSpec) -> impl Iterator<Item = (&'static str, bool)> {
    let all = [access(spec), calls(spec), shared(spec)];
    all.into_iter().flatten()
}

fn access(spec: &MCPServerSpec) -> Asked {
    vec![
        ("spec.oidcConfig", spec.oidc_config.is_some()),
        ("spec.oidcConfigRef", spec.oidc_config_ref.is_some()),
        ("spec.authzConfig", spec.authz_config.is_some()),
        ("spec.authzConfigRef", spec.authz_config_ref.is_some()),
        (
            "spec.externalAuthConfigRef",
            spec.external_auth_config_ref.is_some(),
        ),
        ("spec.authServerRef", spec.auth_server_ref.is_some()),
        (
            "spec.trustProxyHeaders",
            spec.trust_proxy_headers == Some(true),
        ),
    ]
}

fn calls(spec: &MCPServerSpec) -> Asked {
    vec![
        ("spec.tools", some(spec.tools.as_ref())),
        ("spec.toolConfigRef", spec.tool_config_ref.is_some()),
        ("spec.webhookConfigRef", spec.webhook_config_ref.is_some()),
        ("spec.rateLimiting", spec.rate_limiting.is_some()),
        (
            "spec.endpointPrefix",
            spec.endpoint_prefix
                .as_ref()
                .is_some_and(|prefix| !prefix.is_empty()),
        ),
    ]
}

fn shared(spec: &MCPServerSpec) -> Asked {
    let stored = spec.session_storage.as_ref();
    vec![
        (
            "spec.telemetryConfigRef",
            spec.telemetry_config_ref.is_some(),
        ),
        ("spec.groupRef", spec.group_ref.is_some()),
        (
            "spec.sessionStorage",
            stored.is_some_and(|storage| storage.provider != "memory"),
        ),
    ]
}

fn some<T>(list: Option<&Vec<T>>) -> bool {
    list.is_some_and(|list| !list.is_empty())
}
