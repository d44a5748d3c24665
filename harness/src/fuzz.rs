//! The bridge's parsers under libFuzzer: `proxy/fuzz`, built with coverage by the stable compiler.
//!
//! ```text
//!  proxy/fuzz ──build──> CACHE/fuzz/target ──> one run a target, in turn, each bounded
//!  proxy/fuzz/seeds ─────────┐                    │
//!  CACHE/fuzz/corpus/TARGET ─┴── inputs ──────────┤ what reaches new code stays in the corpus
//!                                                 └─> table; CACHE/fuzz/found/TARGET/crash-...
//! ```
//!
//! The same targets run over their seeds and over generated inputs in the tests of the bridge; this
//! is the long search.

mod told;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::command::CommandError;
use crate::images;
use crate::place::Place;
use crate::step::{Done, Log, StepFailed, step};

use told::Told;

/// The targets, as `proxy/fuzz/targets` names them; a test compares the two.
pub const TARGETS: [&str; 8] = [
    "line", "channel", "envelope", "batch", "sse", "header", "state", "hub",
];

/// Time for a build from nothing, on two cores: two minutes, most of it for libFuzzer.
const BUILD_BOUND: Duration = Duration::from_mins(20);

/// Memory of one run, in MiB: the parsers keep a few times their input, and inputs are short.
const MEMORY: u32 = 1024;

/// Longest input in bytes. Bounds that are longer are lowered by the targets themselves.
const INPUT: u32 = 4096;

/// Longest time for one input, in seconds. A parser needs microseconds.
const ONE_INPUT: u32 = 10;

/// What a run may take beyond its time: reading a large corpus comes first.
const GRACE: Duration = Duration::from_mins(5);

/// The program in `proxy/fuzz`.
const BIN: &str = "hivewright-fuzz";

/// Tells that program its target.
const CHOICE: &str = "HIVEWRIGHT_FUZZ_TARGET";

/// Why nothing was searched, or what was found.
#[derive(Debug, thiserror::Error)]
enum FuzzError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("cargo built no binary {BIN}; is it the package's name in proxy/fuzz?")]
    NoBinary,
    #[error("the cache could not be written")]
    Cache(#[from] std::io::Error),
    #[error("{name} is no target; take some of {}", TARGETS.join(", "))]
    Unknown { name: String },
    #[error(
        "inputs broke {0}; each is kept where the table says: make it a seed, and mend the code"
    )]
    Found(String),
}

/// Searches with each of `only` (all, if that is empty) for so many seconds, and prints a table.
///
/// # Errors
/// When an input broke a target, or the program could not be built or run; it has been printed.
pub async fn run(place: &Place, seconds: u32, only: &[String]) -> Result<(), StepFailed> {
    let work = async |log: &Log| build(place, only, log).await;
    let (program, targets) = step(place, "fuzz build", work).await?;
    let mut rows = Vec::new();
    for target in targets {
        let work = async |log: &Log| search(place, &program, (target, seconds), log).await;
        rows.push((target, step(place, &format!("fuzz {target}"), work).await?));
    }
    print!("{}", told::table(&rows));
    step(place, "fuzz", async |_: &Log| verdict(&rows)).await
}

async fn build(
    place: &Place,
    only: &[String],
    log: &Log,
) -> Result<Done<(PathBuf, Vec<&'static str>)>, FuzzError> {
    let targets = chosen(only)?;
    let cargo = place
        .cmd("cargo")
        .current_dir(place.project.join("proxy/fuzz"))
        .args([
            "build",
            "--release",
            "--locked",
            "--message-format=json-render-diagnostics",
            "--target-dir",
        ])
        .arg(place.cache.join("fuzz/target"))
        .bound(BUILD_BOUND);
    let mut built = images::executables(&cargo.logged(log.file()).await?);
    let program = built.remove(BIN).ok_or(FuzzError::NoBinary)?;
    let note = format!("{} targets, with coverage", targets.len());
    Ok(Done::new((program, targets), note))
}

/// The targets of these names, in the order of [`TARGETS`].
fn chosen(only: &[String]) -> Result<Vec<&'static str>, FuzzError> {
    if let Some(unknown) = only.iter().find(|name| !TARGETS.contains(&name.as_str())) {
        let name = unknown.clone();
        return Err(FuzzError::Unknown { name });
    }
    let wanted = |name: &&str| only.is_empty() || only.iter().any(|only| only == name);
    Ok(TARGETS.into_iter().filter(wanted).collect())
}

async fn search(
    place: &Place,
    program: &Path,
    (target, seconds): (&str, u32),
    log: &Log,
) -> Result<Done<Told>, FuzzError> {
    let corpus = place.cache.join("fuzz/corpus").join(target);
    let found = place.cache.join("fuzz/found").join(target);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&found)?;
    let output = place
        .cmd(&program.display().to_string())
        .env(CHOICE, target)
        // libFuzzer leaves its own files where it stands.
        .current_dir(&found)
        .arg(corpus)
        .arg(place.project.join("proxy/fuzz/seeds").join(target))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-rss_limit_mb={MEMORY}"))
        .arg(format!("-max_len={INPUT}"))
        .arg(format!("-timeout={ONE_INPUT}"))
        .arg("-print_final_stats=1")
        .arg(format!("-artifact_prefix={}/", found.display()))
        .bound(Duration::from_secs(u64::from(seconds)) + GRACE)
        .output()
        .await?;
    log.note(&output.stderr);
    let told = Told::read(&output.stderr, output.status.success());
    let note = told.to_string();
    Ok(Done::new(told, note))
}

fn verdict(rows: &[(&str, Told)]) -> Result<Done<()>, FuzzError> {
    let broken: Vec<&str> = rows
        .iter()
        .filter_map(|(target, told)| told.found.is_some().then_some(*target))
        .collect();
    if broken.is_empty() {
        return Ok(Done::new((), format!("nothing in {} targets", rows.len())));
    }
    Err(FuzzError::Found(broken.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_are_those_of_the_bridge() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proxy/fuzz");
        let list = fs::read_to_string(folder.join("targets/mod.rs")).unwrap();
        let named = list.lines().filter_map(|line| {
            let (name, rest) = line.trim().strip_prefix("(\"")?.split_once('"')?;
            rest.ends_with("::target),").then(|| name.to_owned())
        });
        assert_eq!(named.collect::<Vec<_>>(), TARGETS);
        for target in TARGETS {
            assert!(folder.join("seeds").join(target).is_dir(), "{target}");
        }
    }

    #[test]
    fn a_name_that_is_no_target_is_refused_with_those_that_are() {
        let refused = chosen(&["sse".to_owned(), "xml".to_owned()]).unwrap_err();
        assert!(
            refused
                .to_string()
                .starts_with("xml is no target; take some of line,")
        );
        assert_eq!(
            chosen(&["hub".to_owned(), "line".to_owned()]).unwrap(),
            ["line", "hub"]
        );
        assert_eq!(chosen(&[]).unwrap(), TARGETS);
    }

    #[test]
    fn one_broken_target_fails_the_whole_and_is_named() {
        let quiet = Told::read("", true);
        assert!(verdict(&[("line", quiet.clone())]).is_ok());
        let broken = verdict(&[("line", quiet), ("sse", Told::read("", false))]).unwrap_err();
        assert!(broken.to_string().starts_with("inputs broke sse;"));
    }
}
