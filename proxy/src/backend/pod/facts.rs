//! What the proxy wants to know about the MCP pod, read out of the Pod object once.

use std::{fmt, net::IpAddr, sync::Arc};

use hivewright_api::names;
use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Pod};

/// One process: a container of one pod. A restarted container has a new id, a replaced pod a new
/// uid, so two processes never share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProcessId {
    /// `metadata.uid` of the pod.
    pub pod: Arc<str>,
    /// `containerID` of the running container.
    pub container: Arc<str>,
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.pod, self.container)
    }
}

/// The pod as the last watch event showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodView {
    /// The watch has not answered yet.
    Unknown,
    /// There is no such pod.
    Absent,
    /// There is one.
    Present(PodFacts),
}

/// One pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodFacts {
    /// `metadata.uid`.
    pub uid: Arc<str>,
    /// `status.podIP`, once it has one.
    pub ip: Option<IpAddr>,
    /// It has a deletion timestamp.
    pub leaving: bool,
    /// The container that runs the server.
    pub container: Container,
    /// How often the kubelet has restarted that container in this pod.
    pub restarts: u32,
    /// The readiness gate's condition is set, be it true or false: a proxy has claimed the process
    /// that ran then.
    pub claimed: bool,
    /// How the latest process that ended in this pod ended.
    pub last_exit: Option<Exit>,
}

/// State of the server's container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Container {
    /// Not started, or between two starts.
    Down,
    /// Waiting because the kubelet delays the next start (`CrashLoopBackOff`).
    BackingOff,
    /// Running.
    Running(ProcessId),
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The process.
    pub process: ProcessId,
    /// Its exit code; 128 and the signal's number if a signal ended it.
    pub code: i32,
    /// The kubelet's word for it, such as `Error` or `OOMKilled`.
    pub reason: Option<String>,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}", self.code)?;
        match &self.reason {
            Some(reason) => write!(f, ", {reason}"),
            None => Ok(()),
        }
    }
}

impl PodFacts {
    /// Reads a pod; `container` is the name of the one that runs the server.
    pub fn read(pod: &Pod, container: &str) -> Self {
        let uid: Arc<str> = Arc::from(pod.metadata.uid.as_deref().unwrap_or_default());
        let statuses = pod
            .status
            .as_ref()
            .and_then(|status| status.container_statuses.as_ref());
        let status = statuses.and_then(|all| all.iter().find(|status| status.name == container));
        Self {
            ip: ip(pod),
            leaving: pod.metadata.deletion_timestamp.is_some(),
            container: status.map_or(Container::Down, |status| state(&uid, status)),
            restarts: status.map_or(0, |status| u32::try_from(status.restart_count).unwrap_or(0)),
            claimed: is_claimed(pod),
            last_exit: status.and_then(|status| last_exit(&uid, status)),
            uid,
        }
    }

    /// The process that runs.
    pub fn running(&self) -> Option<&ProcessId> {
        match &self.container {
            Container::Running(process) => Some(process),
            Container::Down | Container::BackingOff => None,
        }
    }
}

/// The kubelet's reason for a delayed start (kubernetes, pkg/kubelet/container, ErrCrashLoopBackOff).
const BACKING_OFF: &str = "CrashLoopBackOff";

fn state(uid: &Arc<str>, status: &ContainerStatus) -> Container {
    let id = status.container_id.as_deref().filter(|id| !id.is_empty());
    match (&status.state, id) {
        (
            Some(ContainerState {
                running: Some(_), ..
            }),
            Some(id),
        ) => Container::Running(ProcessId {
            pod: uid.clone(),
            container: Arc::from(id),
        }),
        (
            Some(ContainerState {
                waiting: Some(waiting),
                ..
            }),
            _,
        ) if waiting.reason.as_deref() == Some(BACKING_OFF) => Container::BackingOff,
        (_, _) => Container::Down,
    }
}

fn ip(pod: &Pod) -> Option<IpAddr> {
    let status = pod.status.as_ref()?;
    status.pod_ip.as_ref()?.parse().ok()
}

fn is_claimed(pod: &Pod) -> bool {
    let conditions = pod
        .status
        .as_ref()
        .and_then(|status| status.conditions.as_ref());
    conditions.is_some_and(|all| all.iter().any(|one| one.type_ == names::INITIALIZED_GATE))
}

fn last_exit(uid: &Arc<str>, status: &ContainerStatus) -> Option<Exit> {
    let ended = [&status.state, &status.last_state];
    let terminated = ended
        .into_iter()
        .flatten()
        .find_map(|state| state.terminated.as_ref())?;
    Some(exit(uid, terminated))
}

fn exit(uid: &Arc<str>, terminated: &ContainerStateTerminated) -> Exit {
    let container = Arc::from(terminated.container_id.as_deref().unwrap_or_default());
    Exit {
        process: ProcessId {
            pod: uid.clone(),
            container,
        },
        code: terminated.exit_code,
        reason: terminated.reason.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(status: &serde_json::Value) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": "fetch-0", "uid": "u1" },
            "spec": { "containers": [] },
            "status": status,
        }))
        .expect("a pod")
    }

    fn process(container: &str) -> ProcessId {
        ProcessId {
            pod: Arc::from("u1"),
            container: Arc::from(container),
        }
    }

    #[test]
    fn a_running_container_is_a_process_named_by_pod_and_container() {
        let facts = PodFacts::read(
            &pod(&json!({ "containerStatuses": [
                { "name": "other", "image": "", "imageID": "", "ready": true, "restartCount": 7,
                  "containerID": "c://9", "state": { "running": {} } },
                { "name": "mcp", "image": "", "imageID": "", "ready": true, "restartCount": 1,
                  "containerID": "c://2", "state": { "running": {} },
                  "lastState": { "terminated": { "exitCode": 137, "reason": "Error", "containerID": "c://1" } } },
            ]})),
            "mcp",
        );
        assert_eq!(facts.container, Container::Running(process("c://2")));
        assert_eq!(facts.restarts, 1);
        let exit = facts.last_exit.expect("the last process");
        assert_eq!(exit.process, process("c://1"));
        assert_eq!(exit.to_string(), "exit code 137, Error");
    }

    #[test]
    fn a_delayed_start_is_told_from_one_that_is_under_way() {
        for (reason, expected) in [
            ("CrashLoopBackOff", Container::BackingOff),
            ("ContainerCreating", Container::Down),
        ] {
            let status = json!({ "containerStatuses": [
                { "name": "mcp", "image": "", "imageID": "", "ready": false, "restartCount": 2,
                  "containerID": "c://1", "state": { "waiting": { "reason": reason } } },
            ]});
            assert_eq!(PodFacts::read(&pod(&status), "mcp").container, expected);
        }
    }

    #[test]
    fn a_gate_that_says_false_is_a_claim_too() {
        let gate =
            json!({ "conditions": [{ "type": names::INITIALIZED_GATE, "status": "False" }] });
        assert!(PodFacts::read(&pod(&gate), "mcp").claimed);
        let other = json!({ "conditions": [{ "type": "Ready", "status": "True" }] });
        assert!(!PodFacts::read(&pod(&other), "mcp").claimed);
    }

    #[test]
    fn a_pod_that_was_never_scheduled_is_down() {
        let facts = PodFacts::read(&pod(&json!({})), "mcp");
        assert_eq!(
            (facts.container, facts.restarts, facts.leaving, facts.ip),
            (Container::Down, 0, false, None)
        );
    }

    #[test]
    fn the_address_is_read_once_there_is_one() {
        let facts = PodFacts::read(&pod(&json!({ "podIP": "10.0.0.7" })), "mcp");
        assert_eq!(facts.ip, "10.0.0.7".parse().ok());
    }
}
