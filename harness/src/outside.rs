//! The outside world on the cluster: pods that call api.github.com or api.osv.dev reach stand-ins.
//!
//! ```text
//!  pod ──api.osv.dev?──> CoreDNS ──rewrite──> world.hivewright-world.svc ──443──> pod of e2e/world
//!   └── TLS, with an authority that the servers' images trust ──────────────────────┘
//! ```
//!
//! CoreDNS rewrites these exact names and no others. The rules say so themselves, so that they are
//! found again: brought up to date the next time, and taken out by [`remove`].

mod corefile;

use std::fs;
use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::command::{Cmd, CommandError};
use crate::images::{Record, WORLD, trust};
use crate::place::Place;
use crate::stamp::{Stamp, StampError};
use crate::step::{Done, Log};

/// The names that lead to the stand-ins: those of their certificate.
pub const NAMES: [&str; 2] = ["api.github.com", "api.osv.dev"];

/// Where the stand-ins are.
pub const NAMESPACE: &str = "hivewright-world";

/// Where the pages are, which come up with the stand-ins: a probe of these would be half a handshake.
const PAGES: u16 = 8000;

/// A page there that counts as public: servers that refuse private addresses fetch it. The address is
/// TURN's anycast (RFC 8155), serves no web anywhere, and leads to the stand-ins inside the cluster alone.
pub const PAGE: &str = "http://192.0.0.10/";

/// The address in [`PAGE`].
const PAGE_ADDRESS: &str = "192.0.0.10";

/// Where they listen for HTTPS.
const PORT: u16 = 8443;

/// Where the stand-in for an OpenTelemetry collector takes OTLP over HTTP, and at `/got` says what it
/// got.
pub const OTLP: u16 = 4318;

/// Where the cluster's pods find that collector.
pub const COLLECTOR: &str = "http://world.hivewright-world.svc.cluster.local:4318";

/// Time for a pod to be replaced.
const ROLLOUT: &str = "--timeout=90s";

/// Longer than kubectl waits itself, so that its own message is heard.
const ROLLOUT_BOUND: Duration = Duration::from_secs(100);

/// Why the outside is not there.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// Nothing was built.
    #[error("no image {WORLD} was built; run `make images`")]
    NoImage,
    /// The cluster's DNS is another.
    #[error("the Corefile of kube-system/coredns has no server block for all names (`.:53 {{`)")]
    NoServerBlock,
    /// kubectl printed something else than JSON.
    #[error("kubectl's answer is no JSON")]
    NoJson(#[from] serde_json::Error),
    /// The certificates could not be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The cache could not be used.
    #[error("the cache could not be used")]
    Cache(#[from] io::Error),
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Makes sure that the stand-ins run and that their names lead to them.
///
/// # Errors
/// What failed.
pub async fn ensure(place: &Place, images: &Record, log: &Log) -> Result<Done<()>, OutsideError> {
    let image = images.get(WORLD).ok_or(OutsideError::NoImage)?;
    let file = place.cache.join("work/world.json");
    fs::create_dir_all(place.cache.join("work"))?;
    fs::write(&file, objects(place, image)?.to_string())?;
    let apply = kubectl(
        place,
        &["apply", "--server-side", "--force-conflicts", "-f"],
    );
    let applied = apply.arg(&file).run(log.file()).await;
    fs::remove_file(&file)?;
    applied?;
    rolled_out(place, NAMESPACE, "world", log).await?;
    let changed = point(place, Some(&host()), log).await?;
    let note = if changed {
        "names changed"
    } else {
        "names as before"
    };
    Ok(Done::new((), format!("{}; {note}", NAMES.join(", "))))
}

/// Takes the names out of the cluster's DNS, and the stand-ins off the cluster.
///
/// # Errors
/// What failed.
pub async fn remove(place: &Place, log: &Log) -> Result<Done<()>, OutsideError> {
    point(place, None, log).await?;
    let delete = ["delete", "namespace", NAMESPACE, "--ignore-not-found"];
    kubectl(place, &delete)
        .bound(ROLLOUT_BOUND)
        .run(log.file())
        .await?;
    Ok(Done::new((), "the names lead outside again"))
}

fn host() -> String {
    format!("world.{NAMESPACE}.svc.cluster.local")
}

fn objects(place: &Place, image: &str) -> Result<Value, OutsideError> {
    let folder = trust::certificates(place);
    let file = |name: &str| fs::read_to_string(folder.join(name));
    let labels = json!({ "app": "world" });
    // Another certificate means another pod: the process reads it once.
    let stamp = Stamp::new().file(&folder.join("tls.crt"))?.hex();
    Ok(json!({ "apiVersion": "v1", "kind": "List", "items": [
        { "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } },
        { "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
          "metadata": { "name": "world", "namespace": NAMESPACE },
          "stringData": { "tls.crt": file("tls.crt")?, "tls.key": file("tls.key")? } },
        { "apiVersion": "v1", "kind": "Service",
          "metadata": { "name": "world", "namespace": NAMESPACE },
          "spec": { "selector": labels, "externalIPs": [PAGE_ADDRESS], "ports": [
              { "name": "https", "port": 443, "targetPort": PORT },
              { "name": "http", "port": 80, "targetPort": PAGES },
              { "name": "otlp", "port": OTLP, "targetPort": OTLP },
          ] } },
        { "apiVersion": "apps/v1", "kind": "Deployment",
          "metadata": { "name": "world", "namespace": NAMESPACE },
          "spec": { "selector": { "matchLabels": labels }, "template": {
              "metadata": { "labels": labels, "annotations": { "hivewright.dev/certificate": stamp } },
              "spec": pod(image) } } },
    ]}))
}

fn pod(image: &str) -> Value {
    json!({
        "automountServiceAccountToken": false,
        "containers": [{
            "name": "world", "image": image,
            "args": ["serve", "--certificates", "/certificates"],
            "readinessProbe": { "httpGet": { "path": "/robots.txt", "port": PAGES }, "periodSeconds": 1 },
            "volumeMounts": [{ "name": "certificates", "mountPath": "/certificates", "readOnly": true }],
        }],
        "volumes": [{ "name": "certificates", "secret": { "secretName": "world" } }],
    })
}

/// Writes the rules into CoreDNS's configuration, or takes them out. Whether anything was changed: only
/// then is CoreDNS restarted, since it looks at its file twice a minute at most.
async fn point(place: &Place, to: Option<&str>, log: &Log) -> Result<bool, OutsideError> {
    let get = [
        "--namespace",
        "kube-system",
        "get",
        "configmap",
        "coredns",
        "-o",
        "json",
    ];
    let map: Value = serde_json::from_str(&kubectl(place, &get).text().await?)?;
    let old = map["data"]["Corefile"].as_str().unwrap_or_default();
    let new = corefile::with_rules(old, &NAMES, to).ok_or(OutsideError::NoServerBlock)?;
    if new == old {
        return Ok(false);
    }
    let patch = json!({ "data": { "Corefile": new } }).to_string();
    let patch = [
        "--namespace",
        "kube-system",
        "patch",
        "configmap",
        "coredns",
        "--patch",
        &patch,
    ];
    kubectl(place, &patch).run(log.file()).await?;
    let restart = [
        "--namespace",
        "kube-system",
        "rollout",
        "restart",
        "deployment/coredns",
    ];
    kubectl(place, &restart).run(log.file()).await?;
    rolled_out(place, "kube-system", "coredns", log).await?;
    Ok(true)
}

async fn rolled_out(
    place: &Place,
    namespace: &str,
    name: &str,
    log: &Log,
) -> Result<(), CommandError> {
    let deployment = format!("deployment/{name}");
    let wait = [
        "--namespace",
        namespace,
        "rollout",
        "status",
        &deployment,
        ROLLOUT,
    ];
    kubectl(place, &wait)
        .bound(ROLLOUT_BOUND)
        .run(log.file())
        .await
}

fn kubectl(place: &Place, args: &[&str]) -> Cmd {
    place.cmd("kubectl").args(args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_certificate() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../e2e/src/world/names.rs");
        let text = fs::read_to_string(file).expect("readable");
        for name in NAMES {
            assert!(text.contains(&format!("\"{name}\"")), "{name}");
        }
        assert_eq!(text.matches("&str = \"").count(), NAMES.len());
    }
}
