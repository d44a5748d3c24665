//! One static binary, the CA certificates and nothing else: no shell, no user database, not root.

use std::fs;
use std::io;
use std::path::Path;

use super::ImageError;
use crate::docker::{self, Image};
use crate::place::Place;
use crate::step::Log;

/// The user that images of ours run as: the customary id for "not root", far from any real one.
const USER: u32 = 65532;

/// Changed when the way of making images changes; part of every tag.
pub(super) const RECIPE: &str = "scratch 1";

/// The tag that always means the newest build, beside the one by content.
const STABLE_TAG: &str = "dev";

/// What is in an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content<'a> {
    /// The binary's name in the image.
    pub(super) bin: &'a str,
    /// Where cargo put it.
    pub(super) path: &'a Path,
    /// The bundle of CA certificates.
    pub(super) certificates: &'a Path,
}

/// Makes `image:tag` unless it is there: a tag says what is inside.
pub(super) async fn ensure(
    place: &Place,
    content: &Content<'_>,
    image: &str,
    tag: &str,
    log: &Log,
) -> Result<(), ImageError> {
    let reference = format!("{image}:{tag}");
    if docker::image(place, &reference).await? == Image::Absent {
        let root = place.cache.join("work").join(content.bin);
        lay_out(&root, content)?;
        let config = [
            format!("ENTRYPOINT [\"/{}\"]", content.bin),
            format!("USER {USER}:{USER}"),
            format!("LABEL {}", docker::label(tag)),
        ];
        import(place, &root, &config, &reference, log).await?;
        fs::remove_dir_all(&root)?;
    }
    let stable = format!("{image}:{STABLE_TAG}");
    docker::docker(place, ["tag", &reference, &stable])
        .run(log.file())
        .await?;
    Ok(())
}

fn lay_out(root: &Path, content: &Content<'_>) -> io::Result<()> {
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    let certs = root.join("etc/ssl/certs");
    fs::create_dir_all(&certs)?;
    fs::copy(content.certificates, certs.join("ca-certificates.crt"))?;
    fs::copy(content.path, root.join(content.bin))?;
    Ok(())
}

async fn import(
    place: &Place,
    root: &Path,
    config: &[String; 3],
    reference: &str,
    log: &Log,
) -> Result<(), ImageError> {
    // Owner, order and times are fixed, so the same content gives the same layer.
    let pipe = r#"tar -C "$1" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c . |
        docker import --change "$2" --change "$3" --change "$4" - "$5""#;
    let bash = place
        .cmd("bash")
        .args(["-euo", "pipefail", "-c", pipe, "bash"]);
    bash.arg(root)
        .args(config)
        .arg(reference)
        .run(log.file())
        .await?;
    Ok(())
}
