//! What is told of a server, written down and read back: nothing is lost on the way.

mod world;

use hivewright_api::MCPServerStatus;
use hivewright_core::detail::Detail;
use hivewright_core::record::{Error, Fact, Thing, Told, Why, digest, schema};
use hivewright_core::{Backend, Component, Egress, Event, Journal, Policy, Proxy, diff};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use world::generate;

/// As a journal keeps it.
fn kept(fact: &Fact) -> (String, Value) {
    let data = fact.data().to_string();
    (fact.kind(), serde_json::from_str(&data).expect("JSON"))
}

fn read_back(fact: &Fact) -> Fact {
    let (kind, data) = kept(fact);
    Fact::read(&kind, &data).expect("it was written here")
}

/// As the API server keeps it: times to the second.
fn stored(status: Option<&MCPServerStatus>) -> Value {
    serde_json::to_value(status).expect("a status is JSON")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_reads_back_as_it_was_written(
        mut old in generate::world(), new in generate::world()
    ) {
        let between = diff(&old.state(), &new.state());
        for event in old.pass().into_iter().chain(between) {
            let fact = Fact::Event(event);
            prop_assert_eq!(read_back(&fact), fact);
        }
    }

    #[test]
    fn a_snapshot_reads_back_as_the_api_server_keeps_it(mut world in generate::world()) {
        world.pass();
        for why in [Why::Begun, Why::Healed, Why::Retention] {
            let fact = Fact::snapshot(why, world.status());
            prop_assert_eq!(kept(&read_back(&fact)), kept(&fact));
        }
    }

    #[test]
    fn folding_what_was_kept_gives_the_status_with_its_times(
        first in generate::world(), second in generate::world()
    ) {
        let (mut told, mut world) = (Told::default(), first);
        for change in [None, Some(second)] {
            if let Some(change) = change {
                world.server.spec = change.server.spec;
                (world.server_pods, world.proxy_pod) = (change.server_pods, change.proxy_pod);
                (world.around, world.journal) = (change.around, change.journal);
            }
            for _ in 0..3 {
                world.now += SignedDuration::from_millis(1_234);
                for event in world.pass() {
                    told.fold(&read_back(&Fact::Event(event)), world.now);
                }
            }
        }
        prop_assert_eq!(stored(told.status.as_ref()), stored(Some(&world.status())));
        prop_assert_eq!(digest(told.status.as_ref()), digest(Some(&world.status())));
    }

    #[test]
    fn the_type_of_every_event_is_one_of_those_that_the_schemas_list(
        mut old in generate::world(), new in generate::world()
    ) {
        let between = diff(&old.state(), &new.state());
        for event in old.pass().into_iter().chain(between) {
            let fact = Fact::Event(event);
            prop_assert!(schema::kinds(fact.thing()).contains(&fact.kind()), "{}", fact.kind());
        }
    }
}

/// Every state that a component can be in, with words and without.
fn components() -> Vec<Event> {
    let mut events: Vec<Event> = Journal::all().map(Event::Journal).collect();
    for detail in [
        Detail::default(),
        Detail::new("words of others: 'x' {\"y\"}"),
    ] {
        events.extend(Policy::all(&detail, 1).into_iter().map(Event::Policy));
        events.extend(Egress::all(&detail, 1).into_iter().map(Event::Egress));
        events.extend(Proxy::all(&detail, 137).into_iter().map(Event::Proxy));
        for mut backend in Backend::all(&detail, -1) {
            events.push(Event::Backend(backend.clone()));
            backend.pod = Some("any-1".to_owned());
            events.push(Event::Backend(backend));
        }
    }
    events
}

#[test]
fn every_state_of_every_component_reads_back() {
    for event in components() {
        let fact = Fact::Event(event);
        assert_eq!(read_back(&fact), fact);
        assert!(
            schema::kinds(fact.thing()).contains(&fact.kind()),
            "{}",
            fact.kind()
        );
    }
    assert_eq!(read_back(&Fact::Deleted), Fact::Deleted);
}

#[test]
fn every_event_can_be_shown_by_who_knows_no_type() {
    for event in components() {
        let fact = Fact::Event(event);
        let (_, data) = kept(&fact);
        assert_eq!(data["reason"], fact.reason());
        assert_eq!(data["severity"], fact.severity().as_str());
        assert_eq!(data["message"], fact.note());
    }
}

#[test]
fn what_another_version_wrote_is_said_to_be_that() {
    let told = json!({"reason": "Accepted", "severity": "Normal", "message": "m"});
    let unknown = "dev.hivewright.mcpserver.spec.accepted.v2";
    let error = Fact::read(unknown, &told).unwrap_err();
    assert!(matches!(error, Error::Type { .. }), "{error}");
    let unknown = "dev.hivewright.mcpserver.spec.admired.v1";
    let error = Fact::read(unknown, &told).unwrap_err();
    assert!(matches!(error, Error::Type { .. }), "{error}");
    let word = json!({"reason": "Levitating", "severity": "Normal", "message": "m"});
    let error = Fact::read("dev.hivewright.mcpserver.backend.levitating.v1", &word).unwrap_err();
    assert!(matches!(error, Error::Word { .. }), "{error}");
    let error = Fact::read("dev.hivewright.mcpserver.pods.counted.v1", &told).unwrap_err();
    assert!(matches!(error, Error::Data { .. }), "{error}");
}

#[test]
fn what_a_later_version_adds_to_the_data_is_passed_over() {
    let fact = Fact::Event(Event::Accepted);
    let (kind, mut data) = kept(&fact);
    data["addedLater"] = json!({"deep": [1, 2]});
    assert_eq!(Fact::read(&kind, &data).expect("it was written here"), fact);
}

#[test]
fn a_server_that_is_gone_has_no_status_and_the_next_of_its_name_begins_anew() {
    let mut told = Told::default();
    let at = Timestamp::UNIX_EPOCH;
    told.fold(&Fact::Event(Event::Accepted), at);
    assert!(told.status.is_some());
    told.fold(&Fact::Deleted, at);
    assert_eq!(told, Told::default());
    assert_eq!(
        digest(told.status.as_ref()),
        digest(Some(&MCPServerStatus::default()))
    );
}

#[test]
fn every_thing_has_types_and_none_is_shared() {
    let all: Vec<String> = Thing::ALL.into_iter().flat_map(schema::kinds).collect();
    let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    for thing in Thing::ALL {
        assert!(!schema::kinds(thing).is_empty(), "{}", thing.as_str());
    }
}
