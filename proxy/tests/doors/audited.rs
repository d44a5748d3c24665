//! The audit log, as it is written.

use std::{path::PathBuf, time::Duration};

use axum::body::Body;
use hivewright_api::{
    CloudEvent,
    audit::{self, Call, Outcome, Refused, Server, Target},
    proxy_config::AuditConfig,
};
use hivewright_proxy::{
    audit::{Audit, Place, Settings},
    exchange::Scribe,
};
use hivewright_telemetry::{
    Telemetry,
    collector::{Collector, text},
};
use http::Request;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{support::*, traced};

struct Log {
    world: World,
    audit: Audit,
    file: PathBuf,
    _dir: TempDir,
}

impl Log {
    fn new(data: AuditConfig, telemetry: Telemetry) -> Self {
        let dir = TempDir::new().expect("a directory");
        let file = dir.path().join("audit.jsonl");
        let settings = Settings {
            server: Server {
                namespace: Some("team-a".to_owned()),
                name: "fetch".to_owned(),
            },
            data,
            to: Place::File(file.clone()),
        };
        let mut begun = None;
        let world = World::scribed(1, |fleet| {
            let registry = fleet.metrics().registry();
            let audit =
                Audit::begin(settings, telemetry.clone(), registry).expect("it can be written");
            begun = Some(audit.clone());
            Scribe::new(telemetry, Some(audit), fleet.metrics().clone(), false)
        });
        server::start(&world.bridge);
        Self {
            world,
            audit: begun.expect("the doors have a scribe"),
            file,
            _dir: dir,
        }
    }

    fn quiet() -> Self {
        Self::new(AuditConfig::default(), Telemetry::default())
    }

    /// All that was written by the end.
    async fn end(self) -> Vec<CloudEvent<Value>> {
        self.audit.end().await;
        let text = std::fs::read_to_string(&self.file).expect("it was written");
        let events = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("a CloudEvent"));
        events.collect()
    }

    async fn calls(self) -> Vec<Call> {
        let events = self.end().await.into_iter();
        let calls = events.filter(|event| event.kind == audit::CALL);
        calls
            .map(|event| serde_json::from_value(event.data).expect("a call"))
            .collect()
    }
}

fn with_header(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    let value = value.parse().expect("a header value");
    request.headers_mut().insert(name, value);
    request
}

#[tokio::test]
async fn a_call_is_told_with_who_called_what_outcome_and_size_and_nothing_of_its_content() {
    let log = Log::quiet();
    let session = log.world.session().await;
    let body = call(7, "echo", &json!({ "secret": "hunter2" }));
    let bytes = body.len();
    let (_, answer) = log.world.ask(post(Some(&session), body)).await;
    let file = log.file.clone();
    let calls = log.calls().await;
    let methods: Vec<&str> = calls.iter().map(|call| &*call.method).collect();
    assert_eq!(methods, ["initialize", "tools/call"]);
    let call = &calls[1];
    assert_eq!(
        call.target,
        Some(Target::Tool {
            name: "echo".to_owned()
        })
    );
    assert_eq!(call.outcome, Outcome::Ok);
    assert_eq!(call.request.bytes, bytes as u64);
    assert_eq!(call.response.bytes, answer.to_string().len() as u64);
    assert_eq!(call.caller.session.as_deref(), Some(&session[..8]));
    let client = call.caller.client.as_ref().map(|client| &*client.name);
    assert_eq!(client, Some("test"), "as it introduced itself");
    let _ = file;
}

#[tokio::test]
async fn neither_credentials_nor_arguments_nor_whole_session_ids_are_written() {
    let log = Log::quiet();
    let request = with_header(post(None, initialize()), "authorization", "Bearer hunter2");
    let response = log.world.send(request).await;
    let session = response.headers()["mcp-session-id"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    bytes_of(response).await;
    let request = post(
        Some(&session),
        call(7, "echo", &json!({ "password": "swordfish" })),
    );
    log.world
        .ask(with_header(request, "authorization", "Bearer hunter2"))
        .await;
    log.audit.end().await;
    let text = std::fs::read_to_string(&log.file).expect("it was written");
    for secret in ["hunter2", "swordfish", &*session] {
        assert!(!text.contains(secret), "{secret}");
    }
    let digests = text.matches("credentialsDigest").count();
    assert_eq!(digests, 2);
}

#[tokio::test]
async fn content_is_there_where_it_is_switched_on() {
    let data = AuditConfig {
        request_data: true,
        response_data: true,
    };
    let log = Log::new(data, Telemetry::default());
    let session = log.world.session().await;
    log.world
        .ask(post(
            Some(&session),
            call(7, "echo", &json!({ "a": "apples" })),
        ))
        .await;
    let calls = log.calls().await;
    let call = calls.last().expect("a call");
    let request = call.request.content.as_deref().expect("switched on");
    assert!(request.contains("apples"), "{request}");
    let answer = call.response.content.as_deref().expect("switched on");
    assert!(
        answer.contains("\"id\":7") && answer.contains("apples"),
        "{answer}"
    );
}

#[tokio::test]
async fn calls_of_an_http_sse_session_and_without_a_session_are_told_too() {
    let log = Log::quiet();
    log.world.session().await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "visitor", "version": "2" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let body = rpc(
        1,
        "tools/call",
        &json!({ "name": "echo", "arguments": {}, "_meta": meta }),
    );
    let request = with_header(post(None, body), "mcp-protocol-version", "2026-07-28");
    let request = with_header(request, "mcp-method", "tools/call");
    log.world
        .ask(with_header(request, "mcp-name", "echo"))
        .await;
    let calls = log.calls().await;
    let call = calls.last().expect("a call");
    assert_eq!((&*call.method, &call.caller.session), ("tools/call", &None));
    let client = call.caller.client.as_ref().map(|client| &*client.name);
    assert_eq!(client, Some("visitor"));
}

#[tokio::test]
async fn a_request_that_is_turned_away_is_told_with_the_reason() {
    let log = Log::quiet();
    let session = log.world.session().await;
    let foreign = post(Some(&session), call(1, "echo", &json!({})));
    log.world
        .ask(with_header(foreign, "origin", "https://evil.example"))
        .await;
    log.world
        .ask(post(Some("nobody"), call(1, "echo", &json!({}))))
        .await;
    let events = log.end().await.into_iter();
    let refused = events.filter(|event| event.kind == audit::REFUSED);
    let refused: Vec<Refused> = refused
        .map(|event| serde_json::from_value(event.data).expect("a refusal"))
        .collect();
    let reasons: Vec<_> = refused
        .iter()
        .map(|one| (one.status, &*one.reason))
        .collect();
    assert_eq!(
        reasons,
        [(403, "forbidden_origin"), (404, "unknown_session")]
    );
}

#[tokio::test]
async fn a_collector_gets_the_same_entries_as_log_records_of_their_trace() {
    let collector = Collector::default();
    let bare = World::of_pods(1);
    let telemetry = traced::telemetry(&collector, 1.0, &bare.fleet).await;
    let log = Log::new(AuditConfig::default(), telemetry);
    let session = log.world.session().await;
    log.world
        .ask(post(Some(&session), call(7, "echo", &json!({}))))
        .await;
    let wait = Duration::from_secs(20);
    let got = tokio::time::timeout(wait, collector.until(|got| got.records.len() >= 2));
    let got = got.await.expect("they come");
    let record = got.records.back().expect("a record");
    assert_eq!(record.event_name, audit::CALL);
    let body = record.body.as_ref().and_then(text).expect("a text");
    let told: Call = serde_json::from_str(&body).expect("a call");
    let events = log.end().await;
    let written: Call = serde_json::from_value(events[1].data.clone()).expect("a call");
    assert_eq!(told, written);
    let parent = events[1]
        .traceparent
        .as_deref()
        .expect("its trace is recorded");
    assert_eq!(parent.get(3..35), Some(&*hex(&record.trace_id)));
}
