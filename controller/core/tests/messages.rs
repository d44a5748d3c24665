//! What people read about a server that does not come up, and that it heals by itself.

mod world;

use hivewright_core::{Component, Enforcement, Event, Severity, kube_event};
use rstest::rstest;
use world::pods::{self, Container};
use world::{World, fetch};

/// A fetch server whose objects are all in place and whose proxy is ready.
fn running(server_pod: k8s_openapi::api::core::v1::Pod) -> World {
    let mut world = World::new(fetch());
    world.settings.enforcement = Enforcement::Enforced;
    world.pass();
    world::api_server::scale(&mut world.objects, 1);
    world.proxy_pod = Some(pods::pod(
        "proxy",
        &Container::Running { ready: true },
        0,
        None,
    ));
    world.server_pods = vec![server_pod];
    world.pass();
    world
}

/// A pod whose server answers.
fn answering() -> k8s_openapi::api::core::v1::Pod {
    pods::pod("mcp", &RUNS, 0, Some((true, "Initialized", "")))
}

fn waiting(reason: &str, message: &str, last_exit: Option<i32>) -> Container {
    Container::Waiting {
        reason: reason.to_owned(),
        message: message.to_owned(),
        last_exit,
    }
}

const RUNS: Container = Container::Running { ready: true };
const SPEAKS: &str = "make sure that spec.image with spec.args starts an MCP server that speaks over stdin and stdout.";

#[rstest]
#[case::image_pull(
    pods::pod("mcp", &waiting("ErrImagePull", "rpc error: not found", None), 0, None),
    "ImagePullFailed", "Failed", None,
    "The image cannot be pulled; correct spec.image, or make it pullable by imagePullSecrets in spec.podTemplateSpec: rpc error: not found")]
#[case::image_pull_once_more(
    pods::pod("mcp", &waiting("ImagePullBackOff", "Back-off pulling image \"x\": ErrImagePull: rpc error: not found", None), 0, None),
    "ImagePullFailed", "Failed", None,
    "The image cannot be pulled; correct spec.image, or make it pullable by imagePullSecrets in spec.podTemplateSpec: rpc error: not found")]
#[case::exits_at_once(
    pods::pod("mcp", &Container::Ended { code: 2, reason: "Error".to_owned(), message: "usage:\n  server".to_owned() }, 0, None),
    "ProcessExited", "Failed", Some(2),
    "The server's process ended with exit code 2 and is started again: usage: server")]
#[case::exits_again_and_again(
    pods::pod("mcp", &waiting("CrashLoopBackOff", "back-off 10s", Some(7)), 3, None),
    "CrashLoopBackOff", "Failed", Some(7),
    "The server's process ends again and again, with exit code 7; an MCP server keeps running while it is connected: correct spec.image, spec.args or spec.env: boom")]
#[case::killed_for_memory(
    pods::limited(pods::pod("mcp", &Container::Ended { code: 137, reason: "OOMKilled".to_owned(), message: String::new() }, 0, None), "64Mi"),
    "OutOfMemory", "Failed", Some(137),
    "The server was killed because it used more memory than its limit of 64Mi; raise resources.limits.memory of the container `mcp` in spec.podTemplateSpec.")]
#[case::killed_for_memory_again_and_again(
    pods::limited(pods::pod("mcp", &Container::KilledAgain, 3, None), "64Mi"),
    "OutOfMemory", "Failed", Some(137),
    "The server was killed because it used more memory than its limit of 64Mi; raise resources.limits.memory of the container `mcp` in spec.podTemplateSpec.")]
#[case::killed_without_a_limit(
    pods::pod("mcp", &Container::KilledAgain, 3, None),
    "OutOfMemory", "Failed", Some(137),
    "The server was killed because its node ran out of memory; set resources.requests.memory of the container `mcp` in spec.podTemplateSpec, so that a node with room is chosen.")]
#[case::evicted(
    pods::failed("Evicted", "The node was low on resource: memory."),
    "Evicted",
    "Pending",
    None,
    "The node put the server's pod out and it is made again; if this repeats, give the container `mcp` requests in spec.podTemplateSpec that match what it uses: Evicted: The node was low on resource: memory."
)]
#[case::node_lost(
    pods::with_condition(pods::pod("mcp", &RUNS, 0, Some((true, "Initialized", ""))), serde_json::json!({"type": "Ready", "status": "Unknown"})),
    "NodeLost", "Failed", None,
    "The node of the server's pod does not answer; bring it back, or delete the Node so that the pod is made on another.")]
#[case::prints_garbage(
    pods::pod("mcp", &RUNS, 0, Some((false, "NotMcp", ""))),
    "NotMcp", "Failed", None,
    &format!("What the server prints is not MCP; {SPEAKS}"))]
#[case::never_answers(
    pods::pod("mcp", &RUNS, 0, Some((false, "HandshakeTimeout", ""))),
    "HandshakeTimeout", "Failed", None,
    "The server runs and did not answer `initialize` in time; make sure that spec.image with spec.args starts an MCP server of the transport that spec.transport names.")]
#[case::the_proxy_knows_more(
    pods::pod("mcp", &RUNS, 0, Some((false, "NotMcp", "The server printed `hello`; start one that speaks MCP."))),
    "NotMcp", "Failed", None,
    "The server printed `hello`; start one that speaks MCP.")]
#[case::unschedulable(
    pods::unschedulable("0/1 nodes are available: 1 Insufficient cpu."),
    "Unschedulable",
    "Pending",
    None,
    "No node takes the server's pod; lower the requests in spec.podTemplateSpec, correct its nodeSelector, affinity or tolerations, or add a node: 0/1 nodes are available: 1 Insufficient cpu."
)]
#[case::secret_missing(
    pods::pod("mcp", &waiting("CreateContainerConfigError", "secret \"s\" not found", None), 0, None),
    "SecretNotFound", "Failed", None,
    "There is no Secret `s` in the namespace `toolhive-system`; create it, or correct the name in the spec.")]
#[case::secret_key_missing(
    pods::pod("mcp", &waiting("CreateContainerConfigError", "couldn't find key token in Secret toolhive-system/s", None), 0, None),
    "SecretKeyNotFound", "Failed", None,
    "In the namespace `toolhive-system`, Secret `s` has no key `token`; add what is missing, or correct the key in the spec.")]
#[case::config_map_missing(
    pods::pod("mcp", &waiting("CreateContainerConfigError", "configmap \"c\" not found", None), 0, None),
    "ContainerConfigError", "Failed", None,
    "The server's container cannot be made; correct what spec.podTemplateSpec refers to: configmap \"c\" not found")]
fn trouble_shows_as_the_truth_with_what_to_change_and_heals(
    #[case] pod: k8s_openapi::api::core::v1::Pod,
    #[case] reason: &str,
    #[case] phase: &str,
    #[case] exit_code: Option<i32>,
    #[case] sentence: &str,
) {
    let mut world = running(pod);
    let (backend, status) = (world.condition("BackendReady"), world.status());
    assert_eq!(
        (backend.status.as_str(), backend.reason.as_str()),
        ("False", reason)
    );
    assert_eq!(backend.message, sentence);
    assert_eq!(status.phase.as_deref(), Some(phase));
    assert_eq!(
        status.message.as_deref(),
        Some(sentence),
        "the root of the trouble comes first"
    );
    let failure = status.last_failure.expect("trouble is remembered");
    assert_eq!(
        (failure.reason.as_str(), failure.exit_code),
        (reason, exit_code)
    );

    world.server_pods = vec![answering()];
    let events = world.pass();
    assert_eq!(world.status().phase.as_deref(), Some("Ready"));
    assert!(events.contains(&Event::Ready));
    assert_eq!(
        world.status().last_failure.unwrap().reason,
        reason,
        "what went wrong stays readable"
    );
}

#[test]
fn one_cause_of_a_failed_pull_is_told_once_however_the_kubelet_words_it() {
    let first = pods::pod("mcp", &waiting("ErrImagePull", "not found", None), 0, None);
    let mut world = running(first);
    let retry = waiting(
        "ImagePullBackOff",
        "Back-off pulling image \"x\": ErrImagePull: not found",
        None,
    );
    world.server_pods = vec![pods::pod("mcp", &retry, 0, None)];
    assert_eq!(world.pass(), vec![]);
}

#[test]
fn a_proxy_that_makes_room_for_the_next_one_is_no_trouble_of_the_server() {
    let draining = Some((false, "Draining", "The proxy is shutting down."));
    let world = running(pods::pod("mcp", &RUNS, 0, draining));
    assert_eq!(world.condition("BackendReady").reason, "Handshaking");
    assert_eq!(world.status().last_failure, None);
}

#[test]
fn conditions_keep_their_transition_time_until_their_status_changes() {
    let mut world = running(pods::pod(
        "mcp",
        &waiting("ErrImagePull", "a", None),
        0,
        None,
    ));
    let since = world.condition("BackendReady").last_transition_time;

    world.now = jiff::Timestamp::from_second(60).unwrap();
    world.server_pods = vec![pods::pod(
        "mcp",
        &waiting("ErrImagePull", "b", None),
        0,
        None,
    )];
    world.pass();
    assert_eq!(
        world.condition("BackendReady").last_transition_time,
        since,
        "still False"
    );

    world.server_pods = vec![answering()];
    world.pass();
    assert_eq!(
        world.condition("BackendReady").last_transition_time.0,
        world.now
    );
}

#[test]
fn restarts_are_counted_by_how_many_there_were() {
    let mut world = running(pods::pod("mcp", &RUNS, 1, Some((true, "Initialized", ""))));
    world.server_pods = vec![pods::pod("mcp", &RUNS, 3, Some((true, "Initialized", "")))];
    let told = Event::Restarts {
        count: 3,
        more: 2,
        cause: None,
    };
    assert_eq!(world.pass(), vec![told]);
    assert_eq!(world.status().restarts, Some(3));
}

#[test]
fn a_profile_that_the_cluster_does_not_enforce_is_never_silently_accepted() {
    let mut world = running(pods::unsaid());
    assert_eq!(world.condition("PolicyEnforced").status, "True");
    world.settings.enforcement = Enforcement::NotEnforced;
    world.pass();
    let policy = world.condition("PolicyEnforced");
    assert_eq!(
        (policy.status.as_str(), policy.reason.as_str()),
        ("False", "PolicyNotEnforced")
    );
    world.settings.enforcement = Enforcement::Unknown;
    world.pass();
    assert_eq!(
        world.condition("PolicyEnforced").status,
        "False",
        "what was found out stands until something else is"
    );
    world.around.enforcement = Enforcement::Enforced;
    world.pass();
    assert_eq!(world.condition("PolicyEnforced").status, "True");
}

#[test]
fn what_the_api_server_refuses_shows_once_and_goes_when_it_is_written() {
    let mut world = World::new(fetch());
    let write = world.plan().remove(0);
    let told = Event::written(&write, Err("quota exceeded"), &world.failures);
    let told = told.expect("a new refusal is told");
    assert_eq!(told.severity(), Severity::Warning);
    assert!(told.note().contains("quota exceeded"), "{}", told.note());

    world
        .failures
        .insert(write.part(), "quota exceeded".to_owned());
    let again = Event::written(&write, Err("quota exceeded"), &world.failures);
    assert_eq!(again, None, "a known refusal is not told again");
    assert_eq!(world.state().phase().as_str(), "Failed");
    world.pass();
    assert_ne!(world.state().phase().as_str(), "Failed");
}

#[test]
fn every_warning_becomes_a_kubernetes_event_within_the_bound_of_the_api_server() {
    let long = "x".repeat(5000);
    let world = running(pods::pod(
        "mcp",
        &waiting("ErrImagePull", &long, None),
        0,
        None,
    ));
    let event = Event::Backend(world.state().backend);
    let told = kube_event::fold(&event).expect("warnings are shown");
    assert_eq!(told.severity, Severity::Warning);
    assert_eq!(told.reason, world.state().backend.reason());
    assert!(told.note.len() <= kube_event::MAX_NOTE);
}
