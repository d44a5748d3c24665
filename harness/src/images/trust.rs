//! Images of servers that trust the stand-ins of the outside world, and are otherwise the ones that
//! were pulled or built.
//!
//! ```text
//!  pulled or built ──+ one layer: the bundle of CA certificates, with the stand-ins' authority──> registry
//! ```
//!
//! The engine keeps the image as it was under its own name; what the cluster's nodes are given under
//! that name is the one with the layer.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ImageError;
use crate::command::CommandError;
use crate::docker::{self, Image, docker};
use crate::machine;
use crate::place::Place;
use crate::stamp::{Made, Stamp};
use crate::step::{Done, Log};

/// The bundle's place in Debian's images and in distroless ones.
const BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

/// Changed when the layer is made in another way; part of every tag.
const RECIPE: &str = "trust 1";

/// A server's image under the name that manifests use, and what the registry is given for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trusting {
    /// As in manifests.
    pub(super) reference: String,
    /// With the layer.
    pub(super) image: String,
}

/// Folder of the authority's certificate and the stand-ins' own.
pub(crate) fn certificates(place: &Place) -> PathBuf {
    place.cache.join("world-certificates")
}

/// Makes sure that there are certificates: the world's own program makes them, from its image.
pub(super) async fn ensure_certificates(
    place: &Place,
    world: &str,
    log: &Log,
) -> Result<Done<()>, ImageError> {
    let folder = certificates(place);
    let sources = place.project.join("e2e/src/world");
    let stamp = Stamp::new()
        .file(&sources.join("certificates.rs"))?
        .file(&sources.join("names.rs"))?
        .hex();
    let made = Made::new(&place.cache, "world-certificates", folder.clone());
    if made.is_current(&stamp) {
        return Ok(Done::new((), "as before"));
    }
    made.begin()?;
    fs::create_dir_all(&folder)?;
    let user = format!(
        "{}:{}",
        rustix::process::geteuid().as_raw(),
        rustix::process::getegid().as_raw()
    );
    let volume = format!("{}:/certificates", folder.display());
    let run = ["run", "--rm", "--network", "none", "--user", &user];
    docker(place, run)
        .args(["--volume", &volume, world, "certificates", "/certificates"])
        .run(log.file())
        .await?;
    made.finish(&stamp)?;
    Ok(Done::new((), "an authority made, and thrown away"))
}

/// Adds the layer to a server's image, unless that was done before.
pub(super) async fn ensure(
    place: &Place,
    reference: &str,
    log: &Log,
) -> Result<Trusting, ImageError> {
    let bundle = machine::ca_bundle().ok_or(ImageError::NoCertificates)?;
    let authority = certificates(place).join("ca.crt");
    let id = docker(place, ["image", "inspect", "-f", "{{.Id}}", reference])
        .text()
        .await?;
    let stamp = Stamp::new().text(RECIPE).text(&id);
    let stamp = stamp.file(bundle)?.file(&authority)?.hex();
    let image = format!("hivewright.test/trusting/{}:{stamp}", short(reference));
    if docker::image(place, &image).await? == Image::Absent {
        let layer = place.cache.join("work").join("trust").join(&stamp);
        lay_out(&layer, &[bundle, &authority])?;
        add(place, reference, &layer, &image, log).await?;
        fs::remove_dir_all(&layer)?;
    }
    Ok(Trusting {
        reference: reference.to_owned(),
        image,
    })
}

/// The last part of an image's name, without its tag: for people who list images.
fn short(reference: &str) -> &str {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    last.split(':').next().unwrap_or(last)
}

fn lay_out(layer: &Path, bundles: &[&Path; 2]) -> io::Result<()> {
    let mut all = String::new();
    for bundle in bundles {
        all.push_str(&fs::read_to_string(bundle)?);
        all.push('\n');
    }
    let file = layer.join(BUNDLE);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, all)
}

/// By a container that never runs, since that takes no builder and works for images made of nothing.
async fn add(
    place: &Place,
    reference: &str,
    layer: &Path,
    image: &str,
    log: &Log,
) -> Result<(), CommandError> {
    let container = docker(place, ["create", reference]).text().await?;
    let copy = r#"tar -C "$1" --owner=0 --group=0 --numeric-owner -c etc | docker cp - "$2":/"#;
    let copied = place
        .cmd("bash")
        .args(["-euo", "pipefail", "-c", copy, "bash"])
        .arg(layer)
        .arg(&container)
        .run(log.file())
        .await;
    // Programs that bring a bundle of their own look here first.
    let environment = format!("ENV SSL_CERT_FILE=/{BUNDLE}");
    let committed = match copied {
        Ok(()) => {
            let commit = ["commit", "--change", &environment, &container, image];
            docker(place, commit).run(log.file()).await
        }
        Err(error) => Err(error),
    };
    docker(place, ["rm", "--force", &container])
        .run(log.file())
        .await?;
    committed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_name_is_the_last_part_without_a_tag() {
        for (reference, expected) in [
            ("docker.io/mcp/fetch:latest", "fetch"),
            ("ghcr.io/stackloklabs/osv-mcp/server", "server"),
            ("localhost:5000/x:1", "x"),
        ] {
            assert_eq!(short(reference), expected);
        }
    }

    #[test]
    fn the_layer_holds_both_bundles() {
        let folder = std::env::temp_dir().join(format!("hivewright-trust-{}", std::process::id()));
        let [one, two] = ["one", "two"].map(|name| folder.join(name));
        fs::create_dir_all(&folder).expect("writable");
        fs::write(&one, "ONE").expect("writable");
        fs::write(&two, "TWO").expect("writable");
        lay_out(&folder.join("layer"), &[&one, &two]).expect("writable");
        let bundle = fs::read_to_string(folder.join("layer").join(BUNDLE)).expect("made");
        fs::remove_dir_all(&folder).expect("ours");
        assert_eq!(bundle, "ONE\nTWO\n");
    }
}
