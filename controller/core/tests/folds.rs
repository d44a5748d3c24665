//! What events do outside of the status: metrics and Kubernetes Events.

mod world;

use std::collections::BTreeSet;

use hivewright_core::detail::Detail;
use hivewright_core::metric::{self, Delta, Outcome};
use hivewright_core::{
    Backend, Blocker, Event, Part, PodState, Presence, Proxy, Reason, Replicas, Severity, Standing,
    Story, kube_event,
};
use proptest::prelude::*;
use rstest::rstest;
use world::generate;

#[rstest]
#[case(Event::Applied { part: Part::Role }, Delta::Write { part: Part::Role, outcome: Outcome::Applied })]
#[case(Event::Deleted { part: Part::HeadlessService }, Delta::Write { part: Part::HeadlessService, outcome: Outcome::Deleted })]
#[case(Event::Object { part: Part::Role, presence: Presence::Failed(Detail::new("quota")) }, Delta::Write { part: Part::Role, outcome: Outcome::Failed })]
#[case(Event::Restarts { count: 5, more: 2, cause: None }, Delta::Restarts(2))]
#[case(Event::Ready, Delta::BecameReady)]
fn an_event_counts_as_itself_and_as_what_it_means(#[case] event: Event, #[case] own: Delta) {
    let counted = Delta::Event {
        reason: event.reason(),
        severity: event.severity(),
    };
    assert_eq!(metric::fold(&event).collect::<Vec<_>>(), [counted, own]);
}

#[rstest]
#[case::about_to_be_written(Event::Object { part: Part::Role, presence: Presence::Missing })]
#[case::on_its_way(Event::Backend(Backend::from(Story::Pod(PodState::Starting))))]
#[case::waiting(Event::Backend(Backend::from(Story::Handshaking)))]
#[case::proxy_on_its_way(Event::Proxy(Proxy::NotReady))]
#[case::generation(Event::GenerationObserved(2))]
#[case::an_object_without_pods(Event::Applied { part: Part::Role })]
#[case::scaled(Event::Replicas(Replicas { wanted: 3, ready: 2 }))]
#[case::fewer_restarts_in_a_new_pod(Event::Restarts { count: 0, more: 0, cause: None })]
#[case::not_ready_as_asked(Event::NotReady(Blocker { reason: Reason::Stopped, standing: Standing::Stopped, sentence: String::new() }))]
fn steps_on_the_way_make_no_noise(#[case] event: Event) {
    assert_eq!(kube_event::fold(&event), None);
}

#[test]
fn every_reason_has_a_word_of_its_own_and_is_found_by_it() {
    let words: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(words.len(), Reason::ALL.len());
    assert!(
        Reason::ALL
            .iter()
            .all(|reason| Reason::parse(reason.as_str()) == Some(*reason))
    );
    assert_eq!(Reason::parse("nonsense"), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_warning_goes_unseen_and_every_note_fits(mut world in generate::world()) {
        for event in world.pass() {
            let shown = kube_event::fold(&event);
            prop_assert!(event.severity() == Severity::Normal || shown.is_some(), "{event:?}");
            prop_assert!(shown.is_none_or(|shown| shown.note.len() <= kube_event::MAX_NOTE));
        }
    }
}
