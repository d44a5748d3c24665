//! Names to addresses, by the system's resolver.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::{net::lookup_host, sync::Semaphore, task::JoinError, time::timeout};

/// Longest that one name is resolved. Resolvers ask each server of theirs twice, for 5 s.
pub const RESOLVE_WAIT: Duration = Duration::from_secs(10);
/// Names resolved at once. Each takes a thread of the runtime until the system's resolver gives up,
/// even if nobody waits for it any more.
pub const MAX_LOOKUPS: usize = 32;
/// Addresses of one name that count. Names of large services have about eight.
pub const MAX_ADDRESSES: usize = 16;

/// Something that knows the addresses of names.
pub trait Resolver: Send + Sync + std::fmt::Debug + 'static {
    /// The addresses of this name, in the order in which they should be tried.
    fn resolve(&self, name: Arc<str>) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The resolver of the system: `/etc/hosts`, `/etc/resolv.conf`.
///
/// A name is looked up as it is before it is looked up in the pod's search domains: `x.com` is not
/// to be answered by a Service `x` in a namespace `com`, and most names need one query instead of
/// four. Short names of Services still work.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, name: Arc<str>) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            match addresses(&format!("{name}.")).await {
                Ok(found) if !found.is_empty() => Ok(found),
                Ok(_) | Err(_) => addresses(&name).await,
            }
        })
    }
}

async fn addresses(name: &str) -> io::Result<Vec<IpAddr>> {
    // The port is not used.
    let found = lookup_host((name, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

/// Why there are no addresses.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unknown {
    /// The resolver says so.
    #[error("the name is not resolved")]
    Failed(#[source] io::Error),
    /// The lookup was cut off, or it panicked.
    #[error("the lookup ended early")]
    Ended(#[source] JoinError),
    /// [`RESOLVE_WAIT`] is over.
    #[error("the name is not resolved in time")]
    TimedOut,
}

/// Lookups, bounded in number and time.
#[derive(Debug)]
pub(super) struct Lookups {
    resolver: Arc<dyn Resolver>,
    room: Arc<Semaphore>,
}

impl Lookups {
    pub(super) fn new(resolver: Arc<dyn Resolver>) -> Self {
        let room = Arc::new(Semaphore::new(MAX_LOOKUPS));
        Self { resolver, room }
    }

    pub(super) async fn of(&self, name: &Arc<str>) -> Result<Vec<IpAddr>, Unknown> {
        timeout(RESOLVE_WAIT, self.look(name.clone()))
            .await
            .unwrap_or(Err(Unknown::TimedOut))
    }

    /// The lookup is a task, which keeps its place until the system's resolver is done with it.
    async fn look(&self, name: Arc<str>) -> Result<Vec<IpAddr>, Unknown> {
        let room = self.room.clone().acquire_owned().await;
        let room = room.expect("nobody closes this semaphore");
        let resolver = self.resolver.clone();
        let lookup = tokio::spawn(async move {
            let found = resolver.resolve(name).await;
            drop(room);
            found
        });
        let found = lookup.await.map_err(Unknown::Ended)?;
        let mut found = found.map_err(Unknown::Failed)?;
        found.truncate(MAX_ADDRESSES);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, net::Ipv4Addr, task::Poll};

    use tokio::time::Instant;

    use super::*;

    /// Never answers.
    #[derive(Debug)]
    struct Silent;

    impl Resolver for Silent {
        fn resolve(&self, _: Arc<str>) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            Box::pin(pending())
        }
    }

    /// Answers with more addresses than count.
    #[derive(Debug)]
    struct Many;

    impl Resolver for Many {
        fn resolve(&self, _: Arc<str>) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
            Box::pin(async move { Ok(vec![address; MAX_ADDRESSES + 1]) })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lookup_ends_after_its_wait() {
        let lookups = Lookups::new(Arc::new(Silent));
        let start = Instant::now();
        let found = lookups.of(&"x.com".into()).await;
        assert!(matches!(found, Err(Unknown::TimedOut)));
        assert_eq!(start.elapsed(), RESOLVE_WAIT);
    }

    #[tokio::test(start_paused = true)]
    async fn lookups_past_the_bound_wait_for_those_before_even_if_nobody_waits_for_these() {
        let lookups = Lookups::new(Arc::new(Silent));
        let name = "x.com".into();
        for _ in 0..MAX_LOOKUPS {
            let mut lookup = std::pin::pin!(lookups.of(&name));
            assert_eq!(futures::poll!(&mut lookup).map(|_| ()), Poll::Pending);
        }
        assert_eq!(lookups.room.available_permits(), 0);
        let found = lookups.of(&"y.com".into()).await;
        assert!(matches!(found, Err(Unknown::TimedOut)));
    }

    #[tokio::test]
    async fn addresses_past_the_bound_do_not_count() {
        let lookups = Lookups::new(Arc::new(Many));
        let found = lookups.of(&"x.com".into()).await.expect("addresses");
        assert_eq!(found.len(), MAX_ADDRESSES);
    }

    #[tokio::test]
    async fn the_system_knows_localhost() {
        let found = SystemResolver.resolve("localhost".into()).await;
        let found = found.expect("localhost has an address");
        assert!(found.iter().all(IpAddr::is_loopback));
    }
}
