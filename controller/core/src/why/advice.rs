//! What to do about what stands in the way: beside the sentence that names the field, where to look.

use hivewright_api::names;

use super::Known;
use crate::state::{
    Acceptance, Blocker, Component, Egress, PodState, Policy, Presence, Proxy, ServerState, Story,
    Unanswered,
};

/// How long a start may take before somebody should look: most images are pulled by then.
const PATIENCE: &str = "two minutes";

/// What to do about what stands in the way of this server. In the order in which
/// [`ServerState::blocker`] looks.
pub(super) fn blocked(known: Known<'_>, state: &ServerState, blocker: &Blocker) -> String {
    let at = Place::of(known);
    if state.terminating {
        return at.deletion();
    }
    match &state.acceptance {
        Acceptance::NotObserved => return "wait; if it lasts, look whether a controller runs and leads: `kubectl get pods -A -l app.kubernetes.io/name=hivewright`".to_owned(),
        Acceptance::Refused(_) => return "correct the field that is named and apply the MCPServer again; what ran before is left as it was".to_owned(),
        Acceptance::Accepted => {}
    }
    let refused = |presence: &Presence| matches!(presence, Presence::Failed(_));
    if state.objects.values().any(refused) {
        return format!(
            "correct the field that is named and apply the MCPServer again; {} shows the refusals",
            at.describe_server()
        );
    }
    if is(&state.proxy, blocker) {
        return proxy(&state.proxy, &at);
    }
    if is(&state.backend, blocker) {
        return story(
            &state.backend.story,
            &at.of_pod(state.backend.pod.as_deref()),
        );
    }
    at.wait()
}

/// What to do about a server that answers all the same.
pub(super) fn worry(state: &ServerState) -> Option<String> {
    match (&state.policy, &state.egress) {
        (Policy::NotEnforced(_), _) => Some("use a network plugin that acts on NetworkPolicies, or accept that the permission profile has no effect".to_owned()),
        (Policy::Pending | Policy::Enforced | Policy::Unverified, Egress::Denied(_)) => Some("add the host to network.outbound of the permission profile if the server should reach it".to_owned()),
        (Policy::Pending | Policy::Enforced | Policy::Unverified, Egress::Unhindered) => None,
    }
}

fn is(component: &impl Component, blocker: &Blocker) -> bool {
    component.reason() == blocker.reason && component.sentence() == blocker.sentence
}

fn proxy(proxy: &Proxy, at: &Place<'_>) -> String {
    let at = at.of_proxy();
    match proxy {
        Proxy::NotCreated | Proxy::NotReady | Proxy::Ready => at.wait(),
        Proxy::Stopped => "raise spec.replicas to 1 if the server should run".to_owned(),
        Proxy::Pod(state) => pod(state, &at),
    }
}

fn story(story: &Story, at: &Place<'_>) -> String {
    match story {
        Story::NotCreated | Story::ScaledDown | Story::Handshaking | Story::Initialized => {
            at.wait()
        }
        Story::Stopped => {
            "raise spec.replicas and spec.backendReplicas above 0 if the server should run"
                .to_owned()
        }
        Story::SecretNotFound(_) | Story::SecretKeyNotFound(_) => {
            "create what is missing; the server starts by itself then".to_owned()
        }
        Story::Pod(state) => pod(state, at),
        Story::Unanswered(why, _) => unanswered(*why, at),
    }
}

fn pod(pod: &PodState, at: &Place<'_>) -> String {
    match pod {
        PodState::Pending | PodState::Starting | PodState::Terminating => at.wait(),
        PodState::Refused(_) => format!(
            "make room in the quota or keep to the rules of the namespace; {} shows the API server's words",
            at.describe_maker()
        ),
        PodState::Unschedulable(_)
        | PodState::ImagePullFailed(_)
        | PodState::ContainerConfigError(_) => format!(
            "correct what is named and apply the MCPServer again; {} shows every attempt",
            at.describe_pod()
        ),
        PodState::Evicted(_) => format!("wait; if it repeats, {} says why", at.describe_pod()),
        PodState::NodeLost(_) => {
            "bring the node back or delete it; `kubectl get nodes` shows which".to_owned()
        }
        PodState::Exited { again: false, .. } => format!(
            "nothing yet, it is started again; its last words are in {}",
            at.log(" --previous")
        ),
        PodState::Exited { again: true, .. } => format!(
            "read its last words with {}, correct the MCPServer and apply it again",
            at.log(" --previous")
        ),
        PodState::OutOfMemory { .. } => {
            "raise the memory that is named and apply the MCPServer again".to_owned()
        }
    }
}

fn unanswered(why: Unanswered, at: &Place<'_>) -> String {
    match why {
        Unanswered::AttachLost | Unanswered::ConnectionLost => format!(
            "nothing, the proxy connects again; if it lasts, {} says why",
            at.of_proxy().log("")
        ),
        Unanswered::HandshakeTimeout
        | Unanswered::NotMcp
        | Unanswered::NotReading
        | Unanswered::NotListening
        | Unanswered::WrongPort
        | Unanswered::WrongTransport => format!(
            "read what the server says of itself with {}, correct the MCPServer and apply it again",
            at.log("")
        ),
    }
}

/// Where to look: the words after `kubectl`.
struct Place<'a> {
    namespace: &'a str,
    server: &'a str,
    pod: String,
    container: &'static str,
    maker: String,
}

impl<'a> Place<'a> {
    fn of(known: Known<'a>) -> Self {
        Self {
            namespace: known.namespace,
            server: known.name,
            pod: format!("pod/{}", names::pod(known.name, 0)),
            container: names::MCP_CONTAINER,
            maker: format!("statefulset/{}", names::stateful_set(known.name)),
        }
    }

    /// At this of several pods.
    fn of_pod(&self, pod: Option<&str>) -> Self {
        Self {
            pod: pod.map_or_else(|| self.pod.clone(), |pod| format!("pod/{pod}")),
            maker: self.maker.clone(),
            ..*self
        }
    }

    /// At the proxy's pod, by its Deployment: its name is not known.
    fn of_proxy(&self) -> Self {
        let deployment = format!("deployment/{}", names::proxy(self.server));
        Self {
            pod: deployment.clone(),
            container: names::PROXY_CONTAINER,
            maker: deployment,
            ..*self
        }
    }

    fn describe(&self, what: &str) -> String {
        format!("`kubectl describe -n {} {what}`", self.namespace)
    }

    fn describe_server(&self) -> String {
        self.describe(&format!("mcpserver/{}", self.server))
    }

    fn describe_maker(&self) -> String {
        self.describe(&self.maker)
    }

    fn describe_pod(&self) -> String {
        self.describe(&self.pod)
    }

    fn log(&self, more: &str) -> String {
        format!(
            "`kubectl logs -n {} {} -c {}{more}`",
            self.namespace, self.pod, self.container
        )
    }

    fn wait(&self) -> String {
        format!(
            "wait; if it lasts longer than {PATIENCE}, {} tells more",
            self.describe_pod()
        )
    }

    fn deletion(&self) -> String {
        format!(
            "wait; if it lasts, the finalizers in `kubectl get -n {} mcpserver/{} -o yaml` say who holds it",
            self.namespace, self.server
        )
    }
}
