//! The attach connection breaks while its process runs on.

use std::sync::Arc;

use bytes::Bytes;
use hivewright_bridge::io::{FromClient, SessionId};
use hivewright_proxy::{
    backend::attach::SILENCE_LIMIT,
    driver::{ClientStream, StreamItem, StreamKind},
};
use serde_json::{Value, json};

use crate::{
    Proxy, assert_lawful,
    cluster::{Cluster, patient},
    gate,
    world::{Fact, Order, Script},
};

/// A session that listens.
struct Client {
    cluster: Cluster,
    proxy: Proxy,
    session: SessionId,
    listener: ClientStream,
}

impl Client {
    async fn connect(cluster: &Cluster) -> Self {
        let proxy = Proxy::start(cluster);
        proxy.initialized().await;
        cluster.until(gate("Initialized")).await;
        let session: SessionId = Arc::from("s");
        let open = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        }});
        let own = session.clone();
        let mut opened = proxy
            .bridge
            .open(StreamKind::Answer, |stream| FromClient::Open {
                session: own,
                stream,
                body: open.to_string().into(),
            });
        answer(&mut opened).await;
        let own = session.clone();
        let mut listener = proxy
            .bridge
            .open(StreamKind::Listener, |stream| FromClient::Listen {
                session: own,
                version: None,
                stream,
            });
        let accepted = patient(listener.next()).await;
        assert!(
            matches!(accepted, Some(StreamItem::Accepted)),
            "{accepted:?}"
        );
        Self {
            cluster: cluster.clone(),
            proxy,
            session,
            listener,
        }
    }

    fn post(&self, body: &Value) -> ClientStream {
        let (session, body) = (self.session.clone(), body.to_string().into());
        self.proxy
            .bridge
            .open(StreamKind::Answer, |stream| FromClient::Post {
                session,
                version: None,
                stream,
                body,
            })
    }

    fn call(&self, id: usize, name: &str) -> ClientStream {
        let params = json!({ "name": name });
        self.post(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }))
    }

    /// The parameter `n` of the next notification.
    async fn heard(&mut self) -> i64 {
        let item = patient(self.listener.next()).await;
        message(item.as_ref())["params"]["n"]
            .as_i64()
            .expect("a number")
    }

    /// Waits until the server has been attached to so often.
    async fn attached(&self, times: usize) {
        let mut changes = self.cluster.changes();
        let enough = async {
            let is = |fact: &&Fact| matches!(fact, Fact::Attached(_));
            while self.cluster.facts().iter().filter(is).count() < times {
                changes.changed().await.expect("the cluster lives");
            }
        };
        patient(enough).await;
    }

    /// The same process served throughout, and the gate stayed as it was.
    async fn assert_unbroken(self) {
        let facts = self.cluster.facts();
        assert_lawful(&facts);
        let told = facts
            .iter()
            .filter(|fact| matches!(fact, Fact::Gate { .. }));
        assert_eq!(told.count(), 2, "pending and initialized: {facts:?}");
        assert!(!facts.iter().any(|fact| matches!(fact, Fact::Deleted(_))));
        self.proxy.stop().await;
    }
}

fn message(item: Option<&StreamItem>) -> Value {
    let text = match item {
        Some(StreamItem::Message(text) | StreamItem::Last(text)) => text.clone(),
        Some(_) | None => Bytes::new(),
    };
    let message = serde_json::from_slice(&text);
    assert!(message.is_ok(), "no message but {item:?}");
    message.unwrap_or_default()
}

async fn answer(stream: &mut ClientStream) -> Value {
    loop {
        let item = patient(stream.next()).await;
        if !matches!(item, Some(StreamItem::Opened(_) | StreamItem::Accepted)) {
            return message(item.as_ref());
        }
    }
}

fn note(n: i64) -> String {
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed", "params": { "n": n } });
    format!("{note}\n")
}

#[tokio::test]
async fn broken_at_any_byte_every_line_is_heard_once_in_order() {
    let cluster = Cluster::start(Script::Echo).await;
    let mut client = Client::connect(&cluster).await;
    let burst = [note(1), note(1), "no message\n".to_owned(), note(2)].concat();
    for at in 0..=burst.len() {
        cluster.stdio(|stdio| {
            stdio.cuts.push_back(stdio.out.len() + at);
            stdio.out(&burst);
            stdio.err("a warning\n");
        });
        client.attached(at + 2).await;
        // Half a line before and half a line after the new connection begins.
        cluster.stdio(|stdio| stdio.out(&note(3)[..20]));
        cluster.stdio(|stdio| stdio.out(&note(3)[20..]));
        for expected in [1, 1, 2, 3] {
            assert_eq!(client.heard().await, expected, "broken at byte {at}");
        }
        // An answer lets the log be left, in every other round.
        if at % 2 == 0 {
            answer(&mut client.call(at, "echo")).await;
        }
    }
    client.assert_unbroken().await;
}

#[tokio::test]
async fn a_call_that_is_pending_when_the_connection_breaks_gets_the_answer_that_was_missed() {
    let cluster = Cluster::start(Script::Echo).await;
    let client = Client::connect(&cluster).await;
    let mut pending = client.call(1, "later");
    answer(&mut client.call(2, "echo")).await;
    let id = cluster.stdio(|stdio| {
        let answered = String::from_utf8(stdio.out.clone()).expect("text");
        let last: Value = answered
            .lines()
            .last()
            .map(serde_json::from_str)
            .expect("a line")
            .expect("JSON");
        last["id"].as_i64().expect("an id") - 1
    });
    cluster.stdio(|stdio| {
        stdio.cuts.push_back(stdio.out.len());
        let answer = json!({ "jsonrpc": "2.0", "id": id, "result": { "late": true } });
        stdio.out(&format!("{answer}\n"));
    });
    assert_eq!(answer(&mut pending).await["result"]["late"], true);
    client.assert_unbroken().await;
}

#[tokio::test]
async fn what_is_sent_while_the_connection_is_down_is_written_when_it_is_back() {
    let cluster = Cluster::start(Script::Echo).await;
    let mut client = Client::connect(&cluster).await;
    cluster.set_down(true);
    cluster.cut();
    cluster.refused(2).await;
    let mut calls: Vec<_> = (0..20).map(|id| client.call(id, "echo")).collect();
    cluster.stdio(|stdio| stdio.out(&note(7)));
    cluster.set_down(false);
    assert_eq!(client.heard().await, 7);
    for call in &mut calls {
        assert!(answer(call).await.get("result").is_some());
    }
    client.assert_unbroken().await;
}

#[tokio::test]
async fn a_kubelet_that_ends_attachments_as_if_the_process_had_ended_is_not_believed() {
    let cluster = Cluster::start(Script::Echo).await;
    let mut client = Client::connect(&cluster).await;
    cluster.order(Order::Exit);
    cluster.stdio(|stdio| stdio.out(&note(1)));
    assert_eq!(client.heard().await, 1);
    assert!(
        answer(&mut client.call(1, "echo"))
            .await
            .get("result")
            .is_some()
    );
    client.assert_unbroken().await;
}

#[tokio::test]
async fn a_half_open_connection_is_found_and_mended() {
    let cluster = Cluster::start(Script::Echo).await;
    let mut client = Client::connect(&cluster).await;
    cluster.order(Order::Freeze);
    cluster.stdio(|stdio| stdio.out(&note(1)));
    let mut unheard = client.call(1, "echo");
    tokio::task::yield_now().await;
    tokio::time::pause();
    tokio::time::advance(SILENCE_LIMIT).await;
    tokio::time::resume();
    assert_eq!(client.heard().await, 1);
    client.attached(2).await;
    assert!(
        answer(&mut client.call(2, "echo"))
            .await
            .get("result")
            .is_some()
    );
    // Nothing shows that the first call arrived: it fails in time, and says so.
    tokio::time::pause();
    tokio::time::advance(hivewright_bridge::limits::UNSURE_WAIT).await;
    tokio::time::resume();
    let error = answer(&mut unheard).await;
    assert_eq!(error["error"]["data"]["reason"], "delivery_unknown");
    client.assert_unbroken().await;
}

#[tokio::test]
async fn an_api_server_that_speaks_only_the_older_protocol_will_do() {
    let cluster = Cluster::start(Script::Echo).await;
    cluster.with(|world| world.protocol = "v4.channel.k8s.io");
    let mut client = Client::connect(&cluster).await;
    cluster.cut();
    cluster.stdio(|stdio| stdio.out(&note(1)));
    assert_eq!(client.heard().await, 1);
    client.assert_unbroken().await;
}

#[tokio::test]
async fn without_a_log_the_process_is_lost_and_a_fresh_one_serves() {
    let cluster = Cluster::start(Script::Echo).await;
    let client = Client::connect(&cluster).await;
    cluster.with(|world| world.no_log = Some(403));
    let mut pending = client.call(1, "later");
    cluster.cut();
    let error = answer(&mut pending).await;
    assert_eq!(error["error"]["data"]["reason"], "attach_lost");
    cluster.until(gate("AttachLost")).await;
    cluster.until(gate("Initialized")).await;
    client.proxy.initialized().await;
    assert_lawful(&cluster.facts());
    client.proxy.stop().await;
}
