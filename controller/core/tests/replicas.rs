//! Several pods of one server, none at all, and pods that nobody makes.

mod world;

use hivewright_core::{Event, Replicas};
use k8s_openapi::api::core::v1::Pod;
use world::pods::{self, Container};
use world::{World, fetch};

const RUNS: Container = Container::Running { ready: true };

fn answering(name: &str) -> Pod {
    let pod = pods::pod("mcp", &RUNS, 1, Some((true, "Initialized", "")));
    pods::named(name, pod)
}

fn unpulled(name: &str) -> Pod {
    let waiting = Container::Waiting {
        reason: "ErrImagePull".to_owned(),
        message: "not found".to_owned(),
        last_exit: None,
    };
    pods::named(name, pods::pod("mcp", &waiting, 2, None))
}

/// A server scaled to so many pods, with a proxy that is ready.
fn scaled(replicas: i32, server_pods: Vec<Pod>) -> World {
    let mut world = World::new(fetch());
    world.pass();
    world::api_server::scale(&mut world.objects, replicas);
    world.proxy_pod = Some(pods::pod("proxy", &RUNS, 0, None));
    world.server_pods = server_pods;
    world.pass();
    world
}

fn backend(world: &World) -> (String, String, String) {
    let condition = world.condition("BackendReady");
    (condition.status, condition.reason, condition.message)
}

fn of(status: &str, reason: &str, message: &str) -> (String, String, String) {
    (status.to_owned(), reason.to_owned(), message.to_owned())
}

#[test]
fn two_of_three_answer_clients_and_the_third_is_named() {
    let pods = vec![
        answering("fetch-0"),
        unpulled("fetch-1"),
        answering("fetch-2"),
    ];
    let world = scaled(3, pods);
    let why = "Pod fetch-1: The image cannot be pulled; correct spec.image, or make it pullable by imagePullSecrets in spec.podTemplateSpec: not found";
    let message = format!("2 of 3 pods have answered `initialize`. {why}");
    assert_eq!(backend(&world), of("True", "PartlyReady", &message));
    let status = world.status();
    assert_eq!(status.phase.as_deref(), Some("Ready"));
    assert_eq!(
        status.message,
        Some(format!("MCP clients are answered by 2 of 3 pods. {why}"))
    );
    assert_eq!(status.ready.as_deref(), Some("2/3"));
    assert_eq!((status.replicas, status.ready_replicas), (Some(3), Some(2)));
    assert_eq!(status.restarts, Some(4), "of all pods");
    assert_eq!(status.backend.unwrap().pod.as_deref(), Some("fetch-1"));
}

#[test]
fn all_that_answer_are_counted_and_none_is_named() {
    let world = scaled(2, vec![answering("fetch-0"), answering("fetch-1")]);
    let message = "All 2 pods have answered `initialize`.";
    assert_eq!(backend(&world), of("True", "Initialized", message));
    assert_eq!(
        world.status().message.as_deref(),
        Some("MCP clients are answered.")
    );
    assert_eq!(world.status().backend.unwrap().pod, None);
}

#[test]
fn the_pod_that_failed_comes_before_those_on_their_way_and_the_lower_ordinal_first() {
    let starting = pods::named("fetch-0", pods::pod("mcp", &RUNS, 0, None));
    let world = scaled(
        12,
        vec![unpulled("fetch-10"), starting, unpulled("fetch-2")],
    );
    let status = world.status().backend.unwrap();
    assert_eq!(status.pod.as_deref(), Some("fetch-2"));
    assert_eq!(status.state, "ImagePullFailed");
}

#[test]
fn a_pod_beyond_those_wanted_is_not_counted() {
    let leaving = pods::leaving(answering("fetch-1"));
    let world = scaled(1, vec![leaving, answering("fetch-0")]);
    assert_eq!(world.status().ready.as_deref(), Some("1/1"));
    assert_eq!(world.status().restarts, Some(1));
    assert_eq!(world.condition("BackendReady").reason, "Initialized");
}

#[test]
fn a_new_number_of_pods_is_told_without_a_word_to_people() {
    let mut world = scaled(1, vec![answering("fetch-0")]);
    world::api_server::scale(&mut world.objects, 2);
    world.server_pods.push(answering("fetch-1"));
    let counted = Replicas {
        wanted: 2,
        ready: 2,
    };
    let told = world.pass();
    assert!(told.contains(&Event::Replicas(counted)), "{told:?}");
    let shown = told.iter().filter_map(hivewright_core::kube_event::fold);
    let shown: Vec<_> = shown
        .filter(|event| event.reason.as_str() != "Restarted")
        .collect();
    assert_eq!(shown, vec![]);
}

#[test]
fn a_pod_that_the_api_server_refuses_is_named_with_the_cause_alone() {
    let mut world = scaled(1, vec![]);
    world.around.refused_pod = Some(
        "create Pod fetch-0 in StatefulSet fetch failed error: pods \"fetch-0\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1".to_owned(),
    );
    world.pass();
    let sentence = "The API server refuses the server's pod; raise the quota, or correct spec.podTemplateSpec so that it keeps to the rules of the namespace: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1";
    assert_eq!(backend(&world), of("False", "PodRefused", sentence));
    assert_eq!(world.status().phase.as_deref(), Some("Failed"));

    world.server_pods = vec![answering("fetch-0")];
    world.pass();
    assert_eq!(
        world.condition("BackendReady").status,
        "True",
        "over when the pod exists, whatever the old event says"
    );
}

#[test]
fn a_proxy_that_the_api_server_refuses_reads_the_same_at_each_attempt() {
    let mut world = scaled(1, vec![]);
    world.proxy_pod = None;
    let mut refuse = |name: &str| {
        let deployment = world.objects.get_mut(&hivewright_core::Part::Deployment);
        deployment.unwrap()["status"] = serde_json::json!({"conditions": [{
            "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
            "message": format!("pods \"fetch-proxy-7d9-{name}\" is forbidden: violates PodSecurity \"restricted:latest\""),
        }]});
        world.pass()
    };
    assert_ne!(refuse("aaaaa"), vec![]);
    assert_eq!(refuse("bbbbb"), vec![]);
    let proxy = world.condition("ProxyReady");
    assert_eq!(proxy.reason, "PodRefused");
    assert!(
        proxy
            .message
            .ends_with("namespace: violates PodSecurity \"restricted:latest\""),
        "{}",
        proxy.message
    );
}

#[test]
fn a_server_that_the_spec_stops_is_stopped_and_not_broken() {
    for field in ["replicas", "backendReplicas"] {
        let mut world = scaled(1, vec![answering("fetch-0")]);
        let mut spec = serde_json::to_value(&world.server.spec).unwrap();
        spec[field] = serde_json::json!(0);
        world.server.spec = serde_json::from_value(spec).unwrap();
        world.server.metadata.generation = Some(2);
        if field == "replicas" {
            world.proxy_pod = None;
        }
        world.server_pods.clear();
        world::api_server::scale(&mut world.objects, 0);
        world.pass();
        world.pass();
        let status = world.status();
        assert_eq!(status.phase.as_deref(), Some("Stopped"), "{field}");
        assert_eq!(world.condition("BackendReady").reason, "Stopped");
        let ready = world.condition("Ready");
        assert_eq!(
            (ready.status.as_str(), ready.reason.as_str()),
            ("False", "Stopped")
        );
        assert_eq!(status.last_failure, None, "{field}: nothing failed");
    }
}

#[test]
fn a_restart_that_nobody_saw_end_is_remembered_with_its_cause() {
    let mut world = scaled(1, vec![answering("fetch-0")]);
    let again = Container::Again {
        code: 137,
        reason: "OOMKilled".to_owned(),
        message: String::new(),
    };
    let pod = pods::pod("mcp", &again, 2, Some((true, "Initialized", "")));
    world.server_pods = vec![pods::named("fetch-0", pods::limited(pod, "64Mi"))];
    let told: Vec<String> = world.pass().iter().map(Event::note).collect();
    let sentence = "The server was killed because it used more memory than its limit of 64Mi; raise resources.limits.memory of the container `mcp` in spec.podTemplateSpec.";
    assert_eq!(
        told,
        [format!(
            "The server's container was restarted, 2 times in its present pods. {sentence}"
        )]
    );
    let failure = world.status().last_failure.unwrap();
    assert_eq!(
        (failure.reason.as_str(), failure.exit_code),
        ("OutOfMemory", Some(137))
    );
    assert_eq!(world.status().last_restart.unwrap().state, "OutOfMemory");
    assert_eq!(world.status().phase.as_deref(), Some("Ready"));
}

/// A pool of so many pods, scaled by its proxy.
fn pooled(replicas: i32, server_pods: Vec<Pod>) -> World {
    let mut world = World::new(fetch());
    world.server.spec.isolation = Some("perSession".to_owned());
    world.pass();
    world::api_server::scale(&mut world.objects, replicas);
    world.proxy_pod = Some(pods::pod("proxy", &RUNS, 0, None));
    world.server_pods = server_pods;
    world.pass();
    world
}

#[test]
fn a_pod_of_a_pool_that_is_made_anew_is_counted_and_no_trouble_while_others_answer() {
    let starting = pods::named("fetch-0", pods::pod("mcp", &RUNS, 0, None));
    let world = pooled(2, vec![starting.clone(), answering("fetch-1")]);
    let message = "1 of 2 pods have answered `initialize`, the others are on their way.";
    assert_eq!(backend(&world), of("True", "Initialized", message));
    let status = world.status();
    assert_eq!(status.ready.as_deref(), Some("1/2"));
    assert_eq!(status.phase.as_deref(), Some("Ready"));
    assert_eq!(status.message.as_deref(), Some("MCP clients are answered."));

    let world = pooled(1, vec![starting]);
    assert_eq!(backend(&world).1, "Handshaking", "nobody is answered");
}

#[test]
fn a_pod_of_a_pool_that_fails_is_named_though_others_answer() {
    let world = pooled(2, vec![answering("fetch-0"), unpulled("fetch-1")]);
    assert_eq!(world.condition("BackendReady").reason, "PartlyReady");
    assert_eq!(
        world.status().backend.unwrap().pod.as_deref(),
        Some("fetch-1")
    );
}
