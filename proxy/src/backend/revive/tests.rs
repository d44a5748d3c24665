use proptest::prelude::*;

use super::*;
use crate::backend::pod::facts::Exit;

const NOW: Now = Duration::from_secs(1000);

fn process(pod: &str, container: &str) -> ProcessId {
    ProcessId {
        pod: Arc::from(pod),
        container: Arc::from(container),
    }
}

fn pod(uid: &str, container: Container, restarts: u32) -> PodFacts {
    PodFacts {
        ip: None,
        uid: Arc::from(uid),
        leaving: false,
        container,
        restarts,
        claimed: true,
        last_exit: None::<Exit>,
    }
}

fn running(uid: &str, container: &str, restarts: u32) -> PodView {
    PodView::Present(pod(
        uid,
        Container::Running(process(uid, container)),
        restarts,
    ))
}

fn down(uid: &str, restarts: u32) -> PodView {
    PodView::Present(pod(uid, Container::Down, restarts))
}

fn replaced(uid: &str, why: Why) -> Step {
    Step::Replace(Arc::from(uid), why)
}

/// A policy that has lost process `a/1` at [`NOW`].
fn after(ending: Ending, served: Option<Duration>) -> Revival {
    let mut revival = Revival::default();
    revival.ended(process("a", "1"), ending, served, (NOW, 0));
    revival
}

const SERVED: Option<Duration> = Some(Duration::from_secs(1));

#[test]
fn a_fresh_pod_is_attached_to() {
    let mut revival = Revival::default();
    assert_eq!(revival.step(&PodView::Unknown, NOW), Step::Wait(None));
    let fresh = PodFacts {
        claimed: false,
        ..pod("a", Container::Running(process("a", "1")), 0)
    };
    assert_eq!(
        revival.step(&PodView::Present(fresh), NOW),
        Step::Attach(process("a", "1"))
    );
}

#[test]
fn a_process_that_an_earlier_proxy_claimed_is_replaced_once() {
    let mut revival = Revival::default();
    let old = running("a", "1", 0);
    assert_eq!(revival.step(&old, NOW), replaced("a", Why::ClaimedBefore));
    assert_eq!(
        revival.step(&old, NOW),
        Step::Wait(None),
        "the deletion is under way"
    );
    revival.not_replaced();
    assert_eq!(
        revival.step(&old, NOW),
        replaced("a", Why::ClaimedBefore),
        "it had failed"
    );
}

#[test]
fn a_claimed_pod_whose_container_was_seen_down_gives_a_fresh_process() {
    let mut revival = Revival::default();
    assert_eq!(revival.step(&down("a", 1), NOW), Step::Wait(None));
    assert_eq!(
        revival.step(&running("a", "2", 2), NOW),
        Step::Attach(process("a", "2"))
    );
}

#[test]
fn the_first_exit_is_left_to_the_kubelet_which_restarts_at_once() {
    let mut revival = after(Ending::Exited, SERVED);
    assert_eq!(
        revival.step(&running("a", "1", 0), NOW),
        Step::Wait(Some(NOW + EXIT_CONFIRM))
    );
    assert_eq!(revival.step(&down("a", 0), NOW), Step::Wait(None));
    assert_eq!(
        revival.step(&running("a", "2", 1), NOW),
        Step::Attach(process("a", "2"))
    );
}

#[test]
fn a_later_exit_replaces_the_pod_before_the_kubelet_has_even_noticed() {
    let mut revival = after(Ending::Exited, SERVED);
    assert_eq!(
        revival.step(&running("a", "1", 1), NOW),
        replaced("a", Why::Exited)
    );
    assert_eq!(revival.step(&down("a", 1), NOW), Step::Wait(None));
    assert_eq!(revival.step(&PodView::Absent, NOW), Step::Wait(None));
    assert_eq!(
        revival.step(&running("b", "1", 0), NOW),
        Step::Attach(process("b", "1"))
    );
}

#[test]
fn a_crash_loop_uses_up_the_budget_and_is_then_the_kubelets() {
    let mut revival = Revival::default();
    for _ in 0..QUICK_REVIVALS {
        revival.ended(process("a", "1"), Ending::Exited, SERVED, (NOW, 0));
        assert_eq!(revival.step(&down("a", 1), NOW), replaced("a", Why::Exited));
        revival.not_replaced();
    }
    revival.ended(process("a", "1"), Ending::Exited, SERVED, (NOW, 0));
    let backing_off = PodView::Present(pod("a", Container::BackingOff, 2));
    let later = NOW + REVIVAL_REFILL;
    assert_eq!(revival.step(&backing_off, NOW), Step::Wait(Some(later)));
    assert_eq!(
        revival.step(&backing_off, later),
        replaced("a", Why::Exited)
    );
}

#[test]
fn a_process_that_never_answered_initialize_is_left_in_crash_loop_back_off() {
    let mut revival = after(Ending::Exited, None);
    let backing_off = PodView::Present(pod("a", Container::BackingOff, 4));
    assert_eq!(revival.step(&down("a", 4), NOW), Step::Wait(None));
    assert_eq!(revival.step(&backing_off, 100 * NOW), Step::Wait(None));
}

#[test]
fn a_process_that_closed_its_stdio_and_lingers_is_replaced_after_a_while() {
    let mut revival = after(Ending::Exited, SERVED);
    let lingering = running("a", "1", 0);
    let due = NOW + EXIT_CONFIRM;
    assert_eq!(revival.step(&lingering, NOW), Step::Wait(Some(due)));
    assert_eq!(
        revival.step(&lingering, due),
        replaced("a", Why::StdioClosed)
    );
}

#[test]
fn a_lost_attach_replaces_a_served_process_at_once() {
    let mut revival = after(Ending::AttachLost, SERVED);
    assert_eq!(
        revival.step(&running("a", "1", 0), NOW),
        replaced("a", Why::AttachLost)
    );
}

#[test]
fn lost_attaches_past_the_budget_wait_for_the_next_token() {
    let mut revival = Revival::default();
    for _ in 0..QUICK_REVIVALS {
        revival.ended(process("a", "1"), Ending::AttachLost, SERVED, (NOW, 0));
        assert_eq!(
            revival.step(&running("a", "1", 0), NOW),
            replaced("a", Why::AttachLost)
        );
        revival.not_replaced();
    }
    revival.ended(process("a", "1"), Ending::AttachLost, SERVED, (NOW, 0));
    assert_eq!(
        revival.step(&running("a", "1", 0), NOW),
        Step::Wait(Some(NOW + REVIVAL_REFILL))
    );
}

#[test]
fn an_unusable_process_is_replaced_later_each_time_until_one_served_soundly() {
    let mut revival = Revival::default();
    let view = running("a", "1", 0);
    let mut wait_after = |served| {
        revival.not_replaced();
        revival.ended(process("a", "1"), Ending::Unusable, served, (NOW, u64::MAX));
        match revival.step(&view, NOW) {
            Step::Wait(Some(due)) => {
                assert_eq!(revival.step(&view, due), replaced("a", Why::Unusable));
                (due.saturating_sub(NOW) + Duration::from_nanos(1)).as_secs()
            }
            other => panic!("{other:?}"),
        }
    };
    let waits: Vec<u64> = (0..7).map(|_| wait_after(None)).collect();
    assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(wait_after(Some(SOUND_AFTER)), 2);
}

#[test]
fn a_pod_that_is_leaving_is_left_alone() {
    let mut revival = after(Ending::AttachLost, SERVED);
    let leaving = PodFacts {
        leaving: true,
        ..pod("a", Container::Running(process("a", "1")), 3)
    };
    assert_eq!(
        revival.step(&PodView::Present(leaving), NOW),
        Step::Wait(None)
    );
}

fn any_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Exited),
        Just(Ending::AttachLost),
        Just(Ending::Unusable)
    ]
}

fn any_view() -> impl Strategy<Value = PodView> {
    let container = |uid: &'static str| {
        prop_oneof![
            Just(Container::Down),
            Just(Container::BackingOff),
            (1..4_u8).prop_map(move |id| Container::Running(process(uid, &id.to_string()))),
        ]
    };
    let present = prop_oneof![Just("a"), Just("b")].prop_flat_map(move |uid| {
        (container(uid), 0..3_u32, any::<bool>(), any::<bool>()).prop_map(
            move |(container, restarts, leaving, claimed)| {
                let facts = pod(uid, container, restarts);
                PodView::Present(PodFacts {
                    leaving,
                    claimed,
                    ..facts
                })
            },
        )
    });
    prop_oneof![Just(PodView::Unknown), Just(PodView::Absent), present]
}

proptest! {
    /// The law behind the policy: one `initialize` per process.
    #[test]
    fn no_process_is_attached_to_after_it_was_lost(
        endings in prop::collection::vec((any_ending(), any::<bool>()), 1..5),
        views in prop::collection::vec((any_view(), 0..200_u64), 1..40),
    ) {
        let mut revival = Revival::default();
        let lost = process("a", "1");
        let mut now = NOW;
        for (ending, served) in endings {
            let served = served.then_some(Duration::from_secs(5));
            revival.ended(lost.clone(), ending, served, (now, 7));
            for (view, seconds) in &views {
                now += Duration::from_secs(*seconds);
                prop_assert_ne!(revival.step(view, now), Step::Attach(lost.clone()));
            }
        }
    }

    /// A pod that is on its way out is never asked to leave again.
    #[test]
    fn a_leaving_pod_is_never_replaced(
        ending in any_ending(),
        views in prop::collection::vec(any_view(), 1..40),
    ) {
        let mut revival = after(ending, SERVED);
        for view in views {
            let step = revival.step(&view, NOW);
            if let (PodView::Present(PodFacts { leaving: true, .. }), Step::Replace(..)) = (&view, &step) {
                prop_assert!(false, "{step:?}");
            }
        }
    }
}

#[test]
fn the_pod_of_a_session_that_ended_is_replaced_at_once_whatever_its_container_does() {
    for view in [running("a", "1", 0), running("a", "2", 1), down("a", 0)] {
        let mut revival = after(Ending::Renewed, SERVED);
        assert_eq!(revival.step(&view, NOW), replaced("a", Why::SessionEnded));
        assert_eq!(revival.step(&view, NOW), Step::Wait(None), "once");
        let fresh = running("b", "1", 0);
        assert_eq!(revival.step(&fresh, NOW), Step::Attach(process("b", "1")));
    }
}

#[test]
fn sessions_that_end_one_after_another_use_up_no_budget() {
    let mut revival = Revival::default();
    for number in 0..100 {
        let (uid, now) = (format!("p{number}"), NOW);
        revival.ended(process(&uid, "1"), Ending::Renewed, SERVED, (now, 0));
        let view = running(&uid, "1", 0);
        assert_eq!(revival.step(&view, now), replaced(&uid, Why::SessionEnded));
    }
}
