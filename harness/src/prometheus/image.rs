//! Prometheus' image: the published one where it can be pulled, otherwise its two programs alone.

use std::fs;
use std::path::Path;

use super::PrometheusError;
use crate::command::CommandError;
use crate::docker::{self, Image};
use crate::place::Place;
use crate::registry;
use crate::stamp::Stamp;
use crate::step::{Done, Log};
use crate::tools::{self, PROMETHEUS_VERSION, Tool};

/// The image that is built here, without its tag.
const OURS: &str = "hivewright.test/prometheus";

/// The published image, without its tag.
const PUBLISHED: &str = "docker.io/prom/prometheus";

/// Changed when the way of making the image changes; part of its tag.
const RECIPE: &str = "prometheus 1";

/// The user that it runs as, as in the published one.
pub(super) const USER: u32 = 65534;

/// The image to run, in the registry or to be pulled by the node.
pub(super) async fn ensure(place: &Place, log: &Log) -> Result<Done<String>, PrometheusError> {
    let stamp = Stamp::new()
        .text(RECIPE)
        .text(&tools::stamp(place, Tool::Prometheus)?)
        .hex();
    let ours = format!("{OURS}:{stamp}");
    if docker::image(place, &ours).await? == Image::Absent {
        let published = format!("{PUBLISHED}:v{PROMETHEUS_VERSION}");
        let there = docker::image(place, &published).await? != Image::Absent;
        if there || docker::pull(place, &published, log).await? {
            registry::push(place, &published, log).await?;
            return Ok(Done::new(published.clone(), published));
        }
        make(place, &ours, &stamp, log).await?;
    }
    registry::push(place, &ours, log).await?;
    Ok(Done::new(ours.clone(), ours))
}

async fn make(place: &Place, name: &str, stamp: &str, log: &Log) -> Result<(), PrometheusError> {
    tools::ensure(place, Tool::Prometheus, log).await?;
    let root = place.cache.join("work/prometheus-image");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    fs::create_dir_all(root.join("bin"))?;
    fs::copy(place.bin().join("prometheus"), root.join("bin/prometheus"))?;
    import(place, &root, name, stamp, log).await?;
    fs::remove_dir_all(&root)?;
    Ok(())
}

async fn import(
    place: &Place,
    root: &Path,
    name: &str,
    stamp: &str,
    log: &Log,
) -> Result<(), CommandError> {
    let pipe = r#"tar -C "$1" --owner=0 --group=0 -c . |
        docker import --change "$2" --change "$3" --change "$4" - "$5""#;
    place
        .cmd("bash")
        .args(["-euo", "pipefail", "-c", pipe, "bash"])
        .arg(root)
        .arg(r#"ENTRYPOINT ["/bin/prometheus"]"#)
        .arg(format!("USER {USER}"))
        .arg(format!("LABEL {}", docker::label(stamp)))
        .arg(name)
        .run(log.file())
        .await
}
