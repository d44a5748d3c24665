//! What clients invent makes no series: the flood comes through the doors of a live proxy, and the
//! count is that of a real Prometheus.

use anyhow::{Result, ensure};
use hivewright_harness::{
    ns::Ns,
    prometheus::Prometheus,
    wait::{Look, until},
};
use serde_json::json;

use super::{SCRAPED, SERVER};
use crate::support::{Echo, beside_others, echo};

/// Names that nobody knows, of each kind.
const INVENTIONS: usize = 64;
/// Series that the first of each kind may make: `other` of a method, of a tool and of a notification,
/// each with its outcomes, a histogram each; and the refusals, the status classes and the drops.
const FIRST_OF_A_KIND: f64 = 200.0;

/// Requests so far, by Prometheus: that the flood has arrived there.
async fn seen(prometheus: &Prometheus, ns: &Ns) -> Result<f64> {
    let query = format!(
        "sum(hivewright_proxy_http_requests_total{{namespace=\"{}\"}})",
        ns.name
    );
    Ok(prometheus.value(&query).await?.unwrap_or_default())
}

/// Series of the server's proxy now.
async fn series(prometheus: &Prometheus, ns: &Ns) -> Result<f64> {
    let query = format!(
        "count({{namespace=\"{}\",{SERVER}=\"echo\",__name__!~\"scrape_.*|up\"}})",
        ns.name
    );
    Ok(prometheus.value(&query).await?.unwrap_or_default())
}

/// One of each kind: a method, a notification, a tool, a version, a session, a path, a client.
async fn invent(echo: &Echo, number: usize) -> Result<()> {
    let name = format!("invented-{number}");
    let session = echo.raw.open(&name).await?;
    let own = session.headers();
    let say = |method: &str, params: serde_json::Value| {
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
    };
    let tool = say("tools/call", json!({ "name": name, "arguments": {} }));
    for body in [say(&name, json!({})), tool] {
        echo.raw.post("/mcp", &own, body).await?;
    }
    let told = json!({ "jsonrpc": "2.0", "method": format!("notifications/{name}") });
    echo.raw.post("/mcp", &own, told.to_string()).await?;
    let ping = say("ping", json!({}));
    for header in [
        ("mcp-session-id", name.as_str()),
        ("mcp-protocol-version", &name),
    ] {
        echo.raw.post("/mcp", &[header], ping.clone()).await?;
    }
    echo.raw.post(&format!("/{name}"), &[], ping).await?;
    session.close().await?;
    Ok(())
}

#[tokio::test]
async fn what_clients_invent_makes_no_series() -> Result<()> {
    beside_others("flood", async |ns| {
        let echo = Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        let prometheus = Prometheus::connect(&ns.cluster).await?;
        let arrived = async |least: usize| {
            until("the requests to be scraped", SCRAPED, async || {
                let seen = seen(&prometheus, &ns).await?;
                #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
                let all = seen >= least as f64;
                Ok(if all { Look::Done(()) } else { Look::not_yet(seen) })
            })
            .await
        };
        let before = until("the first scrape", SCRAPED, async || {
            let series = series(&prometheus, &ns).await?;
            Ok(if series > 0.0 { Look::Done(series) } else { Look::not_yet(series) })
        })
        .await?;
        invent(&echo, 0).await?;
        arrived(8).await?;
        let first = series(&prometheus, &ns).await?;
        for number in 1..=INVENTIONS {
            invent(&echo, number).await?;
        }
        arrived(8 * INVENTIONS).await?;
        let after = series(&prometheus, &ns).await?;
        println!("series of one proxy: {before} idle, {first} with one invention of each kind, {after} with {INVENTIONS}");
        ensure!(first - before <= FIRST_OF_A_KIND, "{before} series became {first}");
        ensure!((after - first).abs() < f64::EPSILON, "{first} series became {after}");
        Ok(())
    })
    .await
}
