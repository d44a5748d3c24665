//! A server of the official Rust SDK: sessions, event streams with ids, requests of its own.

use std::{collections::BTreeMap, sync::Arc};

use axum::Router;
use hivewright_proxy::backend::http::{HttpEnd, Kind};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ElicitRequestParams,
        ElicitationSchema, ServerCapabilities, ServerConfig,
    },
    service::RequestContext,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use serde_json::json;

use crate::support::{Pipe, Serving, serve};

#[derive(Clone)]
struct Server;

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let text = if request.name == "ask" {
            let question = ElicitRequestParams::FormElicitationParams {
                meta: None,
                message: "which one?".to_owned(),
                requested_schema: ElicitationSchema::new(BTreeMap::new()),
            };
            let answer = context.peer.create_elicitation(question).await;
            answer.map_or_else(
                |error| error.to_string(),
                |answer| format!("{:?}", answer.action),
            )
        } else {
            request.name.into_owned()
        };
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }
}

/// The server as its SDK starts it by default, and a session with it.
async fn session(config: StreamableHttpServerConfig) -> (Pipe, Serving) {
    let sessions = Arc::new(LocalSessionManager::default());
    let service = StreamableHttpService::new(|| Ok(Server), sessions, config);
    let (address, serving) = serve(Router::new().nest_service("/mcp", service)).await;
    let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
    let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {"elicitation": {}},
        "clientInfo": {"name": "test", "version": "1"},
    }});
    pipe.send(initialize.to_string()).await;
    assert_eq!(
        pipe.answer().await["result"]["protocolVersion"],
        "2025-11-25"
    );
    pipe.note("notifications/initialized").await;
    (pipe, serving)
}

async fn call(pipe: &Pipe, id: u64, tool: &str) {
    let call =
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool}});
    pipe.send(call.to_string()).await;
}

#[tokio::test]
async fn calls_are_answered_and_the_servers_own_question_is_asked_and_answered() {
    let (mut pipe, _serving) = session(StreamableHttpServerConfig::default()).await;
    call(&pipe, 1, "ask").await;
    let question = pipe.answer().await;
    assert_eq!(question["method"], "elicitation/create");
    call(&pipe, 2, "echo").await;
    assert_eq!(pipe.answer().await["result"]["content"][0]["text"], "echo");
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "decline"}});
    pipe.send(answer.to_string()).await;
    let told = pipe.answer().await;
    assert_eq!(
        (&told["id"], &told["result"]["content"][0]["text"]),
        (&json!(1), &json!("Decline"))
    );
    pipe.shutdown.cancel();
    assert_eq!(pipe.end().await, HttpEnd::Shutdown);
}

#[tokio::test]
async fn a_server_without_sessions_that_answers_in_bodies_is_served_too() {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let (mut pipe, _serving) = session(config).await;
    call(&pipe, 1, "echo").await;
    assert_eq!(pipe.answer().await["result"]["content"][0]["text"], "echo");
}

#[tokio::test]
async fn a_server_that_speaks_both_eras_is_served_in_the_newer_one() {
    let sessions = Arc::new(LocalSessionManager::default());
    let config = StreamableHttpServerConfig::default();
    let service = StreamableHttpService::new(|| Ok(Server), sessions, config);
    let (address, _serving) = serve(Router::new().nest_service("/mcp", service)).await;
    let mut pipe = Pipe::to(address, Kind::StreamableHttp).await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let ask = |id: u64, method: &str, params: serde_json::Value| {
        let mut params = params;
        params["_meta"] = meta.clone();
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
    };
    pipe.send(ask(1, "server/discover", json!({}))).await;
    let found = pipe.answer().await;
    let versions = found["result"]["supportedVersions"].to_string();
    assert!(versions.contains("2026-07-28"), "{found}");
    pipe.send(ask(2, "tools/call", json!({"name": "echo"})))
        .await;
    let answer = pipe.answer().await;
    assert_eq!(answer["result"]["content"][0]["text"], "echo", "{answer}");
}
