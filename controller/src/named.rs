//! Which MCPServers name which Secrets and ConfigMaps: so that a change of one of those finds them
//! without a look at every server.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kube::runtime::reflector::ObjectRef;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::key::Key;
use crate::references::References;
use crate::watch::Server;

/// The index. Bounded by the number of MCPServers and what they name.
#[derive(Debug)]
pub(crate) struct Named {
    index: Mutex<Index>,
    profiles: watch::Sender<BTreeSet<Key>>,
}

#[derive(Debug, Default)]
struct Index {
    servers: HashMap<Key, References>,
    secrets: BTreeMap<Key, BTreeSet<Key>>,
    profiles: BTreeMap<Key, BTreeSet<Key>>,
}

impl Default for Named {
    fn default() -> Self {
        Self {
            index: Mutex::default(),
            profiles: watch::channel(BTreeSet::new()).0,
        }
    }
}

impl Named {
    /// `server` names this now.
    pub(crate) fn set(&self, server: &Key, names: References) {
        let mut index = self.index.lock();
        if index.servers.get(server) == Some(&names) {
            return;
        }
        index.remove(server);
        index.add(server, names);
        self.tell(&index);
    }

    /// `server` is gone.
    pub(crate) fn remove(&self, server: &Key) {
        let mut index = self.index.lock();
        index.remove(server);
        self.tell(&index);
    }

    /// Every server but these is gone.
    pub(crate) fn keep(&self, servers: &BTreeSet<Key>) {
        let mut index = self.index.lock();
        let gone: Vec<Key> = index
            .servers
            .keys()
            .filter(|server| !servers.contains(server))
            .cloned()
            .collect();
        for server in &gone {
            index.remove(server);
        }
        self.tell(&index);
    }

    /// The MCPServers that name this Secret.
    pub(crate) fn of_secret(&self, secret: &Key) -> Vec<ObjectRef<Server>> {
        refs(self.index.lock().secrets.get(secret))
    }

    /// The MCPServers that name any Secret.
    pub(crate) fn of_secrets(&self) -> Vec<ObjectRef<Server>> {
        let index = self.index.lock();
        let servers: BTreeSet<Key> = index.secrets.values().flatten().cloned().collect();
        refs(Some(&servers))
    }

    /// The MCPServers whose permission profile is in this ConfigMap.
    pub(crate) fn of_profile(&self, profile: &Key) -> Vec<ObjectRef<Server>> {
        refs(self.index.lock().profiles.get(profile))
    }

    /// The ConfigMaps that hold permission profiles, as they come and go.
    pub(crate) fn profiles(&self) -> watch::Receiver<BTreeSet<Key>> {
        self.profiles.subscribe()
    }

    fn tell(&self, index: &Index) {
        self.profiles.send_if_modified(|told| {
            let same = told.len() == index.profiles.len() && told.iter().eq(index.profiles.keys());
            if !same {
                *told = index.profiles.keys().cloned().collect();
            }
            !same
        });
    }
}

impl Index {
    fn add(&mut self, server: &Key, names: References) {
        for secret in &names.secrets {
            let secret = Key::new(&server.namespace, secret);
            self.secrets
                .entry(secret)
                .or_default()
                .insert(server.clone());
        }
        if let Some(profile) = &names.profile {
            let profile = Key::new(&server.namespace, profile);
            self.profiles
                .entry(profile)
                .or_default()
                .insert(server.clone());
        }
        if names != References::default() {
            self.servers.insert(server.clone(), names);
        }
    }

    fn remove(&mut self, server: &Key) {
        let Some(names) = self.servers.remove(server) else {
            return;
        };
        for secret in &names.secrets {
            drop_from(
                &mut self.secrets,
                &Key::new(&server.namespace, secret),
                server,
            );
        }
        if let Some(profile) = &names.profile {
            drop_from(
                &mut self.profiles,
                &Key::new(&server.namespace, profile),
                server,
            );
        }
    }
}

fn drop_from(map: &mut BTreeMap<Key, BTreeSet<Key>>, at: &Key, server: &Key) {
    if let Some(servers) = map.get_mut(at) {
        servers.remove(server);
        if servers.is_empty() {
            map.remove(at);
        }
    }
}

fn refs(servers: Option<&BTreeSet<Key>>) -> Vec<ObjectRef<Server>> {
    servers.into_iter().flatten().map(Key::server).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(secrets: &[&str], profile: Option<&str>) -> References {
        References {
            secrets: secrets.iter().map(|&name| name.to_owned()).collect(),
            profile: profile.map(str::to_owned),
        }
    }

    fn found(servers: &[ObjectRef<Server>]) -> Vec<&str> {
        servers.iter().map(|server| server.name.as_str()).collect()
    }

    #[test]
    fn a_secret_finds_the_servers_of_its_own_namespace_that_name_it() {
        let named = Named::default();
        named.set(&Key::new("a", "one"), names(&["s", "t"], None));
        named.set(&Key::new("a", "two"), names(&["s"], None));
        named.set(&Key::new("b", "one"), names(&["s"], None));
        assert_eq!(found(&named.of_secret(&Key::new("a", "s"))), ["one", "two"]);
        assert_eq!(found(&named.of_secret(&Key::new("a", "t"))), ["one"]);
        named.set(&Key::new("a", "one"), names(&[], None));
        assert_eq!(found(&named.of_secret(&Key::new("a", "s"))), ["two"]);
        assert!(named.of_secret(&Key::new("a", "t")).is_empty());
    }

    #[test]
    fn profiles_are_told_when_they_come_and_go_and_only_then() {
        let named = Named::default();
        let mut told = named.profiles();
        named.set(&Key::new("a", "one"), names(&[], Some("p")));
        assert!(told.has_changed().unwrap());
        assert_eq!(
            *told.borrow_and_update(),
            BTreeSet::from([Key::new("a", "p")])
        );
        named.set(&Key::new("a", "two"), names(&[], Some("p")));
        named.remove(&Key::new("a", "one"));
        assert!(!told.has_changed().unwrap());
        named.remove(&Key::new("a", "two"));
        assert!(told.borrow_and_update().is_empty());
    }

    #[test]
    fn servers_that_are_gone_leave_nothing_behind() {
        let named = Named::default();
        named.set(&Key::new("a", "one"), names(&["s"], Some("p")));
        named.set(&Key::new("a", "two"), names(&["s"], Some("q")));
        named.keep(&BTreeSet::from([Key::new("a", "two")]));
        assert_eq!(found(&named.of_secrets()), ["two"]);
        assert_eq!(named.profiles().borrow().len(), 1);
        named.remove(&Key::new("a", "two"));
        let index = named.index.lock();
        assert!(index.servers.is_empty() && index.secrets.is_empty() && index.profiles.is_empty());
    }
}
