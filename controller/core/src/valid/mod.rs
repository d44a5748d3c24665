//! From the spec that was written to a server that can be made: parsed once, never checked again.
//!
//! ```text
//!  MCPServer ───────────┬─ identity, words, ports, transport, scale, container, resources
//!                       ├─ secrets, volumes ──────────────┐
//!  ConfigMap (profile) ─┼─ profile ───────────────────────┼──> pod template ──> ValidServer
//!  Secrets' versions ───┴─ rolling ───────────────────────┘
//! ```

mod container;
mod identity;
mod isolation;
mod names;
mod overrides;
mod ports;
mod profile;
mod refs;
mod resources;
mod rolling;
mod scale;
mod secrets;
mod telemetry;
mod transport;
mod unsupported;
mod volumes;
mod words;

use hivewright_api::{
    MCPServerSpec,
    proxy_config::{AuditConfig, TelemetryConfig},
};
use k8s_openapi::api::core::v1::{PodTemplateSpec, ResourceRequirements};

pub(crate) use identity::Identity;
pub(crate) use names::{is_host, is_subdomain};
pub(crate) use overrides::{Additions, Overrides, is_own_key};
pub use refs::SecretNeed;
pub(crate) use scale::Scale;
pub(crate) use secrets::SecretVariable;
pub(crate) use transport::Transport;
pub use unsupported::unsupported_fields;
pub(crate) use volumes::{Mounted, path as mount_path};
pub(crate) use words::{Affinity, Door};

use crate::observed::Observed;
use crate::pod::{self, Base};
use crate::profile::Profile;
use crate::refusal::Refusal;

/// A server whose spec is accepted. Everything that is rendered from it is valid.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidServer {
    pub(crate) identity: Identity,
    pub(crate) transport: Transport,
    pub(crate) port: u16,
    pub(crate) door: Door,
    pub(crate) affinity: Option<Affinity>,
    pub(crate) scale: Scale,
    pub(crate) profile: Profile,
    pub(crate) proxy_resources: Option<ResourceRequirements>,
    pub(crate) overrides: Overrides,
    /// What the proxy exports by OTLP, if the spec says so.
    pub(crate) telemetry: Option<TelemetryConfig>,
    /// What its audit log holds, if there is one.
    pub(crate) audit: Option<AuditConfig>,
    pub(crate) template: PodTemplateSpec,
    /// Whether the pod template lacks the address of the proxy's Service, which it needs and the
    /// API server has not given out yet.
    pub(crate) waits_for_address: bool,
}

/// Parses the spec of the observed server, with what it names.
///
/// # Errors
///
/// The first field that is at fault, with a sentence that says what to change.
pub fn validate(observed: &Observed) -> Result<ValidServer, Refusal> {
    let spec = &observed.server.spec;
    let identity = Identity::parse(&observed.server)?;
    let transport = Transport::parse(spec)?;
    unsupported::refuse(spec)?;
    let profile = profile::parse(
        spec.permission_profile.as_ref(),
        observed.around.profile.as_deref(),
    )?;
    let mut server = ValidServer {
        port: ports::service(spec)?,
        door: words::door(spec.proxy_mode.as_deref())?,
        affinity: words::affinity(spec.session_affinity.as_deref())?,
        scale: Scale::parse(spec, observed.replicas())?,
        proxy_resources: resources::parse(spec.resources.as_ref())?,
        overrides: Overrides::parse(spec.resource_overrides.as_ref())?,
        telemetry: telemetry::parse(&identity.name, spec.telemetry.as_ref())?,
        audit: telemetry::audit(spec.audit.as_ref()),
        template: template(&identity, transport, &profile, spec)?,
        waits_for_address: false,
        identity,
        transport,
        profile,
    };
    if server.profile.gateway().is_some() {
        let address = observed.proxy_address();
        server.waits_for_address = address.is_none();
        pod::through_gateway(&mut server.template, address)?;
    }
    if let Some(at) = rolling::restarted_at(&observed.server) {
        pod::mark_restart(&mut server.template, at);
    }
    let rolls = rolling::on_secret_change(&observed.server)?;
    if let Some(versions) = observed.around.secrets.as_ref().filter(|_| rolls) {
        let needs = server.secrets();
        let read = needs.iter().filter(|(_, need)| need.in_env);
        let read = read.map(|(name, _)| name.as_str());
        pod::mark_secrets(&mut server.template, read, versions);
    } else if let Some(mark) = observed.secrets_mark() {
        pod::keep_secrets_mark(&mut server.template, mark);
    }
    Ok(server)
}

fn template(
    identity: &Identity,
    transport: Transport,
    profile: &Profile,
    spec: &MCPServerSpec,
) -> Result<PodTemplateSpec, Refusal> {
    let env = container::env("spec.env", spec.env.as_deref().unwrap_or_default())?;
    let secrets = secrets::parse(spec.secrets.as_deref().unwrap_or_default(), &env)?;
    let mut mounts = volumes::parse(spec.volumes.as_deref().unwrap_or_default())?;
    mounts.extend(volumes::of_profile(profile));
    volumes::apart(&mounts)?;
    let base = Base {
        server: &identity.name,
        image: container::image(&spec.image)?,
        args: spec.args.as_deref().unwrap_or_default(),
        env: &env,
        secrets: &secrets,
        mounts: &mounts,
        transport,
        listens: ports::container(spec)?,
        service_account: words::service_account(spec.service_account.as_deref())?,
        privileged: profile.privileged,
    };
    pod::template(&base, spec.pod_template_spec.as_ref())
}
