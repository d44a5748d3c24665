//! The ConfigMaps that hold permission profiles: each is watched by its name while an MCPServer
//! names it. The controller makes ConfigMaps of its own and sees those by their label; of all the
//! others in the cluster it reads no more than these.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::watch_object;
use kube::{Api, Client};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::key::Key;
use crate::rewatch::Rewatch;
use crate::tell::{Health, Sign, Tell};

/// Most ConfigMaps that are watched at once: each costs a connection to the API server and up to
/// 1 MiB of memory. One profile serves any number of MCPServers.
pub const MOST: usize = 256;

/// What is known of a ConfigMap.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing yet: its watch has only begun, or is about to.
    Waiting,
    /// It is not watched, because [`MOST`] others are.
    TooMany,
    /// It does not exist.
    Absent,
    /// It exists.
    Found(Arc<ConfigMap>),
}

/// The answers so far. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    answers: Arc<Mutex<HashMap<Key, Answer>>>,
}

impl Profiles {
    /// What is known of this ConfigMap.
    pub fn get(&self, profile: &Key) -> Answer {
        let answers = self.answers.lock();
        answers.get(profile).cloned().unwrap_or(Answer::Waiting)
    }

    /// Watches what is named, for as long as it is. Never ends.
    pub(crate) async fn follow(
        self,
        client: Client,
        mut named: watch::Receiver<BTreeSet<Key>>,
        tell: Tell,
    ) {
        let mut tasks = JoinSet::new();
        let mut running: HashMap<Key, AbortHandle> = HashMap::new();
        loop {
            let wanted = named.borrow_and_update().clone();
            running.retain(|profile, watch| {
                let stays = wanted.contains(profile);
                if !stays {
                    watch.abort();
                }
                stays
            });
            let (watched, left_out) = choose(&running, &wanted);
            self.expect(&watched, &left_out);
            for profile in watched {
                let watch = one(client.clone(), profile.clone(), self.clone(), tell.clone());
                running.entry(profile).or_insert_with(|| tasks.spawn(watch));
            }
            for profile in &left_out {
                tell.profile(profile);
            }
            while tasks.try_join_next().is_some() {}
            if named.changed().await.is_err() {
                return;
            }
        }
    }

    /// Makes room for the answers of these, and for no others.
    fn expect(&self, watched: &BTreeSet<Key>, left_out: &BTreeSet<Key>) {
        let mut answers = self.answers.lock();
        answers.retain(|profile, answer| {
            let again = *answer == Answer::TooMany;
            left_out.contains(profile) || (watched.contains(profile) && !again)
        });
        for profile in watched {
            answers.entry(profile.clone()).or_insert(Answer::Waiting);
        }
        for profile in left_out {
            answers.insert(profile.clone(), Answer::TooMany);
        }
    }

    /// Takes an answer in, and says whether it is news. Of a watch that has ended meanwhile there
    /// is nothing to take.
    fn answer(&self, profile: &Key, found: Option<ConfigMap>) -> bool {
        let new = found.map_or(Answer::Absent, |map| Answer::Found(Arc::new(trim(map))));
        let mut answers = self.answers.lock();
        let Some(known) = answers.get_mut(profile) else {
            return false;
        };
        let news = *known != new;
        *known = new;
        news
    }
}

/// Which of the wanted ones are watched, and which are too many. A watch that runs goes on.
fn choose(
    running: &HashMap<Key, AbortHandle>,
    wanted: &BTreeSet<Key>,
) -> (BTreeSet<Key>, BTreeSet<Key>) {
    let (mut watched, others): (BTreeSet<Key>, Vec<Key>) = {
        let (old, new): (Vec<Key>, Vec<Key>) = wanted
            .iter()
            .cloned()
            .partition(|profile| running.contains_key(profile));
        (old.into_iter().collect(), new)
    };
    let room = MOST.saturating_sub(watched.len());
    let mut others = others.into_iter();
    watched.extend(others.by_ref().take(room));
    (watched, others.collect())
}

/// One watch. The API server ends each after some minutes; it is begun again then.
async fn one(client: Client, profile: Key, profiles: Profiles, tell: Tell) {
    let api: Api<ConfigMap> = Api::namespaced(client, &profile.namespace);
    let mut health = Health::default();
    let changes = watch_object(api, &profile.name);
    let changes = changes.backoff(Rewatch::new(&profile.to_string()));
    let mut changes = std::pin::pin!(changes);
    while let Some(change) = changes.next().await {
        let sign = change.as_ref().map_or_else(Sign::Broke, |_| Sign::Works);
        tell.judge::<ConfigMap>(sign, &mut health);
        if let Ok(found) = change
            && profiles.answer(&profile, found)
        {
            tell.profile(&profile);
        }
    }
}

/// Text is what a profile is made of; the rest is not looked at.
fn trim(mut map: ConfigMap) -> ConfigMap {
    map.metadata.managed_fields = None;
    map.metadata.annotations = None;
    map.metadata.resource_version = None;
    map.binary_data = None;
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: std::ops::Range<usize>) -> BTreeSet<Key> {
        names
            .map(|name| Key::new("ns", &format!("{name:05}")))
            .collect()
    }

    #[test]
    fn past_the_bound_the_rest_is_told_that_it_is_too_many() {
        let wanted = keys(0..MOST + 1);
        let (watched, left_out) = choose(&HashMap::new(), &wanted);
        assert_eq!((watched.len(), left_out.len()), (MOST, 1));
        let profiles = Profiles::default();
        profiles.expect(&watched, &left_out);
        let last = left_out.first().unwrap();
        assert_eq!(profiles.get(last), Answer::TooMany);
        // Once another is no longer named there is room, and an answer to wait for.
        let (watched, left_out) = choose(&HashMap::new(), &keys(1..MOST + 1));
        profiles.expect(&watched, &left_out);
        assert_eq!(profiles.get(last), Answer::Waiting);
    }

    #[test]
    fn an_answer_is_news_once() {
        let profiles = Profiles::default();
        let at = Key::new("ns", "p");
        profiles.expect(&BTreeSet::from([at.clone()]), &BTreeSet::new());
        assert_eq!(profiles.get(&at), Answer::Waiting);
        assert!(profiles.answer(&at, None));
        assert!(!profiles.answer(&at, None));
        assert_eq!(profiles.get(&at), Answer::Absent);
    }

    #[test]
    fn what_is_no_longer_named_is_forgotten_and_its_late_answer_too() {
        let profiles = Profiles::default();
        let at = Key::new("ns", "p");
        profiles.expect(&BTreeSet::from([at.clone()]), &BTreeSet::new());
        profiles.answer(&at, None);
        profiles.expect(&BTreeSet::new(), &BTreeSet::new());
        assert!(!profiles.answer(&at, Some(ConfigMap::default())));
        assert!(profiles.answers.lock().is_empty());
    }
}
