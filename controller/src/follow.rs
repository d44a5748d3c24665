//! One watch for each kind: fills its cache and marks the MCPServers that a change is about.

use std::fmt::Debug;

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt as _, StreamExt as _};
use hivewright_api::names;
use kube::core::NamespaceResourceScope;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;

use crate::key::Key;
use crate::named::Named;
use crate::profiles::Profiles;
use crate::references::{References, references};
use crate::rewatch::Rewatch;
use crate::shelf::{Entry, Shelf};
use crate::tell::{Health, Sign, Tell};
use crate::trim;
use crate::watch::Server;

/// Objects in one page of a first list: what the API server can answer without a large buffer.
const PAGE: u32 = 500;

/// What a watch needs of a kind.
pub(crate) trait Kind:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Kind for K where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// The servers that a change of an object in a group is about, or, of nothing, a new list.
pub(crate) type About = fn(&Tell, Option<(&Key, &str)>) -> Vec<ObjectRef<Server>>;

/// Collects the watches of one scope.
pub(crate) struct Follower {
    client: Client,
    namespace: Option<String>,
    tell: Tell,
    watches: Vec<BoxFuture<'static, ()>>,
}

impl Follower {
    pub(crate) fn new(client: &Client, namespace: Option<&str>, tell: Tell) -> Self {
        Self {
            client: client.clone(),
            namespace: namespace.map(str::to_owned),
            tell,
            watches: Vec::new(),
        }
    }

    /// The MCPServers, and what they name.
    pub(crate) fn servers(&mut self) -> Store<Server> {
        let (store, mut writer) = reflector::store();
        let reader: Store<Server> = store.clone();
        self.tell.servers = Some(store.clone());
        self.follow(
            watcher::Config::default(),
            trim::common,
            move |tell, event| {
                writer.apply_watcher_event(&event);
                match event {
                    Event::Apply(server) => {
                        tell.named.set(&Key::of(&server), named(&server));
                        tell.server(&server);
                    }
                    Event::InitApply(server) => tell.named.set(&Key::of(&server), named(&server)),
                    Event::Delete(server) => {
                        tell.named.remove(&Key::of(&server));
                        tell.mark([ObjectRef::from_obj(&server)]);
                    }
                    Event::InitDone => {
                        let held = reader.state();
                        let there = held.iter().map(|server| Key::of(&**server)).collect();
                        tell.named.keep(&there);
                        tell.mark_all();
                    }
                    Event::Init => {}
                }
            },
        );
        store
    }

    /// A kind that the controller writes: what carries its mark.
    pub(crate) fn owned<K: Kind + PartialEq>(&mut self, trim: fn(&mut K)) -> Store<K> {
        let (store, mut writer) = reflector::store();
        let reader = store.clone();
        self.follow(managed(), trim, move |tell, mut event| {
            let about = news(&reader, &mut event).map(labelled);
            writer.apply_watcher_event(&event);
            tell.mark(about);
            // What vanished while the watch was down is not named: look at every server.
            if matches!(event, Event::InitDone) {
                tell.mark_all();
            }
        });
        store
    }

    /// A kind of which `entry` is kept. A change in a group marks the servers that `about` gives
    /// for the group and the object's name; a new list, those that it gives for nothing.
    pub(crate) fn shelved<K: Kind, T: PartialEq + Send + Sync + 'static>(
        &mut self,
        kept: Shelf<T>,
        (config, trim): (watcher::Config, fn(&mut K)),
        entry: fn(&K) -> Entry<T>,
        about: About,
    ) -> Shelf<T> {
        let keep = kept.clone();
        self.follow(config, trim, move |tell, event| {
            let name = touched(&event).map(|object: &K| object.name_any());
            let listed = matches!(event, Event::InitDone);
            let group = keep.take(map(&event, entry));
            if let (Some(group), Some(name)) = (group, name) {
                tell.mark(about(tell, Some((&group, &name))));
            } else if listed {
                tell.mark(about(tell, None));
            }
        });
        kept
    }

    /// The ConfigMaps that MCPServers name.
    pub(crate) fn profiles(&mut self, named: &Named) -> Profiles {
        let profiles = Profiles::default();
        let (client, tell) = (self.client.clone(), self.tell.clone());
        let watch = profiles.clone().follow(client, named.profiles(), tell);
        self.watches.push(watch.boxed());
        profiles
    }

    /// Keeps all of it current; never ends.
    pub(crate) fn run(self) -> BoxFuture<'static, ()> {
        join_all(self.watches).map(drop).boxed()
    }

    fn follow<K: Kind>(
        &mut self,
        config: watcher::Config,
        trim: fn(&mut K),
        mut take: impl FnMut(&Tell, Event<K>) + Send + 'static,
    ) {
        let api: Api<K> = match &self.namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::all(self.client.clone()),
        };
        let tell = self.tell.clone();
        let mut health = Health::default();
        let watch = watcher(api, config.page_size(PAGE))
            .backoff(Rewatch::new(&K::plural(&())))
            .modify(trim)
            .for_each(move |event| {
                tell.judge::<K>(Sign::of(&event), &mut health);
                if let Ok(event) = event {
                    take(&tell, event);
                }
                tell.moved();
                futures::future::ready(())
            });
        self.watches.push(watch.boxed());
    }
}

/// What a server names; of one that cannot be read nothing is known.
fn named(server: &Server) -> References {
    let readable = server.0.as_ref().ok();
    readable.map(references).unwrap_or_default()
}

/// The object of an event that says something new: another resourceVersion alone is nothing new.
fn news<'a, K: Kind + PartialEq>(store: &Store<K>, event: &'a mut Event<K>) -> Option<&'a K> {
    match event {
        Event::Apply(object) => {
            let Some(known) = store.get(&ObjectRef::from_obj(object)) else {
                return Some(object);
            };
            let version = object.meta_mut().resource_version.take();
            object
                .meta_mut()
                .resource_version
                .clone_from(&known.meta().resource_version);
            let same = *known == *object;
            object.meta_mut().resource_version = version;
            (!same).then_some(object)
        }
        Event::Delete(object) => Some(object),
        Event::Init | Event::InitApply(_) | Event::InitDone => None,
    }
}

fn touched<K>(event: &Event<K>) -> Option<&K> {
    match event {
        Event::Apply(object) | Event::Delete(object) | Event::InitApply(object) => Some(object),
        Event::Init | Event::InitDone => None,
    }
}

fn map<K, T>(event: &Event<K>, entry: fn(&K) -> Entry<T>) -> Event<Entry<T>> {
    match event {
        Event::Apply(object) => Event::Apply(entry(object)),
        Event::Delete(object) => Event::Delete(entry(object)),
        Event::InitApply(object) => Event::InitApply(entry(object)),
        Event::Init => Event::Init,
        Event::InitDone => Event::InitDone,
    }
}

fn managed() -> watcher::Config {
    watcher::Config::default().labels(&format!("{}={}", names::MANAGED_BY_LABEL, names::MANAGER))
}

/// The MCPServer that an object names in its label. An object without the label names nobody: the
/// empty name is looked up in vain.
fn labelled<K: Kind>(object: &K) -> ObjectRef<Server> {
    group(object).server()
}

/// The same, as a group of pods.
pub(crate) fn group(object: &impl Resource<DynamicType = ()>) -> Key {
    let server = object.labels().get(names::SERVER_LABEL);
    let namespace = object.namespace().unwrap_or_default();
    Key::new(&namespace, server.map_or("", String::as_str))
}
