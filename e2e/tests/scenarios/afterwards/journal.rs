//! The journal of the whole run.

use anyhow::Result;
use hivewright_harness::access::Cluster;

use crate::law;

/// Also of those that others than the scenarios have made: whoever is there counts.
#[tokio::test]
async fn folding_the_journal_gives_the_status_of_every_server_there_is() -> Result<()> {
    let cluster = Cluster::connect().await?;
    let servers = law::holds(&cluster, None).await?;
    println!("{servers} servers");
    Ok(())
}
