//! Several pods behind the doors.

use hivewright_proxy::{
    fleet::{CHOICE_WAIT, Ordinal},
    http::ANSWER_WAIT,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    modern,
    support::{
        Event, Events, World, bare, call, echoed, initialize, json_of, post, request, server,
    },
};

/// Doors in front of so many pods, each with its scripted server.
async fn pods(count: usize) -> World {
    let world = World::of_pods(count);
    for pod in Ordinal::below(count) {
        let bridge = world.fleet.bridge(pod);
        server::start(bridge);
        while bridge.status().borrow().label() != "initialized" {
            tokio::task::yield_now().await;
        }
    }
    world
}

fn sessions(world: &World) -> Vec<usize> {
    let pods = world.fleet.gauges().pods;
    pods.iter().map(|pod| pod.sessions).collect()
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_pod_fails_only_the_calls_of_its_own_sessions() {
    let world = pods(2).await;
    let (first, second) = (world.session().await, world.session().await);
    assert_eq!(sessions(&world), [1, 1]);
    let start = Instant::now();
    let never = || call(json!(1), "never", &json!({}));
    let kept = tokio::spawn(tower::ServiceExt::oneshot(
        world.router.clone(),
        post(Some(&second), never()),
    ));
    let (hanging, dying) = tokio::join!(
        world.ask(post(Some(&first), never())),
        world.ask(post(Some(&first), call(json!(2), "die", &json!({})))),
    );
    assert_eq!(start.elapsed().as_millis(), 0);
    for (_, answer) in [hanging, dying] {
        assert_eq!(
            answer["error"]["data"]["reason"], "process_exited",
            "{answer}"
        );
    }
    assert!(!kept.is_finished(), "the other pod's call goes on");

    let arguments = json!({"a": 1});
    let body = call(json!(3), "echo", &arguments);
    let (_, answer) = world.ask(post(Some(&second), body)).await;
    assert_eq!(answer, echoed(&json!(3), &arguments));
    server::start(&world.bridge);
    let body = call(json!(4), "echo", &arguments);
    let (_, answer) = world.ask(post(Some(&first), body)).await;
    assert_eq!(answer, echoed(&json!(4), &arguments), "its session goes on");
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_taken_away_tells_its_clients_to_begin_anew() {
    let world = pods(2).await;
    let (first, second) = (world.session().await, world.session().await);
    let mut listening = Events::of(world.send(bare("GET", "/mcp", Some(&second))).await);
    let pending = tokio::spawn(tower::ServiceExt::oneshot(
        world.router.clone(),
        post(Some(&second), call(json!(1), "never", &json!({}))),
    ));
    while world.fleet.gauges().sum.hub.pending == 0 {
        tokio::task::yield_now().await;
    }
    world.fleet.resize(1);
    let lost = json_of(pending.await.expect("no panic").expect("an answer")).await;
    assert_eq!(lost["error"]["data"]["reason"], "scaled_down", "{lost}");
    assert_eq!(listening.message().await, None, "the stream ends");

    let ping = |id: i32| call(json!(id), "echo", &json!({}));
    let (status, answer) = world.ask(post(Some(&second), ping(2))).await;
    assert_eq!(status, 404, "{answer}");
    assert_eq!(world.ask(post(Some(&first), ping(3))).await.0, 200);
    let again = world.session().await;
    assert_eq!(world.ask(post(Some(&again), ping(4))).await.0, 200);
    assert_eq!(sessions(&world), [2]);
}

#[tokio::test(start_paused = true)]
async fn sessions_of_the_sse_door_stay_with_their_pod_too() {
    let world = pods(2).await;
    let taken = world.session().await;
    let mut stream = Events::of(world.send(bare("GET", "/sse", None)).await);
    let Some(Event::Endpoint(uri)) = stream.next().await else {
        panic!("the endpoint comes first")
    };
    assert_eq!(sessions(&world), [1, 1], "{taken} is on the first pod");
    let say = |body: String| {
        let request = request("POST", &uri).header("content-type", "application/json");
        request.body(body.into()).expect("a request")
    };
    assert_eq!(world.send(say(initialize())).await.status(), 202);
    let answer = stream.message().await.expect("an answer");
    assert_eq!(
        answer["result"]["serverInfo"]["name"], "scripted",
        "{answer}"
    );
    world
        .bridge
        .server_down(hivewright_bridge::io::Loss::ProcessExited);
    let body = call(json!(5), "echo", &json!({}));
    assert_eq!(world.send(say(body)).await.status(), 202);
    assert_eq!(stream.message().await, Some(echoed(&json!(5), &json!({}))));
}

#[tokio::test(start_paused = true)]
async fn a_session_of_the_sse_door_waits_a_little_for_a_pod_to_choose() {
    let world = World::of_pods(2);
    let start = Instant::now();
    let up = async {
        sleep(CHOICE_WAIT / 2).await;
        server::start(world.fleet.bridge(Ordinal::below(2).last().expect("two")));
    };
    let (response, ()) = tokio::join!(world.send(bare("GET", "/sse", None)), up);
    let mut stream = Events::of(response);
    let endpoint = stream.next().await;
    let Some(Event::Endpoint(uri)) = endpoint else {
        panic!("{endpoint:?}")
    };
    assert!(uri.ends_with('1'), "the pod that is up: {uri}");
    assert_eq!(start.elapsed(), CHOICE_WAIT / 2);

    let nobody = World::of_pods(2);
    let response = nobody.send(bare("GET", "/sse", None)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(start.elapsed(), CHOICE_WAIT * 3 / 2, "and no longer");
    let alone = World::of_pods(1);
    let response = alone.send(bare("GET", "/sse", None)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(start.elapsed(), CHOICE_WAIT * 3 / 2, "nothing to choose");
}

#[tokio::test(start_paused = true)]
async fn a_waiting_initialize_is_answered_by_the_pod_that_is_up_first() {
    let world = World::of_pods(2);
    let waiting = tokio::spawn(tower::ServiceExt::oneshot(
        world.router.clone(),
        post(None, initialize()),
    ));
    while world.fleet.gauges().sum.hub.held == 0 {
        tokio::task::yield_now().await;
    }
    server::start(world.fleet.bridge(Ordinal::below(2).last().expect("two")));
    let answer = waiting.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 200);
    let session = answer.headers()["mcp-session-id"].to_str().expect("ASCII");
    assert!(session.ends_with('1'), "{session}");
    assert_eq!(sessions(&world), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_request_without_session_is_answered_by_the_pod_that_is_up_first() {
    let world = World::of_pods(2);
    let waiting = tokio::spawn(tower::ServiceExt::oneshot(
        world.router.clone(),
        modern::call("echo", &json!({ "a": 1 })),
    ));
    while world.fleet.gauges().sum.hub.held == 0 {
        tokio::task::yield_now().await;
    }
    server::start(world.fleet.bridge(Ordinal::below(2).last().expect("two")));
    let answer = waiting.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 200);
    let answer = json_of(answer).await;
    assert_eq!(answer["result"]["content"][0]["text"], r#"{"a":1}"#);
    let begun = Instant::now();
    let status = world.send(modern::call("echo", &json!({}))).await.status();
    assert_eq!((status.as_u16(), begun.elapsed().as_secs()), (200, 0));
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_stays_where_it_is_though_another_pod_comes_up() {
    let world = World::of_pods(2);
    let first = world.fleet.bridge(Ordinal::FIRST);
    let mut queue = first.server_up();
    let waiting = tokio::spawn(tower::ServiceExt::oneshot(
        world.router.clone(),
        modern::call("slow", &json!({})),
    ));
    server::greet(first, &mut queue).await;
    let at_server = server::read_method(&mut queue, "tools/call").await;
    server::start(world.fleet.bridge(Ordinal::below(2).last().expect("two")));
    sleep(ANSWER_WAIT).await;
    let mut events = Events::of(waiting.await.expect("no panic").expect("an answer"));
    let answer = json!({ "jsonrpc": "2.0", "id": at_server["id"], "result": {} });
    server::say(first, &answer);
    assert_eq!(events.message().await.expect("the answer")["id"], 7);
}

#[tokio::test(start_paused = true)]
async fn without_pods_initialize_is_refused_at_once_and_unknown_ids_too() {
    let world = World::of_pods(0);
    let start = Instant::now();
    let (status, answer) = world.ask(post(None, initialize())).await;
    assert_eq!(status, 503, "{answer}");
    assert_eq!(answer["error"]["data"]["reason"], "scaled_down");
    assert_eq!(start.elapsed().as_millis(), 0);
    for id in ["", "x", "nobody", "0123456789abcdef0123456789abcdeff"] {
        let (status, answer) = world.ask(post(Some(id), initialize())).await;
        assert_eq!(status, 404, "{id:?}: {answer}");
    }
    let scraped = world.scrape();
    assert!(scraped.contains("hivewright_proxy_pods 0"), "{scraped}");
    assert!(
        scraped.contains(r#"refusals_total{reason="unknown_session"} 4"#),
        "{scraped}"
    );
}

#[tokio::test]
async fn metrics_sum_over_the_pods_and_show_each() {
    let world = pods(3).await;
    for _ in 0..4 {
        world.session().await;
    }
    let scraped = world.scrape();
    for line in [
        "hivewright_proxy_server_up 3",
        "hivewright_proxy_sessions 4",
        "hivewright_proxy_pods 3",
        r#"hivewright_proxy_pod_sessions{ordinal="0"} 2"#,
        r#"hivewright_proxy_pod_up{ordinal="2"} 1"#,
    ] {
        assert!(
            scraped.lines().any(|found| found == line),
            "{line}: {scraped}"
        );
    }
    world.fleet.resize(1);
    let scraped = world.scrape();
    assert!(
        !scraped.contains(r#"ordinal="2""#),
        "it is served no longer"
    );
    let shown: Value = serde_json::to_value(world.fleet.snapshot()).expect("JSON");
    assert_eq!(shown["pods"].as_array().map(Vec::len), Some(1));
}
