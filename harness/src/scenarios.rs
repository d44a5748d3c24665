//! The scenarios of the e2e crate, on the cluster that is up.

use std::time::Duration;

use crate::command::CommandError;
use crate::place::Place;
use crate::step::{Done, Log, StepFailed};

/// The kubeconfig of the cluster that the scenarios may use. They fail without it: nothing is
/// skipped quietly.
pub const KUBECONFIG_VARIABLE: &str = "HIVEWRIGHT_E2E_KUBECONFIG";

/// The namespace that the documented manifest names. The demo leaves it, for the user to go on with.
pub const DEMO_NAMESPACE: &str = "toolhive-system";

/// The namespace of the demo's page: the outside world, no part of what the manifest makes.
pub const DEMO_WORLD_NAMESPACE: &str = "hivewright-demo-world";

/// Time for the demo's namespaces to go: their pods may use the whole grace period of 30 s.
const CLEAR_BOUND: Duration = Duration::from_mins(2);

/// Time for all scenarios.
const RUN_BOUND: Duration = Duration::from_hours(1);

/// Removes what a demo left: one scenario applies the same manifest, and looks for leftovers.
///
/// # Errors
/// When it does not go.
pub async fn clear_demo(place: &Place, log: &Log) -> Result<Done<()>, CommandError> {
    let delete = place
        .cmd("kubectl")
        .args(["delete", "namespace", "--ignore-not-found"]);
    delete
        .args([DEMO_NAMESPACE, DEMO_WORLD_NAMESPACE])
        .bound(CLEAR_BOUND)
        .run(log.file())
        .await?;
    Ok(Done::new((), "nothing of a demo is left"))
}

/// Scenarios at a time: they wait for the cluster most of their time, not for a processor.
const AT_A_TIME: &str = "6";

/// The scenarios that look at what all others have left behind begin with this.
const AFTERWARDS: &str = "afterwards::";

/// Compiles and runs them on this terminal: those of [`AFTERWARDS`] when the others are over. Where
/// some are named, only these.
///
/// # Errors
/// When one failed.
pub async fn run(place: &Place, args: &[String]) -> Result<(), StepFailed> {
    for stage in stages(args) {
        run_stage(place, &stage).await?;
    }
    Ok(())
}

/// Options of the test program whose next word is their value, not a scenario.
const VALUED: [&str; 5] = [
    "--color",
    "--format",
    "--logfile",
    "--skip",
    "--test-threads",
];

/// The arguments of each run of the test program.
fn stages(args: &[String]) -> Vec<Vec<String>> {
    let with = |more: &[&str]| {
        let more = more.iter().map(|word| (*word).to_owned());
        args.iter().cloned().chain(more).collect()
    };
    let before = std::iter::once("").chain(args.iter().map(String::as_str));
    let mut words = args.iter().zip(before);
    if words.any(|(word, before)| !word.starts_with('-') && !VALUED.contains(&before)) {
        return vec![args.to_vec()];
    }
    vec![with(&["--skip", AFTERWARDS]), with(&[AFTERWARDS])]
}

async fn run_stage(place: &Place, args: &[String]) -> Result<(), StepFailed> {
    let tests = place
        .cmd("cargo")
        .args(["test", "--locked", "-p", "hivewright-e2e", "--"])
        .args(args)
        .env(KUBECONFIG_VARIABLE, place.kubeconfig())
        .env("RUST_TEST_THREADS", AT_A_TIME)
        // Their errors tell the story; where in the harness they arose does not help a reader.
        .env("RUST_LIB_BACKTRACE", "0")
        .bound(RUN_BOUND);
    tests.show().await.map_err(|error| {
        eprintln!("FAIL scenarios: {error}");
        StepFailed {
            name: "scenarios".to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_others_leave_behind_is_looked_at_when_they_are_over() {
        assert_eq!(
            stages(&words(&["--test-threads", "2"])),
            [
                words(&["--test-threads", "2", "--skip", "afterwards::"]),
                words(&["--test-threads", "2", "afterwards::"])
            ]
        );
    }

    #[test]
    fn only_the_scenarios_that_are_named_are_run() {
        assert_eq!(stages(&words(&["osv"])), [words(&["osv"])]);
    }
}
