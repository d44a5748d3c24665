//! Pods as the kubelet and the scheduler report them.

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

/// What a container does.
#[derive(Clone, Debug)]
pub enum Container {
    Waiting {
        reason: String,
        message: String,
        last_exit: Option<i32>,
    },
    /// In back-off after a kill for want of memory.
    KilledAgain,
    Running {
        ready: bool,
    },
    /// Running, after a process that ended so.
    Again {
        code: i32,
        reason: String,
        message: String,
    },
    Ended {
        code: i32,
        reason: String,
        message: String,
    },
}

/// A pod with one container in this state, and this word of the proxy about it, if any.
pub fn pod(
    name: &str,
    container: &Container,
    restarts: i32,
    gate: Option<(bool, &str, &str)>,
) -> Pod {
    let (state, last, ready) = match container {
        Container::Waiting {
            reason,
            message,
            last_exit,
        } => {
            let last = last_exit.map(|code| ended(code, "Error", "boom"));
            (
                json!({"waiting": {"reason": reason, "message": message}}),
                last,
                false,
            )
        }
        Container::KilledAgain => {
            let waiting = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
            (waiting, Some(ended(137, "OOMKilled", "")), false)
        }
        Container::Running { ready } => (json!({"running": {}}), None, *ready),
        Container::Again {
            code,
            reason,
            message,
        } => {
            let last = ended(*code, reason, message);
            (json!({"running": {}}), Some(last), true)
        }
        Container::Ended {
            code,
            reason,
            message,
        } => (ended(*code, reason, message), None, false),
    };
    let status = json!({"name": name, "image": "i", "imageID": "", "ready": ready,
        "restartCount": restarts, "state": state, "lastState": last});
    make(&json!({"conditions": gate_condition(gate), "containerStatuses": [status]}))
}

/// A pod that no node takes.
pub fn unschedulable(message: &str) -> Pod {
    let condition = json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": message});
    make(&json!({"conditions": [condition]}))
}

/// A pod about which nothing is said yet.
pub fn unsaid() -> Pod {
    make(&json!({}))
}

/// The same pod under this name.
pub fn named(name: &str, mut pod: Pod) -> Pod {
    pod.metadata.name = Some(name.to_owned());
    pod
}

/// The same pod, whose containers may use this much memory.
pub fn limited(mut pod: Pod, memory: &str) -> Pod {
    let containers = json!([{"name": hivewright_api::names::MCP_CONTAINER,
        "resources": {"limits": {"memory": memory}}}]);
    pod.spec = serde_json::from_value(json!({"containers": containers})).expect("a pod's spec");
    pod
}

/// The same pod with one more condition.
pub fn with_condition(mut pod: Pod, condition: Value) -> Pod {
    let status = pod.status.get_or_insert_default();
    let condition = serde_json::from_value(condition).expect("a condition");
    status.conditions.get_or_insert_default().push(condition);
    pod
}

/// The same pod, denied this by the egress gateway.
pub fn denied(pod: Pod, message: &str) -> Pod {
    let condition = json!({"type": hivewright_api::names::EGRESS_CONDITION, "status": "False",
        "reason": hivewright_api::names::EGRESS_DENIED, "message": message});
    with_condition(pod, condition)
}

/// A pod that its node turned away or put out.
pub fn failed(reason: &str, message: &str) -> Pod {
    make(&json!({"phase": "Failed", "reason": reason, "message": message}))
}

/// The same pod, being deleted.
pub fn leaving(mut pod: Pod) -> Pod {
    let long_ago = jiff::Timestamp::UNIX_EPOCH;
    pod.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(
        long_ago,
    ));
    pod
}

fn ended(code: i32, reason: &str, message: &str) -> Value {
    json!({"terminated": {"exitCode": code, "reason": reason, "message": message}})
}

fn gate_condition(gate: Option<(bool, &str, &str)>) -> Value {
    match gate {
        None => json!([]),
        Some((open, reason, message)) => json!([{
            "type": hivewright_api::names::INITIALIZED_GATE,
            "status": if open { "True" } else { "False" },
            "reason": reason,
            "message": message,
        }]),
    }
}

fn make(status: &Value) -> Pod {
    serde_json::from_value(json!({"metadata": {"name": "p"}, "status": status})).expect("a pod")
}
