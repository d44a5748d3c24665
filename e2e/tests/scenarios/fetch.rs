//! The documented fetch server, from `kubectl apply` to the text of a web page.

use anyhow::{Result, ensure};
use hivewright_e2e::world;
use hivewright_harness::mcp::rust_sdk::RustClient;
use serde_json::json;

use crate::{
    documented::{Call, Documented},
    support,
};

/// The manifest, as the documentation has it.
const FETCH: Documented = Documented {
    file: "fetch.yaml",
    name: "fetch",
    namespace: "toolhive-system",
    port: 8080,
};
/// Where the page is. The fetch server refuses private addresses, and a cluster has no others; this
/// one counts as public (TURN anycast, RFC 8155), serves no web anywhere, and leads to the world's
/// Service inside the cluster alone.
const PAGE_ADDRESS: &str = "192.0.0.10";

#[tokio::test]
async fn the_documented_manifest_gives_clients_a_page_of_the_web() -> Result<()> {
    FETCH
        .run(async |ns| {
            support::world(&ns, &[PAGE_ADDRESS]).await?;
            let page = format!("http://{PAGE_ADDRESS}:{}/", world::PORT);
            let call = Call {
                tool: "fetch",
                arguments: json!({ "url": page }),
                says: vec![world::SENTENCE.to_owned()],
            };
            let forward = FETCH.story(&ns, &["fetch"], &[call]).await?;
            a_private_page_is_refused(&forward.url("/mcp"), &page).await?;
            FETCH.gone(&ns).await?;
            ns.kubectl(&["delete", "pod,service", "world"]).await?;
            Ok(())
        })
        .await
}

/// The server reads robots.txt before it fetches by itself; a refusal is its own answer, which comes
/// through as a result that says so.
async fn a_private_page_is_refused(url: &str, page: &str) -> Result<()> {
    let client = RustClient::connect(url, "robot").await?;
    let answer = client
        .call("fetch", json!({ "url": format!("{page}private") }))
        .await;
    let told = match answer {
        Ok(text) => text,
        Err(error) => format!("{error:#}"),
    };
    ensure!(
        told.contains("robots.txt"),
        "a private page was answered {told}"
    );
    client.close().await
}
