//! The scenarios of the e2e crate, on the cluster that is up.

use std::time::Duration;

use crate::place::Place;
use crate::step::StepFailed;

/// The kubeconfig of the cluster that the scenarios may use. They fail without it: nothing is
/// skipped quietly.
pub const KUBECONFIG_VARIABLE: &str = "HIVEWRIGHT_E2E_KUBECONFIG";

/// Time for all scenarios.
const RUN_BOUND: Duration = Duration::from_hours(1);

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
        .bound(RUN_BOUND);
    tests.show().await.map_err(|error| {
        eprintln!("FAIL scenarios: {error}");
        StepFailed {
            name: "scenarios".to_owned(),
        }
    })
}
