//! The state of the scripted cluster, and what the proxy did to it.

use serde_json::{Value, json};
use tokio::sync::watch;

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
    /// A call that the Role does not grant.
    Forbidden(String),
}

/// How a process is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Run,
    /// The process ends.
    Exit,
    /// Its attach connection is cut; it runs on.
    Cut,
}

#[derive(Debug)]
pub(crate) struct Pod {
    uid: String,
    containers: u32,
    state: Value,
    last: Value,
    conditions: Vec<Value>,
    /// The process has ended with this code; the kubelet has not noticed yet.
    ended: Option<i32>,
    pub(crate) orders: watch::Sender<Order>,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) script: Script,
    pub(crate) down: bool,
    pub(crate) refusals: usize,
    pub(crate) facts: Vec<Fact>,
    replicas: i64,
    pods: u32,
    version: u64,
    pub(crate) pod: Option<Pod>,
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
            replicas: 0,
            pods: 0,
            version: 1,
            pod: None,
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

    pub(crate) fn set_scale(&mut self, replicas: i64) {
        self.facts.push(Fact::Scaled(replicas));
        self.replicas = replicas;
        if self.pod.is_none() && replicas > 0 {
            self.new_pod();
        }
    }

    fn new_pod(&mut self) {
        self.pods += 1;
        self.pod = Some(Pod {
            uid: format!("pod-{}", self.pods),
            containers: 1,
            state: json!({ "running": {} }),
            last: json!({}),
            conditions: Vec::new(),
            ended: None,
            orders: watch::channel(Order::Run).0,
        });
        if let (Script::Dead(code), Some(pod)) = (self.script, &mut self.pod) {
            pod.state = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
            pod.last = json!({ "terminated": {
                "exitCode": code, "reason": "Error", "containerID": "c-0",
            }});
        }
        self.changed("ADDED");
    }

    /// The process that runs, if one does.
    pub(crate) fn process(&self) -> Option<String> {
        let pod = self.pod.as_ref()?;
        Some(format!("{}/c-{}", pod.uid, pod.containers))
    }

    pub(crate) fn pod_object(&self) -> Option<Value> {
        let pod = self.pod.as_ref()?;
        Some(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": "echo-0", "namespace": "tools", "uid": pod.uid,
                "resourceVersion": self.version(),
            },
            "spec": { "containers": [] },
            "status": {
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

    fn changed(&mut self, kind: &str) {
        self.version += 1;
        if let Some(pod) = self.pod_object() {
            self.events.push(json!({ "type": kind, "object": pod }));
        }
    }

    pub(crate) fn set_gate(&mut self, uid: &str, condition: &Value) -> bool {
        let process = self.process();
        let Some(pod) = self.pod.as_mut().filter(|pod| pod.uid == uid) else {
            return false;
        };
        let text = |field: &str| condition[field].as_str().unwrap_or_default().to_owned();
        pod.conditions = vec![condition.clone()];
        self.facts.push(Fact::Gate {
            process: process.unwrap_or_default(),
            status: text("status"),
            reason: text("reason"),
            message: text("message"),
        });
        self.changed("MODIFIED");
        if condition["reason"] == "ProcessExited" {
            self.kubelet_notices();
        }
        true
    }

    /// Deletes the pod; the StatefulSet makes a new one at once.
    pub(crate) fn delete(&mut self, uid: &str) -> bool {
        let Some(pod) = self.pod.take_if(|pod| pod.uid == uid) else {
            return false;
        };
        pod.orders.send_replace(Order::Exit);
        self.facts.push(Fact::Deleted(pod.uid.clone()));
        self.version += 1;
        let metadata = json!({
            "name": "echo-0", "namespace": "tools", "uid": pod.uid,
            "resourceVersion": self.version(),
        });
        let gone = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": { "containers": [] },
        });
        self.events
            .push(json!({ "type": "DELETED", "object": gone }));
        if self.replicas > 0 {
            self.new_pod();
        }
        true
    }

    /// The process ends. The proxy hears of it before the kubelet, which looks once a second.
    pub(crate) fn exit(&mut self, code: i32) {
        if let Some(pod) = self.pod.as_mut() {
            pod.ended = Some(code);
            pod.orders.send_replace(Order::Exit);
        }
    }

    /// The kubelet restarts a container at once the first time, and backs off then.
    fn kubelet_notices(&mut self) {
        let Some(pod) = self.pod.as_mut() else { return };
        let Some(code) = pod.ended.take() else { return };
        let ended = json!({ "terminated": {
            "exitCode": code, "reason": "Error", "containerID": format!("c-{}", pod.containers),
        }});
        if pod.containers == 1 {
            pod.state = ended;
            self.changed("MODIFIED");
            self.restart();
        } else {
            pod.state = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
            pod.last = ended;
            self.changed("MODIFIED");
        }
    }

    fn restart(&mut self) {
        if let Some(pod) = self.pod.as_mut() {
            pod.last = std::mem::replace(&mut pod.state, json!({ "running": {} }));
            pod.containers += 1;
            pod.orders = watch::channel(Order::Run).0;
            self.changed("MODIFIED");
        }
    }
}
