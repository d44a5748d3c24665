//! `why`: why a server is as it is.
//!
//! The controller says it out of its journal. Where it cannot be asked, the status in the cluster
//! still says what is wrong: that is read instead, and said.

use std::io::{self, Write as _};

use hivewright_api::MCPServer;
use hivewright_core::why::{Known, Why, why};
use jiff::Timestamp;
use kube::Api;

use super::cluster::Cluster;
use super::origin::{Origin, server};
use super::remote::Remote;
use super::show::json;
use super::{Error, Result};
use crate::args::{Output, WhyArgs};
use crate::key::Key;

/// Runs it.
pub(super) async fn run(args: WhyArgs) -> Result<()> {
    let said = args.from.cluster.namespace.clone();
    let found = if let Some(file) = args.from.journal {
        let server = server(&args.server, said.as_deref())?;
        Origin::File(file).why(&server).await?
    } else {
        let cluster = Cluster::open(&args.from.cluster).await?;
        let namespace = said.unwrap_or_else(|| cluster.config.default_namespace.clone());
        of_cluster(cluster, &server(&args.server, Some(&namespace))?).await?
    };
    let mut out = io::stdout().lock();
    let done = match args.show.output {
        Output::Table => writeln!(out, "{}", found.paragraph),
        Output::Json => json::pretty(&mut out, &found),
    };
    done.map_err(Error::Print)
}

async fn of_cluster(cluster: Cluster, server: &Key) -> Result<Why> {
    let asked = match Remote::find(cluster.clone()).await {
        Ok(remote) => Origin::Cluster(Box::new(remote)).why(server).await,
        Err(error) => Err(error.into()),
    };
    match asked {
        Ok(why) => Ok(why),
        Err(error) => match status(&cluster, server).await {
            Some(why) => {
                eprintln!("From the status alone: {:#}", anyhow::Error::new(error));
                Ok(why)
            }
            None => Err(error),
        },
    }
}

/// Out of the status in the cluster; `None` if that cannot be had either.
async fn status(cluster: &Cluster, server: &Key) -> Option<Why> {
    let servers = Api::<MCPServer>::namespaced(cluster.client.clone(), &server.namespace);
    let found = servers.get_opt(&server.name).await.ok().flatten()?;
    let known = Known {
        namespace: &server.namespace,
        name: &server.name,
        status: found.status.as_ref(),
        journal: &[],
    };
    Some(why(known, Timestamp::now()))
}
