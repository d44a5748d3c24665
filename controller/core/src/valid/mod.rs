//! From the spec that was written to a server that can be made: parsed once, never checked again.

mod container;
mod identity;
mod ports;
mod profile;
mod refs;
mod resources;
mod unsupported;
mod words;

use hivewright_api::MCPServer;
use k8s_openapi::api::core::v1::{PodTemplateSpec, ResourceRequirements};

pub(crate) use identity::Identity;
pub(crate) use profile::Profile;
pub use refs::SecretNeed;
pub(crate) use words::{Affinity, Door};

use crate::pod::{self, Base};
use crate::refusal::Refusal;

/// A server whose spec is accepted. Everything that is rendered from it is valid.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidServer {
    pub(crate) identity: Identity,
    pub(crate) port: u16,
    pub(crate) door: Door,
    pub(crate) affinity: Option<Affinity>,
    pub(crate) profile: Profile,
    pub(crate) proxy_resources: Option<ResourceRequirements>,
    pub(crate) template: PodTemplateSpec,
}

/// Parses the spec of a server.
///
/// # Errors
///
/// The first field that is at fault, with a sentence that says what to change.
pub fn validate(server: &MCPServer) -> Result<ValidServer, Refusal> {
    let spec = &server.spec;
    let identity = Identity::parse(server)?;
    words::transport(&spec.transport)?;
    unsupported::refuse(spec)?;
    let image = container::image(&spec.image)?;
    let port = ports::service(spec)?;
    let env = container::env(spec.env.as_deref().unwrap_or_default())?;
    let service_account = words::service_account(spec.service_account.as_deref())?;
    let base = Base {
        server: &identity.name,
        image,
        args: spec.args.as_deref().unwrap_or_default(),
        env: &env,
        listens: ports::container(spec)?,
        service_account,
    };
    let template = pod::template(&base, spec.pod_template_spec.as_ref())?;
    Ok(ValidServer {
        port,
        door: words::door(spec.proxy_mode.as_deref())?,
        affinity: words::affinity(spec.session_affinity.as_deref())?,
        profile: Profile::parse(spec.permission_profile.as_ref())?,
        proxy_resources: resources::parse(spec.resources.as_ref())?,
        template,
        identity,
    })
}
