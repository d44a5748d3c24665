//! Where it is read: a file on this disk, or the controller of a cluster.

use std::path::PathBuf;

use http::header;
use jiff::Timestamp;

use hivewright_api::cloud_event::CloudEvent;
use hivewright_core::why::Why;
use serde_json::Value;

use super::cluster::Cluster;
use super::remote::{self, Remote};
use super::{Error, Result};
use crate::args::{FromArgs, Target};
use crate::journal::read::MAX_ENTRIES;
use crate::journal::{About, Query};
use crate::key::Key;
use crate::reading::{States, answer, path};

/// Where it is read.
#[derive(Debug)]
pub(super) enum Origin {
    /// A journal on this disk.
    File(PathBuf),
    /// The controller of a cluster.
    Cluster(Box<Remote>),
}

/// An origin, and the namespace that is meant when none is said.
#[derive(Debug)]
pub(super) struct From {
    pub(super) origin: Origin,
    pub(super) namespace: Option<String>,
}

impl From {
    /// What the command line names.
    pub(super) async fn open(args: &FromArgs) -> Result<Self> {
        let said = args.cluster.namespace.clone();
        if let Some(file) = &args.journal {
            return Ok(Self {
                origin: Origin::File(file.clone()),
                namespace: said,
            });
        }
        let cluster = Cluster::open(&args.cluster).await?;
        let default = cluster.config.default_namespace.clone();
        Ok(Self {
            origin: Origin::Cluster(Box::new(Remote::find(cluster).await?)),
            namespace: Some(said.unwrap_or(default)),
        })
    }

    /// The server that is meant.
    pub(super) fn server(&self, target: &Target) -> Result<Key> {
        server(target, self.namespace.as_deref())
    }
}

/// The server that is meant, if this namespace is meant where none is said.
pub(super) fn server(target: &Target, namespace: Option<&str>) -> Result<Key> {
    let namespace = target.namespace.as_deref().or(namespace);
    Ok(Key::new(namespace.ok_or(Error::NoNamespace)?, &target.name))
}

/// One page of events, and the query for the next, if there may be more.
pub(super) type Page = (Vec<CloudEvent<Value>>, Option<Query>);

impl Origin {
    /// One page of events.
    pub(super) async fn page(&self, query: &Query) -> Result<Page> {
        match self {
            Self::File(file) => {
                let entries = answer::events(file, query)?;
                let full = entries.len() == query.limit.min(MAX_ENTRIES) && !query.newest;
                let next = entries.last().filter(|_| full).map(|last| Query {
                    after: Some(last.row),
                    ..query.clone()
                });
                Ok((entries.into_iter().map(|entry| entry.event).collect(), next))
            }
            Self::Cluster(remote) => {
                let (headers, events) = remote.get(&path::events(query)).await?;
                let next = headers
                    .get(header::LINK)
                    .and_then(|link| link.to_str().ok());
                let next = next.and_then(after).map(|row| Query {
                    after: Some(row),
                    ..query.clone()
                });
                Ok((events, next))
            }
        }
    }

    /// The servers at a time.
    pub(super) async fn states(&self, about: &About, at: Option<Timestamp>) -> Result<States> {
        match self {
            Self::File(file) => Ok(answer::states(file, about, at)?),
            Self::Cluster(remote) => Ok(remote.get(&path::state(about, at)).await?.1),
        }
    }

    /// Why a server is as it is.
    pub(super) async fn why(&self, server: &Key) -> Result<Why> {
        let unheard = || Error::Unheard(server.clone());
        match self {
            Self::File(file) => answer::why(file, server, Timestamp::now())?.ok_or_else(unheard),
            Self::Cluster(remote) => match remote.get(&path::why(server)).await {
                Ok((_, why)) => Ok(why),
                Err(remote::Error::Refused { status, .. })
                    if status == http::StatusCode::NOT_FOUND =>
                {
                    Err(unheard())
                }
                Err(error) => Err(error.into()),
            },
        }
    }
}

/// The row after which a link goes on.
fn after(link: &str) -> Option<u64> {
    let (_, rest) = link.split_once("after=")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_where_to_go_on() {
        let link =
            "</events?limit=5&subject=a/b&after=17&since=2026-01-01T00:00:00Z>; rel=\"next\"";
        assert_eq!(after(link), Some(17));
        assert_eq!(after("</events?limit=5>; rel=\"next\""), None);
    }

    #[test]
    fn a_server_without_a_namespace_is_in_that_of_the_context() {
        let target = |namespace: Option<&str>| Target {
            namespace: namespace.map(str::to_owned),
            name: "osv".to_owned(),
        };
        let meant = |namespace, default| server(&target(namespace), default);
        assert_eq!(meant(None, Some("team")).unwrap(), Key::new("team", "osv"));
        assert_eq!(
            meant(Some("other"), Some("team")).unwrap(),
            Key::new("other", "osv")
        );
        assert!(matches!(meant(None, None), Err(Error::NoNamespace)));
    }
}
