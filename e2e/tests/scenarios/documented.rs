//! What every documented manifest goes through: applied as it stands, Ready, seen by kubectl, visited
//! by clients that others wrote, counted, and deleted without a trace.

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    forward::Forward,
    mcp::{
        python::{self, Door},
        rust_sdk::RustClient,
    },
    ns::Ns,
    wait::{GONE, Look, until},
};
use serde_json::Value;
use tokio::{sync::Mutex, time::Instant};

use crate::{
    operator::{controller_metrics, proxy_metrics},
    support::{beside_others_in, condition, proxy, ready},
};

/// Everything that can carry a label and that a server might leave behind.
pub(crate) const KINDS: &str = "mcpservers,deployments,replicasets,statefulsets,\
     controllerrevisions,pods,services,endpointslices,configmaps,secrets,serviceaccounts,roles,\
     rolebindings,networkpolicies,persistentvolumeclaims";

/// The manifests share names and namespaces: one at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// A manifest of `e2e/manifests`, and what it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Documented {
    pub(crate) file: &'static str,
    pub(crate) name: &'static str,
    pub(crate) namespace: &'static str,
    pub(crate) port: u16,
}

/// A tool call, and words that its answer has to hold.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) tool: &'static str,
    pub(crate) arguments: Value,
    pub(crate) says: Vec<String>,
}

impl Call {
    fn check(&self, client: &str, answer: &str) -> Result<()> {
        let missing = self.says.iter().find(|word| !answer.contains(*word));
        ensure!(
            missing.is_none(),
            "{client}: no {missing:?} in the answer of {}: {answer}",
            self.tool
        );
        Ok(())
    }
}

impl Documented {
    /// Runs a scenario in the manifest's own namespace, from which an older server of the name is gone.
    pub(crate) async fn run(&self, scenario: impl AsyncFnOnce(Ns) -> Result<()>) -> Result<()> {
        let _turn = TURN.lock().await;
        beside_others_in(self.name, self.namespace, async |ns| {
            self.gone(&ns).await?;
            scenario(ns).await
        })
        .await
    }

    /// From `kubectl apply` of the file to the last client's goodbye; `calls` are made by each of the
    /// three clients, and counted by the proxy.
    pub(crate) async fn story(&self, ns: &Ns, tools: &[&str], calls: &[Call]) -> Result<Forward> {
        let begin = Instant::now();
        self.apply(ns).await?;
        let status = ready(ns, self.name).await?;
        let until_ready = begin.elapsed().as_secs_f64();
        let forward = proxy(ns, self.name, self.port).await?;
        let client = RustClient::connect(&forward.url("/mcp"), "rust-sdk").await?;
        for (number, call) in calls.iter().enumerate() {
            let answer = client.call(call.tool, call.arguments.clone()).await?;
            call.check("rmcp", &answer)?;
            if number == 0 {
                let until_answer = begin.elapsed().as_secs_f64();
                println!(
                    "{}: Ready {until_ready:.1} s after apply, first tool answer {until_answer:.1} s",
                    self.file
                );
            }
        }
        has_tools(&client.tools().await?, tools)?;
        ensure!(client.server_name().is_some(), "the server has no name");
        client.close().await?;
        let accepted = condition(&status, "Accepted").context("no condition Accepted")?;
        ensure!(accepted["status"] == "True", "not accepted: {accepted}");
        self.seen_by_kubectl(ns).await?;
        self.visited(ns, &forward, tools, calls).await?;
        self.counted(ns, calls, 3.0).await?;
        Ok(forward)
    }

    /// Applies the file as it stands.
    async fn apply(&self, ns: &Ns) -> Result<()> {
        let folder = ns.cluster.place().project.join("e2e/manifests");
        let path = folder.join(self.file);
        ns.apply_file(path.to_str().context("a path in UTF-8")?)
            .await?;
        Ok(())
    }

    async fn seen_by_kubectl(&self, ns: &Ns) -> Result<()> {
        let table = ns.kubectl(&["get", "mcpservers", self.name]).await?;
        let (head, row) = table.trim_end().split_once('\n').context("a table")?;
        let heads: Vec<&str> = head.split_whitespace().collect();
        ensure!(
            heads == ["NAME", "STATUS", "URL", "AGE"],
            "the table is headed {heads:?}"
        );
        let row: Vec<&str> = row.split_whitespace().collect();
        let url = names::url(self.name, &ns.name, self.port);
        ensure!(
            row[..3] == [self.name, "Ready", url.as_str()],
            "the row says {row:?}"
        );
        let text = ns.kubectl(&["describe", "mcpserver", self.name]).await?;
        let (_, events) = text
            .split_once("Events:")
            .context("no events are described")?;
        for reason in ["Accepted", "Initialized", "Ready"] {
            ensure!(events.contains(reason), "no event {reason} in {events}");
        }
        println!("{table}{events}");
        Ok(())
    }

    /// The Python SDK's clients, through both doors.
    async fn visited(
        &self,
        ns: &Ns,
        forward: &Forward,
        tools: &[&str],
        calls: &[Call],
    ) -> Result<()> {
        let wanted: Vec<(&str, Value)> = calls
            .iter()
            .map(|call| (call.tool, call.arguments.clone()))
            .collect();
        for (door, path) in [(Door::Sse, "/sse"), (Door::Streamable, "/mcp")] {
            let url = forward.url(path);
            let story = python::run(ns.cluster.place(), door, &url, &wanted).await?;
            has_tools(&story.tools, tools)?;
            for (call, answer) in calls.iter().zip(&story.texts) {
                call.check(&format!("Python SDK on {door:?}"), answer)?;
            }
            println!("Python SDK on {door:?}: revision {}", story.revision);
        }
        Ok(())
    }

    /// The proxy has counted `times` of each call, and the controller this server.
    async fn counted(&self, ns: &Ns, calls: &[Call], times: f64) -> Result<()> {
        let proxy = proxy_metrics(ns, self.name).await?;
        for call in calls {
            let labels = [
                ("mcp_method_name", "tools/call"),
                ("gen_ai_tool_name", call.tool),
            ];
            let count = proxy.sum("mcp_server_operation_duration_seconds_count", &labels);
            let same = calls
                .iter()
                .filter(|other| other.tool == call.tool)
                .fold(0.0, |sum, _| sum + times);
            ensure!(
                (count - same).abs() < f64::EPSILON,
                "{count} calls of {} were counted, not {same}",
                call.tool
            );
        }
        ensure!(
            proxy.sum("hivewright_proxy_server_up", &[]) > 0.0,
            "the server is not up"
        );
        let known = ["hivewright_", "mcp_server_", "process_"];
        let stranger = proxy
            .names()
            .into_iter()
            .find(|name| !known.iter().any(|prefix| name.starts_with(prefix)));
        ensure!(stranger.is_none(), "a metric {stranger:?}");
        self.known_to_the_controller(ns).await
    }

    async fn known_to_the_controller(&self, ns: &Ns) -> Result<()> {
        let controller = controller_metrics(&ns.cluster).await?;
        let server = [
            ("mcpserver", self.name),
            ("mcpserver_namespace", ns.name.as_str()),
        ];
        let ready = controller.sum("hivewright_mcpserver_ready", &server);
        ensure!(
            (ready - 1.0).abs() < f64::EPSILON,
            "the controller's gauge says {ready}"
        );
        let became = controller.sum("hivewright_controller_servers_became_ready_total", &[]);
        ensure!(became >= 1.0, "no server became ready, says the controller");
        Ok(())
    }

    /// Deletes the server and waits until nothing that it made is left.
    pub(crate) async fn gone(&self, ns: &Ns) -> Result<()> {
        let label = format!("{}={}", names::SERVER_LABEL, self.name);
        let delete = ["delete", "mcpserver", self.name, "--ignore-not-found"];
        ns.kubectl(&delete).await?;
        until("nothing left", GONE, async || {
            let left = ns
                .kubectl(&["get", KINDS, "-l", &label, "-o", "name"])
                .await?;
            let pods = ns.kubectl(&["get", "pods", "-o", "name"]).await?;
            let pods: Vec<&str> = pods.lines().filter(|pod| pod.contains(self.name)).collect();
            let none = left.trim().is_empty() && pods.is_empty();
            Ok(if none {
                Look::Done(())
            } else {
                Look::NotYet(format!("{left} {pods:?}"))
            })
        })
        .await
    }
}

fn has_tools(tools: &[String], wanted: &[&str]) -> Result<()> {
    let missing = wanted
        .iter()
        .find(|name| !tools.iter().any(|tool| tool == *name));
    ensure!(missing.is_none(), "no tool {missing:?} in {tools:?}");
    Ok(())
}
