//! cargo-deny: licences, sources, banned and doubled crates; advisories where they can be had.

use std::time::Duration;

use crate::command::CommandError;
use crate::place::Place;
use crate::stamp::{Made, Stamp};
use crate::step::{Done, Log, StepFailed, step};

/// The pinned version.
const VERSION: &str = "0.20.2";

/// Time to compile it: four minutes on two cores.
const BUILD_BOUND: Duration = Duration::from_mins(40);

/// Time to fetch the crates that no build here needs: a hundred of them.
const CRATES_BOUND: Duration = Duration::from_mins(10);

/// Time to fetch the advisory database; it is a git repository of a few MB.
const FETCH_BOUND: Duration = Duration::from_secs(30);

/// Why cargo-deny is not there.
#[derive(Debug, thiserror::Error)]
enum DenyError {
    #[error("the cache could not be written")]
    Cache(#[from] std::io::Error),
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Makes sure that cargo-deny is there and runs its checks.
///
/// # Errors
/// When a step failed; it has said so.
pub async fn check(place: &Place) -> Result<(), StepFailed> {
    step(place, "cargo-deny", async |log: &Log| {
        ensure(place, log).await
    })
    .await?;
    step(place, "dependencies", async |log: &Log| {
        // Those of other platforms too: a build here has never asked for them, and the check reads
        // the licence of every crate in the lock file.
        let fetch = place.cmd("cargo").args(["fetch", "--locked"]);
        fetch.bound(CRATES_BOUND).run(log.file()).await?;
        let deny =
            place
                .cmd("cargo-deny")
                .args(["--offline", "check", "bans", "licenses", "sources"]);
        deny.run(log.file()).await?;
        Ok::<_, CommandError>(Done::new(
            (),
            "bans, licenses and sources are as deny.toml wants them",
        ))
    })
    .await?;
    step(place, "advisories", async |log: &Log| {
        advisories(place, log).await
    })
    .await
}

async fn ensure(place: &Place, log: &Log) -> Result<Done<()>, DenyError> {
    let made = Made::new(&place.cache, "cargo-deny", place.bin().join("cargo-deny"));
    let stamp = Stamp::new().text(VERSION).hex();
    if made.is_current(&stamp) {
        return Ok(Done::new((), VERSION));
    }
    made.begin()?;
    let cargo = place.cmd("cargo").args([
        "install",
        "--locked",
        "--force",
        "cargo-deny",
        "--version",
        VERSION,
    ]);
    cargo
        .arg("--root")
        .arg(&place.cache)
        // Its own target directory, dropped afterwards: flags of this workspace are not for it.
        .env("CARGO_TARGET_DIR", place.cache.join("work/cargo-deny"))
        .bound(BUILD_BOUND)
        .run(log.file())
        .await?;
    std::fs::remove_dir_all(place.cache.join("work/cargo-deny"))?;
    made.finish(&stamp)?;
    Ok(Done::new((), format!("{VERSION} built")))
}

/// Advisories are no reason to fail where they cannot be had, but that has to be said.
async fn advisories(place: &Place, log: &Log) -> Result<Done<()>, CommandError> {
    let fetch = place
        .cmd("cargo-deny")
        .args(["fetch", "db"])
        .bound(FETCH_BOUND)
        .run(log.file())
        .await;
    if let Err(error) = fetch {
        log.note(&error.to_string());
        return Ok(Done::new(
            (),
            "NOT checked: the advisory database cannot be fetched from here",
        ));
    }
    let deny = place
        .cmd("cargo-deny")
        .args(["--offline", "check", "advisories"]);
    deny.run(log.file()).await?;
    Ok(Done::new((), "none against what is used"))
}
