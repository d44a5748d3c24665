//! Bounded cardinality under attack: whatever clients and servers invent, the series stay as many
//! and as short as the code says, and none holds a word of theirs but for the tools that the server
//! itself has answered well.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use hivewright_proxy::metrics::{MAX_TOOL_NAME, MAX_TOOLS};
use http::header::HeaderValue;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{World, bare, bytes_of, call, initialize_as, post, request, rpc, server};

/// In every invention; no label value of ours has it.
const MARK: &str = "zqx7";
/// The label of a tool's name, as a scrape writes it.
const TOOL: &str = "gen_ai_tool_name=\"";

/// The series of a scrape, without their values.
fn series(world: &World) -> BTreeSet<String> {
    let text = world.scrape();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned()))
        .collect()
}

/// Sends, and reads the answer to its end.
async fn put(world: &World, request: Request<Body>) {
    drop(bytes_of(world.send(request).await).await);
}

/// The name as the value of a header, without what no header may hold.
fn header(name: &str) -> HeaderValue {
    let plain: String = name.chars().filter(char::is_ascii_graphic).collect();
    HeaderValue::from_str(&plain).expect("visible ASCII")
}

/// A client of that name says it everywhere where a client may say something.
async fn client(world: &World, name: &str) {
    let session = world.session().await;
    put(world, post(None, initialize_as(name))).await;
    for body in [
        rpc(json!(1), name, &json!({})),
        rpc(name, "ping", &json!({})),
        rpc(json!(2), "prompts/get", &json!({ "name": name })),
        rpc(json!(3), "resources/read", &json!({ "uri": name })),
        json!({ "jsonrpc": "2.0", "method": name }).to_string(),
        json!({ "jsonrpc": "2.0", "id": name, "result": {} }).to_string(),
        json!({ "jsonrpc": name, "id": 4, "method": "ping" }).to_string(),
        name.to_owned(),
    ] {
        put(world, post(Some(&session), body)).await;
    }
    for field in [
        "mcp-session-id",
        "mcp-protocol-version",
        "mcp-method",
        "last-event-id",
        "origin",
        "host",
        "content-type",
        "accept",
        "authorization",
        "traceparent",
    ] {
        let mut request = post(Some(&session), rpc(json!(5), "ping", &json!({})));
        request.headers_mut().insert(field, header(name));
        put(world, request).await;
    }
    let path = format!("/{}", name.len());
    put(world, bare("GET", &path, None)).await;
    let method = format!("{MARK}{}", name.len());
    put(
        world,
        request(&method, "/mcp")
            .body(Body::empty())
            .expect("a request"),
    )
    .await;
    put(world, bare("DELETE", "/mcp", Some(&session))).await;
}

/// The server says it everywhere where a server may say something.
fn server(world: &World, name: &str) {
    for message in [
        json!({ "jsonrpc": "2.0", "id": name, "method": name }),
        json!({ "jsonrpc": "2.0", "id": name, "method": "sampling/createMessage" }),
        json!({ "jsonrpc": "2.0", "method": name }),
        json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": name } }),
        json!({ "jsonrpc": "2.0", "id": name, "result": {} }),
        Value::String(name.to_owned()),
    ] {
        server::say(&world.bridge, &message);
    }
}

/// A call of a tool of that name, which this server answers well whatever it is called.
async fn tool(world: &World, session: &str, name: &str) {
    put(world, post(Some(session), call(json!(1), name, &json!({})))).await;
}

/// The names of tools in these series, as the scrape writes them.
fn tools(series: &BTreeSet<String>) -> BTreeSet<&str> {
    let values = series.iter().filter_map(|line| line.split_once(TOOL));
    let values = values.filter_map(|(_, rest)| rest.split_once("\","));
    values.map(|(value, _)| value).collect()
}

/// Texts of all kinds, each with the mark: quotes, line breaks, braces, other alphabets.
fn invention() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| format!("{MARK}{text}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_invented_makes_no_series_after_the_first_and_is_in_none(
        names in proptest::collection::vec(invention(), 2..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let world = World::new();
            let (first, others) = names.split_first().expect("two at least");
            client(&world, first).await;
            server(&world, first);
            let before = series(&world);
            for name in others {
                client(&world, name).await;
                server(&world, name);
            }
            let after = series(&world);
            let more: Vec<_> = after.difference(&before).collect();
            assert!(more.is_empty(), "{names:?} made {more:?}");
            assert!(!world.scrape().contains(MARK), "{names:?} is told");
        });
    }
}

#[tokio::test]
async fn a_server_that_answers_every_name_well_has_so_many_tools_and_no_more() {
    let world = World::new();
    let session = world.session().await;
    let long = "t".repeat(MAX_TOOL_NAME + 1);
    tool(&world, &session, &long).await;
    for number in 0..MAX_TOOLS {
        tool(&world, &session, &format!("tool-{number}")).await;
    }
    let full = series(&world);
    for number in 0..MAX_TOOLS {
        tool(&world, &session, &format!("late-{number}")).await;
    }
    let after = series(&world);
    let more: Vec<_> = after.difference(&full).collect();
    assert!(more.is_empty(), "the flood made {} series", more.len());
    // Beside them `other`, and the empty one of other methods.
    assert_eq!(tools(&after).len(), MAX_TOOLS + 2);
    assert!(tools(&after).iter().all(|tool| tool.len() <= MAX_TOOL_NAME));
}

#[tokio::test]
async fn a_tools_name_cannot_break_out_of_its_label() {
    let world = World::new();
    let session = world.session().await;
    let name = "a\",evil=\"1\"} 1\nevil_total 1\n#\\";
    tool(&world, &session, name).await;
    let text = world.scrape();
    let told = r#"gen_ai_tool_name="a\",evil=\"1\"} 1\nevil_total 1\n#\\""#;
    assert!(text.contains(told));
    assert!(!text.lines().any(|line| line.starts_with("evil")));
}
