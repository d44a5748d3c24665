//! Every state has a sentence that people can act on, and is read back from the status.

mod world;

use std::collections::BTreeSet;

use hivewright_core::detail::Detail;
use hivewright_core::{
    Backend, Component, Egress, Enforcement, PodState, Policy, Proxy, Standing, Story,
};
use k8s_openapi::api::core::v1::Pod;
use rstest::rstest;
use serde_json::json;
use world::pods::{self, Container};
use world::{World, fetch, stored};

/// What to change, in words: a sentence about a failure has one of them.
const ADVICE: &[&str] = &[
    "correct",
    "make sure",
    "raise",
    "lower",
    "set",
    "create",
    "add",
    "bring",
    "see",
    "use",
    "start",
    "give",
];

fn ends_properly(sentence: &str) -> bool {
    sentence.ends_with('.') && !sentence.contains("..") && !sentence.contains(" .")
}

/// With words of others and without, each state reads as one sentence, and a failure says what to
/// change. `but`: reasons of which nobody can say more than that it is so.
fn every_state_is_a_sentence<C: Component>(but: &[&str]) {
    for detail in ["", "node-1", "its words"] {
        let mut seen = BTreeSet::new();
        for state in C::all(&Detail::new(detail), 3) {
            let (reason, sentence) = (state.reason().as_str(), state.sentence());
            assert!(seen.insert(reason), "{reason} is said of two states");
            assert!(
                ends_properly(&sentence) || sentence.ends_with(detail),
                "{reason}: {sentence}"
            );
            let advises = ADVICE.iter().any(|word| sentence.contains(word));
            let own_words = !detail.is_empty() && sentence == detail;
            assert!(
                state.standing() != Standing::Failed
                    || advises
                    || own_words
                    || but.contains(&reason),
                "{reason} says nothing to change: {sentence}"
            );
        }
    }
}

#[test]
fn every_state_of_every_component_has_a_sentence_of_its_own() {
    every_state_is_a_sentence::<Story>(&["ProcessExited"]);
    every_state_is_a_sentence::<Backend>(&["ProcessExited"]);
    every_state_is_a_sentence::<Proxy>(&["ProcessExited"]);
    every_state_is_a_sentence::<Policy>(&[]);
    every_state_is_a_sentence::<Egress>(&[]);
}

#[test]
fn every_state_is_read_back_from_the_status_that_shows_it() {
    fn holds<C: Component + PartialEq + std::fmt::Debug>() {
        for detail in ["", "words: of others"] {
            for state in C::all(&Detail::new(detail), 137) {
                assert_eq!(C::from_status(&state.status()), Some(state));
            }
        }
    }
    holds::<Story>();
    holds::<Proxy>();
    holds::<Policy>();
    holds::<Egress>();
    let named = Backend {
        story: Story::Pod(PodState::Starting),
        pod: Some("osv-1".to_owned()),
    };
    assert_eq!(Backend::from_status(&named.status()), Some(named));
}

/// A fetch server whose pod is this one.
fn backend(pod: Pod) -> (String, String) {
    let mut world = World::new(fetch());
    world.pass();
    world::api_server::scale(&mut world.objects, 1);
    world.server_pods = vec![pod];
    world.pass();
    let condition = world.condition("BackendReady");
    (condition.reason, condition.message)
}

fn answering() -> Pod {
    let gate = Some((true, "Initialized", ""));
    let runs = Container::Running { ready: true };
    let mut pod = pods::pod("mcp", &runs, 0, gate);
    let gate = hivewright_api::names::INITIALIZED_GATE;
    pod.spec = serde_json::from_value(json!({
        "containers": [], "nodeName": "node-1",
        "readinessGates": [{"conditionType": gate}],
    }))
    .expect("well-formed");
    let status = pod.status.as_mut();
    let conditions = status.and_then(|status| status.conditions.as_mut());
    conditions.expect("a gate")[0].last_transition_time = at("2026-01-01T00:00:20Z");
    pod
}

fn at(time: &str) -> Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time> {
    serde_json::from_value(json!(time)).expect("well-formed")
}

fn with(pod: Pod, kind: &str, status: &str, reason: Option<&str>, time: &str) -> Pod {
    let condition = json!({"type": kind, "status": status, "reason": reason,
        "message": "its words", "lastTransitionTime": time});
    pods::with_condition(pod, condition)
}

const BEFORE: &str = "2026-01-01T00:00:10Z";
/// By a clock that is ahead, or a kubelet that is behind.
const AT_ONCE: &str = "2026-01-01T00:00:22Z";
const AFTER: &str = "2026-01-01T00:01:30Z";

#[rstest]
#[case::about_to_be_ready("False", BEFORE, "Initialized")]
#[case::about_to_be_ready_by_another_clock("False", AT_ONCE, "Initialized")]
#[case::ready("True", AFTER, "Initialized")]
#[case::marked_by_another_than_its_kubelet("False", AFTER, "NodeLost")]
#[case::unknown("Unknown", AFTER, "NodeLost")]
fn a_pod_whose_node_is_lost_does_not_pass_for_one_that_answers(
    #[case] ready: &str,
    #[case] since: &str,
    #[case] reason: &str,
) {
    let pod = with(answering(), "ContainersReady", "True", None, BEFORE);
    let (found, sentence) = backend(with(pod, "Ready", ready, None, since));
    assert_eq!(found, reason);
    assert!(
        reason != "NodeLost"
            || sentence.starts_with("The node `node-1` of the server's pod does not answer; "),
        "{sentence}"
    );
}

#[rstest]
#[case::drained("EvictionByEvictionAPI", "Evicted")]
#[case::preempted("PreemptionByScheduler", "Evicted")]
#[case::tainted("DeletionByTaintManager", "NodeLost")]
fn a_pod_that_is_taken_away_says_by_whom(#[case] word: &str, #[case] reason: &str) {
    let pod = with(answering(), "DisruptionTarget", "True", Some(word), AFTER);
    assert_eq!(backend(pods::leaving(pod)).0, reason);
}

#[test]
fn an_init_container_that_fails_is_named() {
    let mut pod = pods::unsaid();
    let ended = json!({"terminated": {"exitCode": 2, "reason": "Error", "message": "no disk"}});
    pod.status.as_mut().unwrap().init_container_statuses = serde_json::from_value(json!([{
        "name": "setup", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
        "state": ended,
    }]))
    .unwrap();
    let (reason, sentence) = backend(pod);
    assert_eq!(reason, "ProcessExited");
    assert!(
        sentence.ends_with(": init container setup: no disk"),
        "{sentence}"
    );
}

const PROFILE: &str = "
apiVersion: toolhive.stacklok.dev/v1alpha1
kind: MCPServer
metadata: {name: s, namespace: ns}
spec:
  image: example.com/s:1
  permissionProfile: {type: builtin, name: none}
";

#[test]
fn rules_that_the_cluster_does_not_act_on_are_named() {
    let mut world = World::new(stored(PROFILE));
    world.around.enforcement = Enforcement::NotEnforced;
    world.pass();
    world.pass();
    let policy = world.condition("PolicyEnforced");
    assert_eq!(policy.reason, "PolicyNotEnforced");
    assert!(
        policy.message.ends_with(
            "without effect: the server reaches nothing; nobody but its proxy reaches the server."
        ),
        "{}",
        policy.message
    );
    world.around.enforcement = Enforcement::Unknown;
    assert_eq!(world.pass(), vec![], "a new controller does not forget");
    world.settings.enforcement = Enforcement::Enforced;
    world.pass();
    assert_eq!(
        world.condition("PolicyEnforced").status,
        "True",
        "what was said counts"
    );
}
