//! Passes of the controller as the collector beside the outside world gets them.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hivewright_e2e::world::collector::{GOT, Got, Span};
use hivewright_harness::{
    forward::Forward,
    mcp::raw::Raw,
    ns::Ns,
    outside::{self, OTLP},
    wait::{Look, until},
};
use http::Method;

use crate::support::{Echo, beside_others, echo};

/// From a pass to what the collector has of it: the exporter sends within seconds.
const TOLD: Duration = Duration::from_secs(30);

/// What the controller counts of its passes.
const PASSES: &str = "hivewright_controller_reconciles_total";

/// The pass that made the server of this namespace, and all that was got.
async fn first_pass(ns: &Ns) -> Result<(Span, Got)> {
    let client = ns.cluster.client.clone();
    let collector = Forward::service(client, outside::NAMESPACE, "world", OTLP).await?;
    let raw = Raw::new(&collector.url(""))?;
    until("the trace of a pass", TOLD, async || {
        let path = format!("{GOT}?namespace={}", ns.name);
        let answer = raw.send(Method::GET, &path, &[]).await?;
        let got: Got = serde_json::from_str(&answer.body)?;
        let made = got.spans.iter().find(|span| made(span, &ns.name)).cloned();
        Ok(match made {
            Some(pass) if got.metrics.iter().any(|metric| metric == PASSES) => {
                Look::Done((pass, got))
            }
            Some(_) => Look::NotYet("a trace, but no metrics".to_owned()),
            None => Look::NotYet(format!("{} spans", got.spans.len())),
        })
    })
    .await
}

fn made(span: &Span, namespace: &str) -> bool {
    let of = |name: &str, value: &str| span.attributes.get(name).is_some_and(|own| own == value);
    span.name == "reconcile"
        && of("k8s.namespace.name", namespace)
        && of("hivewright.reconcile.outcome", "changed")
        && span
            .events
            .iter()
            .any(|event| event.ends_with("spec.accepted.v1"))
}

#[tokio::test]
async fn a_pass_of_the_controller_is_one_trace_with_its_events_its_requests_and_its_lines()
-> Result<()> {
    beside_others("passes", async |ns| {
        let _echo = Echo::serve(&ns, &echo(&ns, "traced", &[])?).await?;
        let (pass, got) = first_pass(&ns).await?;
        let below = |name: &str| {
            let mut children = got.spans.iter().filter(|span| span.parent == pass.id);
            children.find(|span| span.name == name)
        };
        let applied = below("apply statefulsets").context("no request is below the pass")?;
        ensure!(
            applied.trace == pass.trace,
            "{applied:?} is of another trace"
        );
        ensure!(
            applied.duration <= pass.duration,
            "{applied:?} outlives {pass:?}"
        );
        let mut lines = got
            .records
            .iter()
            .filter(|record| record.trace == pass.trace);
        ensure!(
            lines.any(|line| line.body == "Fact changed"),
            "no log line names the trace {}",
            pass.trace
        );
        Ok(())
    })
    .await
}
