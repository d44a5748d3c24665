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

/// Compiles and runs them on this terminal.
///
/// # Errors
/// When one failed.
pub async fn run(place: &Place, args: &[String]) -> Result<(), StepFailed> {
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
