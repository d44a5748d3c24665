//! The official conformance suite, through a pod: what a client of either revision meets in the
//! cluster is what it meets on a desk.

use anyhow::{Context as _, Result};
use hivewright_harness::{
    conformance::{Fixture, REVISIONS, Suite},
    images::CONFORMANCE,
    ns::Ns,
    place::Place,
};
use serde_json::{Value, json};

use crate::support::{PORT, beside_others, echo, proxy, ready};

/// An MCPServer of the suite's fixture.
fn fixture(ns: &Ns, fixture: Fixture) -> Result<Value> {
    let mut manifest = echo(ns, fixture.era(), &["--era", fixture.era()])?;
    manifest["spec"]["image"] = json!(ns.cluster.image(CONFORMANCE)?);
    Ok(manifest)
}

#[tokio::test]
async fn the_official_suite_passes_through_a_pod_of_either_era() -> Result<()> {
    beside_others("conformance", async |ns| {
        let place = Place::from_env().context("set HOME or HIVEWRIGHT_CACHE")?;
        let suite = Suite::ensure(&place).await?;
        for server in Fixture::ALL {
            ns.apply(&fixture(&ns, server)?).await?;
        }
        for server in Fixture::ALL {
            ready(&ns, server.era()).await?;
            let forward = proxy(&ns, server.era(), PORT).await?;
            // The suite sends names of elsewhere and expects them refused; this one is ours.
            let url = format!("http://localhost:{}/mcp", forward.address.port());
            for revision in REVISIONS {
                let name = format!("{}-in-a-pod", server.era());
                suite.run(&url, revision, &name).await?;
            }
        }
        Ok(())
    })
    .await
}
