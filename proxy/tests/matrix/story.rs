//! What happens in a cell.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    client::{Client, reply},
    model::TOOLS,
    revision::Revision,
    world::{PATIENCE, Transport, World},
};

/// Between two looks at whether a cancellation has arrived.
const LOOK: Duration = Duration::from_millis(10);

/// A client of one revision and a server of another, through the proxy.
pub(crate) async fn of_a_cell(client: Revision, server: Revision, transport: Transport) {
    let world = World::of(server, transport).await;
    let (mut peer, opened) = Client::open(&world, client).await;
    introduced(client, &opened);
    lists(&mut peer, &world, client).await;
    calls(&mut peer, &world).await;
    progresses(&mut peer, &world).await;
    asks(&mut peer, &world, client, server).await;
    // Last: a cancelled call may still cause what the server does, so that for a while nothing that it
    // asks can be told to be another client's.
    cancels(&mut peer, &world).await;
    let complaints = tool(&mut peer, &world, "complaints", json!({})).await;
    assert_eq!(complaints.text(), "", "the server complains");
}

async fn tool(
    peer: &mut Client,
    world: &World,
    name: &str,
    arguments: Value,
) -> crate::client::Exchange {
    let params = json!({ "name": name, "arguments": arguments });
    peer.request(world, "tools/call", params).await
}

fn introduced(client: Revision, opened: &Value) {
    let result = &opened["result"];
    if client.is_modern() {
        let versions = result["supportedVersions"].as_array();
        let versions = versions.expect("versions");
        assert!(versions.contains(&json!(client.name())), "{opened}");
        let server = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(server["name"], "model", "{opened}");
    } else {
        assert_eq!(result["protocolVersion"], client.name(), "{opened}");
        assert_eq!(result["serverInfo"]["name"], "model", "{opened}");
    }
    assert!(result["capabilities"]["tools"].is_object(), "{opened}");
}

async fn lists(peer: &mut Client, world: &World, client: Revision) {
    let list = peer.request(world, "tools/list", json!({})).await.answer;
    let tools = list["result"]["tools"].as_array().expect("tools");
    let names: Vec<_> = tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert_eq!(names, TOOLS);
    if client.is_modern() {
        assert_eq!(list["result"]["resultType"], "complete", "{list}");
        assert!(list["result"]["ttlMs"].is_u64(), "{list}");
        assert!(list["result"]["cacheScope"].is_string(), "{list}");
    }
}

async fn calls(peer: &mut Client, world: &World) {
    let said = json!({ "word": "wörd", "number": 1.0e2 });
    let echoed = tool(peer, world, "echo", said.clone()).await;
    assert_eq!(echoed.text(), said.to_string());
    let refused = tool(peer, world, "nothing", json!({})).await.answer;
    let error = json!({
        "code": -32602, "message": "there is no such tool", "data": { "kept": 1.50 },
    });
    assert_eq!(refused["error"], error, "{refused}");
}

fn with_token(name: &str, token: &str) -> Value {
    json!({ "name": name, "arguments": {}, "_meta": { "progressToken": token } })
}

async fn progresses(peer: &mut Client, world: &World) {
    let params = with_token("progress", "mine");
    let exchange = peer.request(world, "tools/call", params).await;
    assert_eq!(exchange.text(), "done");
    let told: Vec<_> = exchange
        .notes
        .iter()
        .map(|note| {
            (
                &note["params"]["progressToken"],
                &note["params"]["progress"],
            )
        })
        .collect();
    let mine = json!("mine");
    assert_eq!(
        told,
        [(&mine, &json!(1)), (&mine, &json!(2)), (&mine, &json!(3))]
    );
}

async fn cancels(peer: &mut Client, world: &World) {
    let params = with_token("never", "other");
    peer.cancel(world, "tools/call", params).await;
    let arrives = async {
        while tool(peer, world, "cancelled", json!({})).await.text() != "1" {
            tokio::time::sleep(LOOK).await;
        }
    };
    let heard = tokio::time::timeout(PATIENCE, arrives).await;
    assert!(
        heard.is_ok(),
        "the server does not hear of the cancellation"
    );
}

async fn asks(peer: &mut Client, world: &World, client: Revision, server: Revision) {
    asked(peer, world, "sample", "sampling/createMessage").await;
    if !server.has_elicitation() {
        return;
    }
    if client.has_elicitation() {
        asked(peer, world, "elicit", "elicitation/create").await;
    } else {
        let refused = tool(peer, world, "elicit", json!({})).await;
        assert!(refused.asked.is_empty(), "{refused:?}");
        assert!(refused.answer["error"].is_object(), "{refused:?}");
    }
}

async fn asked(peer: &mut Client, world: &World, name: &str, method: &str) {
    let exchange = tool(peer, world, name, json!({})).await;
    assert_eq!(exchange.asked, [method], "{exchange:?}");
    let heard: Value = serde_json::from_str(exchange.text()).expect("the answer, as it came");
    assert_eq!(heard, reply(method));
}
