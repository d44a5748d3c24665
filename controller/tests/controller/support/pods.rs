//! Pods as a kubelet and a proxy would have them.

use serde_json::{Value, json};

use super::controller::NAMESPACE;

/// The pod that runs the user's image; `initialized` is what the proxy says of it.
pub(crate) fn server(name: &str, initialized: bool) -> Value {
    let word = if initialized { "True" } else { "False" };
    let reason = if initialized {
        "Initialized"
    } else {
        "ProcessExited"
    };
    let mut pod = pod(&format!("{name}-0"), name, "mcp-server", "mcp");
    pod["status"]["conditions"] = json!([
        { "type": "Ready", "status": word },
        { "type": "hivewright.dev/initialized", "status": word, "reason": reason, "message": "" },
    ]);
    pod
}

/// The pod of the proxy.
pub(crate) fn proxy(name: &str, ready: bool) -> Value {
    let word = if ready { "True" } else { "False" };
    let mut pod = pod(&format!("{name}-proxy-1"), name, "proxy", "proxy");
    pod["status"]["conditions"] = json!([{ "type": "Ready", "status": word }]);
    pod
}

fn pod(name: &str, server: &str, component: &str, container: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": {
                "app.kubernetes.io/managed-by": "hivewright-controller",
                "app.kubernetes.io/component": component,
                "hivewright.dev/mcpserver": server,
            },
        },
        "spec": { "containers": [{ "name": container, "image": "x" }] },
        "status": {
            "phase": "Running",
            "containerStatuses": [{
                "name": container, "ready": true, "restartCount": 0, "image": "x", "imageID": "x",
                "started": true,
                "state": { "running": { "startedAt": "2026-01-01T00:00:00Z" } },
            }],
        },
    })
}
