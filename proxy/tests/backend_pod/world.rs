//! The state of the scripted cluster, and what the proxy did to it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::stdio::Stdio;

/// What a process does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Script {
    /// Answers every request.
    Echo,
    /// Answers `initialize` with something that is no MCP.
    NotMcp,
    /// Ends with this code as soon as it reads anything.
    Exit(i32),
    /// Has ended with this code before anyone could attach; the kubelet backs off.
    Dead(i32),
}

/// One thing that the proxy did. Processes are written `pod/container`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Scaled(i64),
    Attached(String),
    Initialize(String),
    Gate {
        process: String,
        status: String,
        reason: String,
        message: String,
    },
    Deleted(String),
    /// The condition that tells of denied egress.
    Denied {
        pod: String,
        message: String,
    },
    /// A call that the Role does not grant.
    Forbidden(String),
}

/// How a process is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Run,
    /// The process ends.
    Exit,
    /// Its attach connections are cut; it runs on.
    Cut,
    /// Its attach connections carry nothing any more, yet stay open.
    Freeze,
}

#[derive(Debug)]
pub(crate) struct Pod {
    uid: String,
    containers: u32,
    state: Value,
    last: Value,
    conditions: Vec<Value>,
    /// The process has ended with this code; the kubelet has not noticed yet.
    pub(crate) ended: Option<i32>,
    pub(crate) stdio: Stdio,
    pub(crate) orders: watch::Sender<Order>,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) script: Script,
    pub(crate) down: bool,
    pub(crate) refusals: usize,
    pub(crate) facts: Vec<Fact>,
    /// The subprotocol that the API server speaks.
    pub(crate) protocol: &'static str,
    /// The log is refused with this status.
    pub(crate) no_log: Option<u16>,
    /// The address of every pod.
    pub(crate) address: Option<&'static str>,
    replicas: i64,
    made: u32,
    version: u64,
    /// By name: `echo-0` and so on.
    pub(crate) pods: BTreeMap<String, Pod>,
    /// Watch events, oldest first; a watcher remembers how many it has seen.
    pub(crate) events: Vec<Value>,
}

impl World {
    pub(crate) fn new(script: Script) -> Self {
        Self {
            script,
            down: false,
            refusals: 0,
            facts: Vec::new(),
            protocol: "v5.channel.k8s.io",
            no_log: None,
            address: None,
            replicas: 0,
            made: 0,
            version: 1,
            pods: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    pub(crate) fn version(&self) -> String {
        self.version.to_string()
    }

    pub(crate) fn scale(&self) -> Value {
        json!({
            "apiVersion": "autoscaling/v1", "kind": "Scale",
            "metadata": { "name": "echo", "namespace": "tools" },
            "spec": { "replicas": self.replicas },
        })
    }

    /// The StatefulSet's controller makes what is missing and takes away what is too much.
    pub(crate) fn set_scale(&mut self, replicas: i64) {
        self.facts.push(Fact::Scaled(replicas));
        self.replicas = replicas;
        for ordinal in 0..replicas {
            let name = format!("echo-{ordinal}");
            if !self.pods.contains_key(&name) {
                self.new_pod(&name);
            }
        }
        let all = self.pods.keys().cloned();
        let surplus: Vec<String> = all.skip(usize::try_from(replicas).unwrap_or(0)).collect();
        for name in surplus {
            self.take_away(&name);
        }
    }

    fn new_pod(&mut self, name: &str) {
        self.made += 1;
        let mut pod = Pod {
            uid: format!("pod-{}", self.made),
            containers: 1,
            state: json!({ "running": {} }),
            last: json!({}),
            conditions: Vec::new(),
            ended: None,
            stdio: Stdio::default(),
            orders: watch::channel(Order::Run).0,
        };
        if let Script::Dead(code) = self.script {
            pod.state = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
            pod.last = json!({ "terminated": {
                "exitCode": code, "reason": "Error", "containerID": "c-0",
            }});
        }
        self.pods.insert(name.to_owned(), pod);
        self.changed(name, "ADDED");
    }

    /// The process that runs in this pod, if one does.
    pub(crate) fn process(&self, name: &str) -> Option<String> {
        let pod = self.pods.get(name)?;
        Some(format!("{}/c-{}", pod.uid, pod.containers))
    }

    pub(crate) fn pod_object(&self, name: &str) -> Option<Value> {
        let pod = self.pods.get(name)?;
        Some(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": name, "namespace": "tools", "uid": pod.uid,
                "resourceVersion": self.version(),
            },
            "spec": { "containers": [] },
            "status": {
                "podIP": self.address,
                "conditions": pod.conditions,
                "containerStatuses": [{
                    "name": "mcp", "image": "", "imageID": "", "ready": true,
                    "restartCount": pod.containers - 1,
                    "containerID": format!("c-{}", pod.containers),
                    "state": pod.state, "lastState": pod.last,
                }],
            },
        }))
    }

    fn changed(&mut self, name: &str, kind: &str) {
        self.version += 1;
        if let Some(pod) = self.pod_object(name) {
            self.events.push(json!({ "type": kind, "object": pod }));
        }
    }

    /// Whether there is a pod of this name and uid.
    fn is(&self, name: &str, uid: &str) -> bool {
        self.pods.get(name).is_some_and(|pod| pod.uid == uid)
    }

    pub(crate) fn set_condition(&mut self, name: &str, uid: &str, condition: &Value) -> bool {
        if !self.is(name, uid) {
            return false;
        }
        let process = self.process(name).unwrap_or_default();
        let text = |field: &str| condition[field].as_str().unwrap_or_default().to_owned();
        let (status, reason, message) = (text("status"), text("reason"), text("message"));
        if let Some(pod) = self.pods.get_mut(name) {
            pod.conditions
                .retain(|old| old["type"] != condition["type"]);
            pod.conditions.push(condition.clone());
        }
        self.facts
            .push(if condition["type"] == "hivewright.dev/egress" {
                Fact::Denied {
                    pod: name.to_owned(),
                    message,
                }
            } else {
                Fact::Gate {
                    process,
                    status,
                    reason: reason.clone(),
                    message,
                }
            });
        self.changed(name, "MODIFIED");
        if reason == "ProcessExited" {
            self.kubelet_notices(name);
        }
        true
    }

    /// Deletes the pod; the StatefulSet makes a new one at once.
    pub(crate) fn delete(&mut self, name: &str, uid: &str) -> bool {
        if !self.is(name, uid) {
            return false;
        }
        self.facts.push(Fact::Deleted(uid.to_owned()));
        self.take_away(name);
        let wanted = (0..self.replicas).any(|ordinal| name == format!("echo-{ordinal}"));
        if wanted {
            self.new_pod(name);
        }
        true
    }

    fn take_away(&mut self, name: &str) {
        let Some(pod) = self.pods.remove(name) else {
            return;
        };
        pod.orders.send_replace(Order::Exit);
        self.version += 1;
        let metadata = json!({
            "name": name, "namespace": "tools", "uid": pod.uid,
            "resourceVersion": self.version(),
        });
        let gone = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": { "containers": [] },
        });
        self.events
            .push(json!({ "type": "DELETED", "object": gone }));
    }

    /// The process ends. The proxy hears of it before the kubelet, which looks once a second.
    pub(crate) fn exit(&mut self, name: &str, code: i32) {
        if let Some(pod) = self.pods.get_mut(name) {
            pod.ended = Some(code);
            pod.orders.send_replace(Order::Exit);
        }
    }

    /// The kubelet restarts a container at once the first time, and backs off then.
    pub(crate) fn kubelet_notices(&mut self, name: &str) {
        let Some(pod) = self.pods.get_mut(name) else {
            return;
        };
        let Some(code) = pod.ended.take() else { return };
        let ended = json!({ "terminated": {
            "exitCode": code, "reason": "Error", "containerID": format!("c-{}", pod.containers),
        }});
        if pod.containers == 1 {
            pod.state = ended;
            self.changed(name, "MODIFIED");
            self.restart(name);
        } else {
            pod.state = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
            pod.last = ended;
            self.changed(name, "MODIFIED");
        }
    }

    fn restart(&mut self, name: &str) {
        if let Some(pod) = self.pods.get_mut(name) {
            pod.last = std::mem::replace(&mut pod.state, json!({ "running": {} }));
            pod.containers += 1;
            pod.orders = watch::channel(Order::Run).0;
            pod.stdio = Stdio::default();
            self.changed(name, "MODIFIED");
        }
    }
}
