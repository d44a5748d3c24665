//! The MCP servers of the documented examples. Each folder under `e2e/servers` holds `image`, the
//! full name that manifests use, and `build.sh NAME LABEL`, for machines that cannot pull it: from a
//! Go module if there is a `go.mod`, else from packages in a Debian root.

use std::fs;
use std::path::{Path, PathBuf};

use super::ImageError;
use super::record::Record;
use crate::docker::{self, Image};
use crate::machine;
use crate::missing::Needs;
use crate::place::Place;
use crate::roots::{self, Root, SCRIPT_BOUND};
use crate::stamp::{Stamp, StampError};
use crate::step::{Done, Log, StepFailed, step};

/// What building a server's image in a Debian root takes.
const DEBIAN: Needs = Needs {
    what: "the image of an MCP server",
    programs: &["tar"],
    root: true,
};

/// What building it from a Go module takes.
const GO: Needs = Needs {
    what: "the image of an MCP server",
    programs: &["go", "tar"],
    root: false,
};

/// Makes sure that the image of every server is in the engine.
pub(super) async fn ensure(place: &Place) -> Result<Record, StepFailed> {
    let mut record = Record::default();
    let folders = step(place, "server images listed", async |_: &Log| {
        let folders = folders(place)?;
        let note = folders.len().to_string();
        Ok::<_, ImageError>(Done::new(folders, note))
    })
    .await?;
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("server {name}");
        let reference = step(place, &name, async |log: &Log| {
            one(place, &folder, log).await
        })
        .await?;
        record.insert(reference);
    }
    Ok(record)
}

fn folders(place: &Place) -> std::io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(place.project.join("e2e/servers"))? {
        let path = entry?.path();
        if path.join("build.sh").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

async fn one(place: &Place, folder: &Path, log: &Log) -> Result<Done<String>, ImageError> {
    let name_file = folder.join("image");
    let reference = fs::read_to_string(&name_file)
        .unwrap_or_default()
        .trim()
        .to_owned();
    if reference.is_empty() {
        return Err(ImageError::NoName(name_file.display().to_string()));
    }
    let stamp = stamp(place, folder)?;
    let here = docker::image(place, &reference).await?;
    if here == Image::Published || here == Image::Built(stamp.clone()) {
        let note = format!("{reference} as before");
        return Ok(Done::new(reference, note));
    }
    if docker::pull(place, &reference, log).await? {
        let note = format!("{reference} pulled");
        return Ok(Done::new(reference, note));
    }
    let go = is_go(folder);
    if let Some(sentence) = machine::unmet(place, if go { &GO } else { &DEBIAN }) {
        return Err(ImageError::Unmet(sentence));
    }
    if !go {
        roots::ensure(place, Root::Minbase, log).await?;
    }
    let script = folder.join("build.sh");
    let build = place
        .cmd("bash")
        .arg(script)
        .args([&reference, &docker::label(&stamp)]);
    build.bound(SCRIPT_BOUND).run(log.file()).await?;
    let note = format!("{reference} built");
    Ok(Done::new(reference, note))
}

fn is_go(folder: &Path) -> bool {
    folder.join("go.mod").is_file()
}

fn stamp(place: &Place, folder: &Path) -> Result<String, StampError> {
    let stamp = Stamp::new();
    if is_go(folder) {
        return Ok(stamp.tree(folder)?.hex());
    }
    Ok(stamp
        .text(&Root::Minbase.stamp(place)?)
        .file(&place.project.join("kind/node/lib.sh"))?
        .tree(folder)?
        .hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Place {
        Place {
            project: concat!(env!("CARGO_MANIFEST_DIR"), "/..").into(),
            cache: "/nonexistent".into(),
            cluster: "none".to_owned(),
        }
    }

    fn image(manifest: &str) -> String {
        let path = here().project.join("e2e/manifests").join(manifest);
        let text = fs::read_to_string(path).expect("readable");
        let line = text.lines().find_map(|line| line.strip_prefix("  image: "));
        format!("{}:latest\n", line.expect("every manifest names an image"))
    }

    #[test]
    fn the_servers_have_the_names_of_the_documented_manifests() {
        let names: Vec<String> = folders(&here())
            .expect("readable")
            .iter()
            .map(|folder| fs::read_to_string(folder.join("image")).expect("every server has one"))
            .collect();
        let manifests = ["fetch.yaml", "github.yaml", "osv.yaml"];
        assert_eq!(names, manifests.map(image));
    }

    #[test]
    fn a_go_server_is_not_built_anew_when_the_debian_root_changes() {
        let [go, debian] = ["github", "osv"].map(|name| {
            let folder = here().project.join("e2e/servers").join(name);
            (is_go(&folder), stamp(&here(), &folder).expect("readable"))
        });
        assert!(go.0 && !debian.0);
        assert_ne!(go.1, debian.1);
    }
}
