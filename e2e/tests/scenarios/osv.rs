//! The documented OSV server, whose SDK speaks HTTP: over SSE as the first manifests have it, and over
//! Streamable HTTP as the newer ones do. Advisories come from api.osv.dev, as far as it can tell.

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{mcp::rust_sdk::RustClient, ns::Ns};
use k8s_openapi::api::core::v1::Service;
use serde_json::json;

use crate::documented::{Call, Documented};

/// The manifest of the documentation's first edition: v1alpha1, SSE.
const SSE: Documented = Documented {
    file: "osv.yaml",
    name: "osv",
    namespace: "my-namespace",
    port: 8080,
};
/// That of a later one: v1beta1, Streamable HTTP, the newer names of the ports.
const STREAMABLE: Documented = Documented {
    file: "v1beta1-osv.yaml",
    ..SSE
};
/// The original's tools.
const TOOLS: [&str; 3] = [
    "query_vulnerability",
    "query_vulnerabilities_batch",
    "get_vulnerability",
];
/// CVE-2020-28500, which lodash 4.17.21 mended.
const LODASH: &str = "GHSA-29mw-wpgm-hmr9";

/// One of each tool, with a word of the answer that only the outside knows.
fn calls() -> Vec<Call> {
    let lodash = json!({ "package_name": "lodash", "ecosystem": "npm", "version": "4.17.15" });
    let jinja2 = json!({ "package_name": "jinja2", "ecosystem": "PyPI", "version": "2.4.1" });
    let log4j = json!({ "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1" });
    let call = |tool, arguments, says: &[&str]| Call {
        tool,
        arguments,
        says: says.iter().map(|word| (*word).to_owned()).collect(),
    };
    vec![
        call(TOOLS[0], lodash, &[LODASH, "CVE-2020-28500", "4.17.21"]),
        call(
            TOOLS[1],
            json!({ "queries": [jinja2, log4j] }),
            &["PYSEC-2021-66", "GHSA-jfh8-c2jp-5v3q"],
        ),
        call(
            TOOLS[2],
            json!({ "id": "GHSA-jfh8-c2jp-5v3q" }),
            &["CVE-2021-44228", "Log4j"],
        ),
    ]
}

/// What is mended has no advisory, and what nobody knows is the tool's error: the answers depend on
/// what is asked.
async fn says_no_as_well(url: &str) -> Result<()> {
    let client = RustClient::connect(url, "careful").await?;
    let mended = json!({ "package_name": "lodash", "ecosystem": "npm", "version": "4.17.21" });
    let answer = client.call(TOOLS[0], mended).await?;
    ensure!(!answer.contains("GHSA"), "lodash 4.17.21: {answer}");
    let answer = client.call(TOOLS[2], json!({ "id": "GHSA-none" })).await?;
    ensure!(answer.contains("404"), "an unknown advisory: {answer}");
    client.close().await
}

async fn has_a_headless_service(ns: &Ns) -> Result<()> {
    let services = ns.cluster.api::<Service>(&ns.name);
    let service = services.get(&names::headless_service(SSE.name)).await?;
    let spec = service.spec.context("a Service without a spec")?;
    let address = spec.cluster_ip.as_deref();
    ensure!(address == Some("None"), "its address is {address:?}");
    Ok(())
}

async fn serves(manifest: Documented) -> Result<()> {
    manifest
        .run(async |ns| {
            let forward = manifest.story(&ns, &TOOLS, &calls()).await?;
            has_a_headless_service(&ns).await?;
            says_no_as_well(&forward.url("/mcp")).await?;
            manifest.gone(&ns).await
        })
        .await
}

#[tokio::test]
async fn the_documented_manifest_finds_advisories_over_sse() -> Result<()> {
    serves(SSE).await
}

#[tokio::test]
async fn the_manifest_of_v1beta1_finds_them_over_streamable_http() -> Result<()> {
    serves(STREAMABLE).await
}
