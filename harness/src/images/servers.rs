//! The MCP servers of the documented examples. Each folder under `e2e/servers` holds `image`, the
//! full name that manifests use, and `build.sh NAME LABEL`, for machines that cannot pull it.

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

/// What building a server's image takes.
const NEEDS: Needs = Needs {
    what: "the image of an MCP server",
    programs: &["tar"],
    root: true,
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
    if let Some(sentence) = machine::unmet(place, &NEEDS) {
        return Err(ImageError::Unmet(sentence));
    }
    roots::ensure(place, Root::Minbase, log).await?;
    let script = folder.join("build.sh");
    let build = place
        .cmd("bash")
        .arg(script)
        .args([&reference, &docker::label(&stamp)]);
    build.bound(SCRIPT_BOUND).run(log.file()).await?;
    let note = format!("{reference} built");
    Ok(Done::new(reference, note))
}

fn stamp(place: &Place, folder: &Path) -> Result<String, StampError> {
    let stamp = Stamp::new().text(&Root::Minbase.stamp(place)?);
    Ok(stamp
        .file(&place.project.join("kind/node/lib.sh"))?
        .tree(folder)?
        .hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fetch_server_has_the_name_of_the_documented_manifest() {
        let place = Place {
            project: concat!(env!("CARGO_MANIFEST_DIR"), "/..").into(),
            cache: "/nonexistent".into(),
            cluster: "none".to_owned(),
        };
        let names: Vec<String> = folders(&place)
            .expect("readable")
            .iter()
            .map(|folder| fs::read_to_string(folder.join("image")).expect("every server has one"))
            .collect();
        assert!(
            names.contains(&"docker.io/mcp/fetch:latest\n".to_owned()),
            "{names:?}"
        );
    }
}
