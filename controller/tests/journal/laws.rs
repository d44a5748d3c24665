//! Laws 3 and 4, over generated histories in which anything happens: the journal gives the status
//! that is in the cluster, and nothing depends on it.

use hivewright_api::MCPServerStatus;
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{Kept, is_without_gap, stored};
use crate::world::{World, generate};

/// What happens between two passes.
#[derive(Clone, Debug)]
enum Step {
    /// Time passes.
    Nothing,
    /// Spec, pods and what is around become those of another world.
    Change(Box<World>),
    /// The next pass cannot be written down.
    Missed,
    /// The journal is lost.
    Lost,
    /// Somebody empties the status.
    Emptied,
    /// Somebody writes into the status.
    Edited,
    /// The MCPServer is deleted and made again, and the journal hears of it, or not.
    Anew { heard: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Nothing),
        6 => generate::world().prop_map(|world| Step::Change(Box::new(world))),
        2 => Just(Step::Missed),
        1 => Just(Step::Lost),
        1 => Just(Step::Emptied),
        1 => Just(Step::Edited),
        1 => any::<bool>().prop_map(|heard| Step::Anew { heard }),
    ]
}

fn history() -> impl Strategy<Value = (World, Vec<Step>)> {
    (generate::world(), proptest::collection::vec(step(), 1..8))
}

/// What happens to the world alone.
fn happen(world: &mut World, step: &Step, lives: &mut u32) {
    world.now += SignedDuration::from_millis(1_234);
    match step {
        Step::Nothing | Step::Missed | Step::Lost => {}
        Step::Change(other) => {
            world.server.spec = other.server.spec.clone();
            world.server.metadata.generation = other.server.metadata.generation.map(|at| at + 1);
            (world.server_pods, world.proxy_pod) =
                (other.server_pods.clone(), other.proxy_pod.clone());
            (world.around, world.journal) = (other.around.clone(), other.journal);
        }
        Step::Emptied => world.server.status = Some(MCPServerStatus::default()),
        Step::Edited => {
            let status = world.server.status.get_or_insert_default();
            status.message = Some("written by somebody else".to_owned());
            status.conditions = None;
        }
        Step::Anew { .. } => {
            *lives += 1;
            world.server.status = None;
            world.server.metadata.uid = Some(format!("life-{lives}"));
        }
    }
}

fn status(world: &World) -> Value {
    stored(world.server.status.as_ref())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replay_gives_the_status_that_is_in_the_cluster((mut world, steps) in history()) {
        let (mut kept, mut lives) = (Kept::new(), 0);
        kept.pass(&mut world, true);
        prop_assert_eq!(kept.replay(&world), status(&world));
        for step in steps {
            happen(&mut world, &step, &mut lives);
            match step {
                Step::Lost => kept.lose(),
                Step::Anew { heard: true } => kept.gone(&world),
                Step::Nothing | Step::Change(_) | Step::Missed | Step::Emptied | Step::Edited
                | Step::Anew { heard: false } => {}
            }
            let is_kept = !matches!(step, Step::Missed);
            kept.pass(&mut world, is_kept);
            if is_kept {
                prop_assert_eq!(kept.replay(&world), status(&world), "after {:?}", step);
            }
            let sequences = kept.sequences(&world);
            prop_assert!(is_without_gap(&sequences), "{:?}", sequences);
            prop_assert!(sequences.first().is_none_or(|first| *first == 1), "{:?}", sequences);
        }
    }

    #[test]
    fn a_lost_journal_changes_nothing((world, steps) in history()) {
        let (mut with, mut without) = (world.clone(), world);
        let (mut kept, mut lives, mut lives_too) = (Kept::new(), 0, 0);
        for step in steps {
            happen(&mut with, &step, &mut lives);
            happen(&mut without, &step, &mut lives_too);
            if matches!(step, Step::Lost) {
                kept.lose();
            }
            prop_assert_eq!(kept.pass(&mut with, true), without.pass());
            prop_assert_eq!(status(&with), status(&without));
            prop_assert_eq!(kept.replay(&with), status(&without));
        }
    }

    #[test]
    fn what_was_true_at_any_time_can_be_told_later((mut world, steps) in history()) {
        let (mut kept, mut lives, mut then) = (Kept::new(), 0, Vec::new());
        for step in steps {
            happen(&mut world, &step, &mut lives);
            kept.pass(&mut world, true);
            then.push((world.now, status(&world)));
        }
        let reader = kept.reader();
        for (at, expected) in then {
            let told = reader.server_at(&crate::support::key(&world), Some(at)).unwrap();
            let told = told.and_then(|told| told.status);
            prop_assert_eq!(stored(told.as_ref()), expected, "at {}", at);
        }
    }
}
