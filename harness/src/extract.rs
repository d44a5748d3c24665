//! The very binary that is in an image, as a file: what is tried on this machine is what is shipped.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use tokio::sync::Mutex;

use crate::{images::Record, place::Place};

/// Tests of one process take turns, so that none sees a half-written file.
static TURN: Mutex<()> = Mutex::const_new(());

/// Copies `/BIN` out of the image `name` (without a tag) into the cache and gives its path.
///
/// # Errors
/// The image was not built, or the engine does not answer.
pub async fn binary(place: &Place, name: &str, bin: &str) -> Result<PathBuf> {
    let _turn = TURN.lock().await;
    let images = Record::load(place).context("no images are recorded; run `make e2e`")?;
    let reference = images
        .get(name)
        .with_context(|| format!("no image {name} was built"))?;
    let (_, tag) = reference
        .rsplit_once(':')
        .context("a reference without a tag")?;
    let folder = place.cache.join("extracted").join(tag);
    let path = folder.join(bin);
    if path.exists() {
        return Ok(path);
    }
    fs::create_dir_all(&folder)?;
    let container = place
        .cmd("docker")
        .args(["create", reference])
        .text()
        .await?;
    let source = format!("{container}:/{bin}");
    let copied = place
        .cmd("docker")
        .args(["cp", &source])
        .arg(&path)
        .text()
        .await;
    place
        .cmd("docker")
        .args(["rm", "--force", &container])
        .text()
        .await?;
    copied?;
    Ok(path)
}
