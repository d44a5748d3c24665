//! Follows the ConfigMap.

use std::error::Error;

use hivewright_api::{names::LIVE_CONFIG_FILE, proxy_config::LiveConfig};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{LiveError, parse};
use crate::named;

/// Publishes each good version of the document in `namespace/name` until `shutdown`. After a bad
/// one, or while there is none, the last good one stays.
pub async fn follow(
    client: Client,
    (namespace, name): (&str, &str),
    live: watch::Sender<LiveConfig>,
    shutdown: CancellationToken,
) {
    let api: Api<ConfigMap> = Api::namespaced(client, namespace);
    let seen = |map: Option<&ConfigMap>| match read(map) {
        Ok(document) => publish(&live, document),
        Err(error) => tracing::error!(
            reason = error.reason(),
            error = &error as &dyn Error,
            "live configuration not followed; the last good one stays"
        ),
    };
    named::follow(api, ("configmap", name), shutdown, seen).await;
}

fn read(map: Option<&ConfigMap>) -> Result<LiveConfig, LiveError> {
    let data = map.ok_or(LiveError::Gone)?.data.as_ref();
    let text = data.and_then(|data| data.get(LIVE_CONFIG_FILE));
    parse(text.ok_or(LiveError::NoKey)?.as_bytes())
}

/// Wakes the readers only if something differs.
fn publish(live: &watch::Sender<LiveConfig>, document: LiveConfig) {
    let changed = live.send_if_modified(|old| {
        let new = *old != document;
        if new {
            *old = document;
        }
        new
    });
    if changed {
        let live = live.borrow();
        tracing::info!(
            replicas = live.replicas,
            keep_scale = live.keep_scale,
            egress_hosts = live.egress.hosts.len(),
            "live configuration changed"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> ConfigMap {
        ConfigMap {
            data: Some([(LIVE_CONFIG_FILE.to_owned(), text.to_owned())].into()),
            ..ConfigMap::default()
        }
    }

    #[test]
    fn a_map_without_the_document_is_told_from_a_missing_one() {
        assert!(matches!(read(None), Err(LiveError::Gone)));
        assert!(matches!(
            read(Some(&ConfigMap::default())),
            Err(LiveError::NoKey)
        ));
        assert!(matches!(read(Some(&map("{"))), Err(LiveError::Invalid(_))));
        let live = read(Some(&map(r#"{"replicas":3,"keepScale":true}"#))).unwrap();
        assert_eq!(live.replicas, 3);
    }

    #[test]
    fn the_same_document_again_wakes_nobody() {
        let document = read(Some(&map(r#"{"replicas":1,"keepScale":false}"#))).unwrap();
        let (sender, receiver) = watch::channel(document.clone());
        publish(&sender, document);
        assert!(!receiver.has_changed().unwrap());
    }
}
