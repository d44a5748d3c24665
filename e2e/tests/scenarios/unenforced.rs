//! A cluster whose network does not act on NetworkPolicies: it is found out, and said.

use anyhow::{Context as _, Result, ensure};
use hivewright_harness::{
    ns::Ns,
    wait::{RECOVERY, TRUTH},
};
use serde_json::{Value, json};

use crate::support::{alone, condition, echo, mcpservers, ready, status_when};

/// The rules by which the node's policy agent is given packets to judge, as its unit makes them.
const QUEUES: [&str; 2] = [
    "FORWARD -m conntrack --ctstate NEW -j NFQUEUE --queue-num 100",
    "INPUT -s 10.244.0.0/16 -m conntrack --ctstate NEW -j NFQUEUE --queue-num 100",
];

/// Nobody judges packets from here on; what is allowed already stays so.
async fn without_engine(ns: &Ns) -> Result<()> {
    for rule in QUEUES {
        let words = ["iptables", "-t", "mangle", "-D"];
        let args: Vec<&str> = words.into_iter().chain(rule.split(' ')).collect();
        ns.cluster
            .on_node(&args)
            .await
            .context("the node must run the harness's own policy agent")?;
    }
    Ok(())
}

/// The unit puts its rules back when it starts.
async fn with_engine(ns: &Ns) -> Result<()> {
    let restart = ["systemctl", "restart", "network-policy"];
    ns.cluster.on_node(&restart).await?;
    Ok(())
}

async fn enforced(ns: &Ns, name: &str, word: &str) -> Result<Value> {
    let what = format!("PolicyEnforced {word}");
    let status = status_when(ns, name, &what, TRUTH + RECOVERY, |status| {
        condition(status, "PolicyEnforced").is_some_and(|found| found["status"] == word)
    })
    .await?;
    Ok(condition(&status, "PolicyEnforced")
        .cloned()
        .unwrap_or_default())
}

async fn told(ns: &Ns) -> Result<()> {
    let mut manifest = echo(ns, "echo", &[])?;
    manifest["spec"]["permissionProfile"] = json!({ "type": "builtin", "name": "none" });
    ns.apply(&manifest).await?;
    ready(ns, "echo").await?;
    let found = enforced(ns, "echo", "False").await?;
    println!("{found}");
    ensure!(found["reason"] == "PolicyNotEnforced", "{found}");
    Ok(())
}

#[tokio::test]
async fn a_cluster_without_a_policy_engine_is_found_out_and_said() -> Result<()> {
    alone("unenforced", async |ns| {
        let outcome = async {
            without_engine(&ns).await?;
            told(&ns).await
        }
        .await;
        with_engine(&ns).await?;
        outcome?;
        // A server that comes after it is told the other truth.
        mcpservers(&ns)
            .delete("echo", &kube::api::DeleteParams::default())
            .await?;
        ns.apply(&echo(&ns, "after", &[])?).await?;
        ready(&ns, "after").await?;
        enforced(&ns, "after", "True").await?;
        Ok(())
    })
    .await
}
