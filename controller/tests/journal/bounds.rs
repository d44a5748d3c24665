//! The journal keeps to its age and its size, and forgets nothing that is true.

use hivewright_controller::journal::{Item, Limits, Query};
use hivewright_controller::key::Key;
use hivewright_core::record::{Fact, Why};
use hivewright_core::{Event, Replicas};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::support::{Kept, is_without_gap, pass, stored};
use crate::world::{self, World, generate};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Beyond nothing.
const WIDE: Limits = Limits {
    age: SignedDuration::from_hours(1_000_000),
    bytes: u64::MAX,
};

fn until_done(kept: &mut Kept, limits: &Limits, now: Timestamp) -> (u64, u64) {
    let (mut age, mut size) = (0, 0);
    loop {
        let done = kept.store.shorten(limits, now).unwrap();
        age += done.age;
        size += done.size;
        if !done.more {
            return (age, size);
        }
    }
}

/// A pass that counts pods: news whenever the numbers change.
fn count(kept: &mut Kept, world: &mut World, ready: u32) {
    world.now += SignedDuration::from_secs(60);
    let before = world.server.status.clone();
    let event = Event::Replicas(Replicas {
        wanted: 1_000_000,
        ready,
    });
    let status = world.server.status.get_or_insert_default();
    hivewright_core::status::fold(status, &event, world.now);
    let pass = pass(world, before, vec![event]);
    kept.store.append(&[pass.into()]).unwrap();
}

fn named(name: &str) -> World {
    let mut world = World::new(world::fetch());
    world.server.metadata.name = Some(name.to_owned());
    world
}

#[test]
fn what_is_too_old_goes_and_what_it_led_to_stays() {
    let (mut kept, mut world) = (Kept::new(), named("a"));
    for ready in 0..90 {
        count(&mut kept, &mut world, ready);
    }
    let limits = Limits { age: HOUR, ..WIDE };
    // Of 90 minutes the first 29 are older than an hour; the last of them becomes the snapshot.
    let (age, size) = until_done(&mut kept, &limits, world.now);
    assert_eq!((age, size), (28, 0));
    assert_eq!(kept.sequences(&world), (29..=90).collect::<Vec<_>>());
    let entries = kept.reader().events(&Query::default()).unwrap();
    let Fact::Snapshot(first) = entries[0].fact().unwrap() else {
        panic!("{:?}", entries[0]);
    };
    assert_eq!(first.why, Why::Retention);
    assert_eq!(first.status.ready_replicas, Some(28));
    assert_eq!(kept.replay(&world), stored(world.server.status.as_ref()));
    assert_eq!(until_done(&mut kept, &limits, world.now), (0, 0));
}

#[test]
fn a_quiet_server_keeps_its_last_word_for_ever() {
    let (mut kept, mut world) = (Kept::new(), named("a"));
    count(&mut kept, &mut world, 1);
    count(&mut kept, &mut world, 2);
    let limits = Limits { age: HOUR, ..WIDE };
    for days in 1..4 {
        until_done(&mut kept, &limits, world.now + HOUR * 24 * days);
        assert_eq!(kept.sequences(&world), [2]);
        assert_eq!(kept.replay(&world), stored(world.server.status.as_ref()));
    }
    count(&mut kept, &mut world, 3);
    assert_eq!(kept.sequences(&world), [2, 3]);
}

#[test]
fn of_a_server_that_is_long_gone_nothing_stays() {
    let (mut kept, mut world, mut other) = (Kept::new(), named("a"), named("b"));
    count(&mut kept, &mut world, 1);
    kept.gone(&world);
    count(&mut kept, &mut other, 1);
    let limits = Limits { age: HOUR, ..WIDE };
    until_done(&mut kept, &limits, world.now + HOUR * 2);
    let subjects = kept.reader().subjects().unwrap();
    let names: Vec<_> = subjects
        .iter()
        .map(|subject| &subject.server.name)
        .collect();
    assert_eq!(names, ["b"]);
}

#[test]
fn a_server_that_was_made_again_goes_on_counting() {
    let (mut kept, mut world) = (Kept::new(), named("a"));
    count(&mut kept, &mut world, 1);
    kept.gone(&world);
    world.server.metadata.uid = Some("another".to_owned());
    world.server.status = None;
    count(&mut kept, &mut world, 2);
    assert_eq!(kept.sequences(&world), [1, 2, 3]);
    let entries = kept.reader().events(&Query::default()).unwrap();
    let lives: Vec<_> = entries
        .iter()
        .map(|entry| entry.event.mcpserveruid.as_deref().unwrap() == "another")
        .collect();
    assert_eq!(lives, [false, false, true]);
    assert_eq!(kept.replay(&world), stored(world.server.status.as_ref()));
}

#[test]
fn a_file_that_grows_too_large_loses_its_oldest_events() {
    const MOST: u64 = 1024 * 1024;
    let mut kept = Kept::new();
    let mut worlds: Vec<_> = (0..8).map(|at| named(&format!("s{at}"))).collect();
    let limits = Limits {
        bytes: MOST,
        ..WIDE
    };
    let mut removed = 0;
    for round in 0..800 {
        for world in &mut worlds {
            count(&mut kept, world, round);
        }
        // As the writer does: now and then.
        if round % 100 == 99 {
            removed += until_done(&mut kept, &limits, worlds[0].now).1;
            assert!(kept.store.bytes().unwrap() <= MOST);
        }
    }
    assert!(removed > 2_000, "{removed}");
    let file = std::fs::metadata(kept.path()).unwrap().len();
    assert!(
        file < 4 * MOST,
        "{file} bytes were not given back to the disk"
    );
    for world in &worlds {
        let sequences = kept.sequences(world);
        assert!(is_without_gap(&sequences) && sequences.last() == Some(&800));
        assert_eq!(kept.replay(world), stored(world.server.status.as_ref()));
    }
}

#[test]
fn where_only_snapshots_are_left_no_more_is_removed() {
    let mut kept = Kept::new();
    for at in 0..40 {
        count(&mut kept, &mut named(&format!("s{at}")), 1);
    }
    let limits = Limits { bytes: 0, ..WIDE };
    until_done(&mut kept, &limits, Timestamp::UNIX_EPOCH);
    let entries = kept.reader().events(&Query::default()).unwrap();
    assert_eq!(entries.len(), 40);
    assert!(entries.iter().all(|entry| entry.sequence == 1));
}

#[test]
fn rows_are_never_used_twice() {
    let (mut kept, mut world) = (Kept::new(), named("a"));
    for ready in 0..3 {
        count(&mut kept, &mut world, ready);
    }
    let before = kept.reader().newest().unwrap();
    kept.gone(&world);
    until_done(
        &mut kept,
        &Limits { age: HOUR, ..WIDE },
        world.now + HOUR * 2,
    );
    count(&mut kept, &mut world, 9);
    let entries = kept.reader().events(&Query {
        after: Some(before),
        ..Query::default()
    });
    assert!(
        !entries.unwrap().is_empty(),
        "a reader would not see what is new"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shortening_at_any_point_changes_no_status(
        mut world in generate::world(),
        changes in proptest::collection::vec((generate::world(), 0_i64..4, any::<bool>()), 1..6),
    ) {
        let mut kept = Kept::new();
        for (change, hours, by_size) in changes {
            world.now += SignedDuration::from_secs(600);
            world.server.spec = change.server.spec;
            (world.server_pods, world.proxy_pod) = (change.server_pods, change.proxy_pod);
            kept.pass(&mut world, true);
            let limits = if by_size {
                Limits { bytes: 0, ..WIDE }
            } else {
                Limits { age: HOUR, ..WIDE }
            };
            kept.store.shorten(&limits, world.now + HOUR * i32::try_from(hours).unwrap()).unwrap();
            prop_assert_eq!(kept.replay(&world), stored(world.server.status.as_ref()));
            prop_assert!(is_without_gap(&kept.sequences(&world)));
        }
    }
}

#[test]
fn a_server_that_nobody_knows_is_not_told_to_be_gone() {
    let mut kept = Kept::new();
    let gone = Item::Gone {
        server: Key::new("ns", "never"),
        at: Timestamp::UNIX_EPOCH,
    };
    assert_eq!(kept.store.append(&[gone]).unwrap().events, 0);
    assert!(kept.reader().subjects().unwrap().is_empty());
}
