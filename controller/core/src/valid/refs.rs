//! Which Secrets a server's pod cannot start without.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec, Volume};

use super::ValidServer;

/// A Secret that the server's pod needs, and what it needs of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretNeed {
    /// Keys that must be there, in order and each once.
    pub keys: Vec<String>,
    /// Whether its content becomes environment variables, so that a change of it needs a new
    /// pod. Mounted Secrets follow by themselves.
    pub in_env: bool,
    /// Whether the pod starts without it: everything that refers to it says `optional: true`.
    pub optional: bool,
}

impl ValidServer {
    /// The Secrets that the server's pod refers to, by name: as environment variables and as
    /// volumes, of every container, from `spec.secrets` or `spec.podTemplateSpec` alike. Pull
    /// secrets are not among them: a pod starts without those.
    pub fn secrets(&self) -> BTreeMap<String, SecretNeed> {
        let mut found = Found::default();
        if let Some(pod) = &self.template.spec {
            found.pod(pod);
        }
        found.0
    }
}

#[derive(Default)]
struct Found(BTreeMap<String, SecretNeed>);

impl Found {
    fn pod(&mut self, pod: &PodSpec) {
        let first = pod.init_containers.iter().flatten();
        for container in first.chain(&pod.containers) {
            self.container(container);
        }
        for volume in pod.volumes.iter().flatten() {
            self.volume(volume);
        }
    }

    fn container(&mut self, container: &Container) {
        for from in container.env_from.iter().flatten() {
            if let Some(secret) = &from.secret_ref {
                self.add(&secret.name, None, secret.optional).in_env = true;
            }
        }
        let refs = container.env.iter().flatten();
        for secret in refs.filter_map(|var| var.value_from.as_ref()?.secret_key_ref.as_ref()) {
            self.add(&secret.name, Some(&secret.key), secret.optional)
                .in_env = true;
        }
    }

    fn volume(&mut self, volume: &Volume) {
        if let Some(secret) = &volume.secret {
            let name = secret.secret_name.as_deref().unwrap_or_default();
            self.add(name, None, secret.optional);
            for item in secret.items.iter().flatten() {
                self.add(name, Some(&item.key), secret.optional);
            }
        }
        let projected = volume.projected.iter();
        let sources = projected.flat_map(|projected| projected.sources.iter().flatten());
        for secret in sources.filter_map(|source| source.secret.as_ref()) {
            self.add(&secret.name, None, secret.optional);
            for item in secret.items.iter().flatten() {
                self.add(&secret.name, Some(&item.key), secret.optional);
            }
        }
    }

    fn add(&mut self, name: &str, key: Option<&str>, optional: Option<bool>) -> &mut SecretNeed {
        let optional = optional == Some(true);
        let need = self.0.entry(name.to_owned()).or_insert_with(|| SecretNeed {
            optional: true,
            ..SecretNeed::default()
        });
        need.optional &= optional;
        if let (Some(key), false) = (key, optional)
            && let Err(place) = need.keys.binary_search_by(|known| known.as_str().cmp(key))
        {
            need.keys.insert(place, key.to_owned());
        }
        need
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn needs(pod: serde_json::Value) -> BTreeMap<String, SecretNeed> {
        let pod: PodSpec = serde_json::from_value(pod).unwrap();
        let mut found = Found::default();
        found.pod(&pod);
        found.0
    }

    fn need(keys: &[&str], in_env: bool, optional: bool) -> SecretNeed {
        SecretNeed {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            in_env,
            optional,
        }
    }

    #[test]
    fn several_keys_of_one_secret_are_one_need_and_a_key_under_two_names_one_key() {
        let var = |name: &str, key: &str| json!({"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": key}}});
        let env = json!([var("A", "b"), var("B", "a"), var("C", "b")]);
        let found = needs(json!({"containers": [{"name": "mcp", "env": env}]}));
        assert_eq!(
            found,
            BTreeMap::from([("s".to_owned(), need(&["a", "b"], true, false))])
        );
    }

    #[test]
    fn sidecars_init_containers_and_volumes_count_too() {
        let found = needs(json!({
            "initContainers": [{"name": "i", "envFrom": [{"secretRef": {"name": "whole"}}]}],
            "containers": [{"name": "mcp"}],
            "volumes": [
                {"name": "v", "secret": {"secretName": "files", "items": [{"key": "k", "path": "p"}]}},
                {"name": "w", "projected": {"sources": [{"secret": {"name": "part"}}]}},
            ],
        }));
        let expected = [
            ("files", need(&["k"], false, false)),
            ("part", need(&[], false, false)),
            ("whole", need(&[], true, false)),
        ];
        assert_eq!(
            found,
            expected
                .map(|(name, need)| (name.to_owned(), need))
                .into_iter()
                .collect()
        );
    }

    #[test]
    fn a_secret_is_optional_only_if_nobody_insists_on_it() {
        let var = |name: &str, key: &str, optional: bool| {
            let secret = json!({"name": "s", "key": key, "optional": optional});
            json!({"name": name, "valueFrom": {"secretKeyRef": secret}})
        };
        let container =
            |env: serde_json::Value| json!({"containers": [{"name": "mcp", "env": env}]});
        let relaxed = needs(container(json!([var("A", "a", true)])));
        assert_eq!(relaxed["s"], need(&[], true, true));
        let strict = needs(container(json!([
            var("A", "a", true),
            var("B", "b", false)
        ])));
        assert_eq!(strict["s"], need(&["b"], true, false));
    }
}
