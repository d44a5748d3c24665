//! From what was observed to the truth about the server.
//!
//! ```text
//!  Observed ─┬─ objects.rs   each object made for it
//!            ├─ policy.rs    whether the network rules hold
//!            ├─ egress.rs    what they have denied
//!            ├─ backend.rs   its pods: which is worst off     ┐
//!            │    └─ story.rs   one of them: gate.rs, secrets.rs ├─ pod.rs   what the kubelet says
//!            └─ proxy.rs     the proxy's pod                  ┘      └─ container.rs
//! ```

mod backend;
mod container;
mod disruption;
mod egress;
mod gate;
mod objects;
mod pod;
mod policy;
mod proxy;
mod secrets;
mod story;

use crate::desired::Needs;
use crate::observed::Observed;
use crate::refusal::Refusal;
use crate::state::ServerState;

/// The truth about one server, as far as it was observed, given what its parts need.
pub(crate) fn state(observed: &Observed, needs: Result<&Needs, &Refusal>) -> ServerState {
    let meta = &observed.server.metadata;
    let before = ServerState::from_status(observed.server.status.as_ref());
    let (valid, judgement) = match needs {
        Ok(needs) => {
            let judgement = objects::accepted(needs, observed, &before);
            (Some(&needs.server), judgement)
        }
        Err(refusal) => (None, objects::refused(refusal, observed, &before)),
    };
    let pods = backend::pods(observed, valid);
    ServerState {
        generation: meta.generation.unwrap_or_default(),
        acceptance: judgement.acceptance,
        terminating: meta.deletion_timestamp.is_some(),
        policy: policy::policy(observed, valid, &judgement.objects, before.policy),
        objects: judgement.objects,
        egress: egress::egress(&observed.pods.server),
        backend: pods.backend,
        replicas: pods.replicas,
        proxy: proxy::proxy(observed, valid),
        restarts: pods.restarts,
        endpoint: judgement.endpoint,
        journal: observed.journal,
    }
}
