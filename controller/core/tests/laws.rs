//! The laws of the core, over generated worlds.

mod world;

use hivewright_api::MCPServerStatus;
use hivewright_core::{Event, Part, Presence, ServerState, Write, diff, status};
use jiff::Timestamp;
use proptest::prelude::*;
use world::{World, generate};

/// Passes after which any world must have come to rest: one that writes, one that sees the writes,
/// and one more for a pod that can only be made when the address of a Service is known.
const PASSES: usize = 3;

/// Whether the server's pods wait for the address of a Service that is not there.
fn waits(world: &World) -> bool {
    let profile = world.server.spec.permission_profile.as_ref();
    profile.is_some_and(|profile| profile.key.as_deref() == Some("gateway"))
        && !world.objects.contains_key(&Part::ProxyService)
}

/// Whether the StatefulSet is made anew: it then has lost the scale that others gave it, and what the
/// proxy is told of that follows one pass later.
fn is_made_anew(plan: &[Write]) -> bool {
    let deletes = |write: &Write| {
        matches!(
            write,
            Write::Delete {
                part: Part::StatefulSet,
                ..
            }
        )
    };
    plan.iter().any(deletes)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn folding_the_difference_into_the_old_state_gives_the_new_one(
        old in generate::world(), new in generate::world()
    ) {
        let (mut state, new) = (old.state(), new.state());
        for event in diff(&state.clone(), &new) {
            state.fold(&event);
        }
        prop_assert_eq!(state, new);
    }

    #[test]
    fn a_status_read_back_is_the_state_that_it_was_made_from(world in generate::world()) {
        let state = world.state();
        let mut told = MCPServerStatus::default();
        for event in diff(&ServerState::default(), &state) {
            status::fold(&mut told, &event, Timestamp::UNIX_EPOCH);
        }
        let stored = serde_json::to_string(&told).unwrap();
        let told = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(ServerState::from_status(Some(&told)), state);
    }

    #[test]
    fn folding_events_together_is_folding_one_after_the_other(
        first in generate::world(), second in generate::world()
    ) {
        let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(1);
        let (mut one_by_one, mut together) = (MCPServerStatus::default(), MCPServerStatus::default());
        let (first, second) = (first.state(), second.state());
        let told = [(ServerState::default(), &first, Timestamp::UNIX_EPOCH), (first.clone(), &second, later)];
        for (old, new, at) in told {
            let events = diff(&old, new);
            for event in &events {
                status::fold(&mut one_by_one, event, at);
            }
            status::fold_all(&mut together, &events, at);
        }
        prop_assert_eq!(one_by_one, together);
    }

    #[test]
    fn after_the_writes_of_a_plan_the_next_plan_is_empty(mut world in generate::world()) {
        let before = world.clone();
        let anew = is_made_anew(&world.plan());
        world.pass();
        if anew {
            let told_alone = |write: &Write| write.part() == Part::ConfigMap;
            prop_assert!(world.plan().iter().all(told_alone));
            world.pass();
        }
        if waits(&before) {
            let set_alone = |write: &Write| write.part() == Part::StatefulSet;
            prop_assert!(world.plan().iter().all(set_alone));
            world.pass();
        }
        prop_assert_eq!(world.plan(), vec![], "\nfrom {:#?}", before);
    }

    #[test]
    fn nothing_is_told_twice_while_nothing_changes(mut world in generate::world()) {
        for _ in 0..PASSES {
            world.pass();
        }
        prop_assert_eq!(world.pass(), vec![]);
    }

    #[test]
    fn folding_all_that_was_told_from_the_start_gives_the_status(
        first in generate::world(), second in generate::world()
    ) {
        let (mut told, mut world) = (MCPServerStatus::default(), first);
        for change in [None, Some(second)] {
            if let Some(change) = change {
                world.server.spec = change.server.spec;
                (world.server_pods, world.proxy_pod) = (change.server_pods, change.proxy_pod);
                world.around = change.around;
            }
            for _ in 0..PASSES {
                world.now += jiff::SignedDuration::from_secs(1);
                for event in world.pass() {
                    status::fold(&mut told, &event, world.now);
                }
            }
        }
        prop_assert_eq!(told, world.status());
    }

    #[test]
    fn every_object_of_an_accepted_server_comes_to_be_current(mut world in generate::world()) {
        for _ in 0..PASSES {
            world.pass();
        }
        let state = world.state();
        let accepted = state.acceptance == hivewright_core::Acceptance::Accepted;
        if accepted && !state.terminating {
            prop_assert!(state.objects.values().all(|presence| *presence == Presence::Current));
        }
    }

    #[test]
    fn a_spec_that_is_not_accepted_and_a_server_on_its_way_out_get_no_write(world in generate::world()) {
        let state = world.state();
        if state.acceptance != hivewright_core::Acceptance::Accepted || state.terminating {
            prop_assert_eq!(world.plan(), vec![]);
        }
    }

    #[test]
    fn the_scale_survives_every_pass_once_the_proxy_has_set_it(mut world in generate::world(), replicas in 0..2) {
        let waited = waits(&world);
        world.pass();
        if waited {
            world.pass();
        }
        world::api_server::scale(&mut world.objects, replicas);
        for _ in 0..PASSES {
            world.server.spec.args = Some(vec!["changed".to_owned()]);
            world.pass();
        }
        let scaled = &world.objects.get(&Part::StatefulSet).map(|set| set["spec"]["replicas"].clone());
        let stopped = world.server.spec.replicas == Some(0);
        if let Some(scaled) = scaled.as_ref().filter(|_| !stopped) {
            prop_assert_eq!(scaled, replicas);
        }
    }

    #[test]
    fn a_stopped_server_comes_to_rest_without_a_pod(mut world in generate::world()) {
        world.server.spec.replicas = Some(0);
        for _ in 0..PASSES {
            world.pass();
        }
        let state = world.state();
        if state.acceptance == hivewright_core::Acceptance::Accepted && !state.terminating {
            for part in [Part::StatefulSet, Part::Deployment] {
                prop_assert_eq!(&world.objects[&part]["spec"]["replicas"], 0);
            }
        }
    }

    #[test]
    fn ready_is_told_exactly_when_a_server_becomes_ready(old in generate::world(), new in generate::world()) {
        let (old, new) = (old.state(), new.state());
        let told = diff(&old, &new).contains(&Event::Ready);
        prop_assert_eq!(told, old.blocker().is_some() && new.blocker().is_none());
    }
}

/// The write that seeds the second owner of `spec.replicas` can be lost (a crash between two
/// writes); whatever is applied after must not bring the API server's default of 1.
#[test]
fn a_lost_seed_of_the_scale_is_made_good_before_the_field_is_given_up() {
    let mut world = world::World::new(world::fetch());
    for write in world
        .plan()
        .into_iter()
        .filter(|write| write.verb() != "seed")
    {
        world::api_server::write(&mut world.objects, &write);
    }
    world.server.spec.args = Some(vec!["changed".to_owned()]);
    world.pass();
    let set = &world.objects[&hivewright_core::Part::StatefulSet];
    assert_eq!(set["spec"]["replicas"], 0);
    assert_eq!(world.plan(), vec![]);
}
