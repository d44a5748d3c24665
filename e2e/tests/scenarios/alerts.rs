//! Every alert of the chart fires when its fault is caused, and ends when that is mended.
//!
//! ```text
//!  servers   six servers, each with its own fault, side by side
//!  release   a second controller with a namespace of its own: its faults disturb nobody
//! ```
//!
//! The rules ask for what they ask for as shipped; only the time that a fault must last is cut to
//! seconds ([`hivewright_harness::rules`]), and both are told.

mod alarm;
mod release;
mod servers;
mod traffic;

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use hivewright_harness::{place::Place, rules};
use tokio::try_join;

use self::alarm::Alarm;
use crate::support::long_beside_others;

#[tokio::test]
async fn alerts_about_servers_fire_and_end() -> Result<()> {
    // Six stories side by side are more than a stack should hold.
    Box::pin(long_beside_others("alerts", async |ns| {
        let alarm = Alarm::connect(&ns.cluster).await?;
        // On the heap: together they are some 25 KB.
        try_join!(
            Box::pin(servers::speaks_no_mcp(&alarm, &ns)),
            Box::pin(servers::ends_at_once(&alarm, &ns)),
            Box::pin(servers::fails_its_clients(&alarm, &ns)),
            Box::pin(servers::loses_its_way(&alarm, &ns)),
            Box::pin(servers::is_not_confined(&alarm, &ns)),
            Box::pin(servers::has_a_sick_proxy(&alarm, &ns)),
        )?;
        Ok(())
    }))
    .await
}

#[tokio::test]
async fn alerts_about_a_controller_fire_and_end() -> Result<()> {
    long_beside_others("alerts-release", async |ns| {
        let alarm = Alarm::connect(&ns.cluster).await?;
        release::story(&alarm, &ns).await
    })
    .await
}

#[test]
fn every_alert_of_the_chart_is_made_to_fire() -> Result<()> {
    let place = Place::from_env().expect("HOME is set");
    let shipped: BTreeSet<String> = rules::alerts(&place)?
        .into_iter()
        .map(|alert| alert.name)
        .collect();
    let caused: BTreeSet<String> = [&servers::ALERTS[..], &release::ALERTS]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect();
    ensure!(
        shipped == caused,
        "shipped and caused differ in {:?}",
        shipped.symmetric_difference(&caused)
    );
    Ok(())
}
