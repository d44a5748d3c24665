//! The Rust SDK's client (rmcp) on Streamable HTTP.

use std::{borrow::Cow, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use parking_lot::Mutex;
use rmcp::{
    ClientHandler, RoleClient, ServiceExt as _,
    model::{
        CallToolRequestParams, ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult,
        ElicitationAction, ErrorData, Implementation, JsonObject, ProgressNotificationParam,
    },
    service::{NotificationContext, RequestContext, RunningService},
    transport::{
        StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};

use crate::wait::ANSWER;

/// How long the SDK may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(5);

/// What the server told this client beside answers.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Texts of progress notifications.
    pub progress: Vec<String>,
    /// Questions (elicitation).
    pub questions: Vec<String>,
}

/// The callbacks: remember everything, answer questions with the client's own name.
#[derive(Clone, Debug)]
struct Callbacks {
    name: String,
    heard: Arc<Mutex<Heard>>,
}

impl ClientHandler for Callbacks {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(serde_json::from_value(json!({})).unwrap_or_default());
        ClientConfig::new(capabilities, Implementation::new(self.name.clone(), "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        if let ElicitRequestParams::FormElicitationParams { message, .. } = request {
            self.heard.lock().questions.push(message);
        }
        let content = json!({ "answer": self.name });
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(content))
    }

    async fn on_progress(&self, p: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.heard
            .lock()
            .progress
            .push(p.message.unwrap_or_default());
    }
}

/// A connected client.
#[derive(Debug)]
pub struct RustClient {
    service: RunningService<RoleClient, Callbacks>,
    heard: Arc<Mutex<Heard>>,
}

impl RustClient {
    /// Connects to `url` (with its path) and shakes hands as `name`.
    ///
    /// # Errors
    /// The SDK's handshake failed or took longer than [`ANSWER`].
    pub async fn connect(url: &str, name: &str) -> Result<Self> {
        crate::access::use_one_tls_provider();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let callbacks = Callbacks {
            name: name.to_owned(),
            heard: Arc::clone(&heard),
        };
        let transport = StreamableHttpClientTransport::with_client(
            reqwest::Client::builder().build()?,
            StreamableHttpClientTransportConfig::with_uri(url),
        );
        let serve = callbacks.serve(transport);
        let service = tokio::time::timeout(ANSWER, serve)
            .await
            .context("no handshake")??;
        Ok(Self { service, heard })
    }

    /// Name of the server, as it introduced itself.
    pub fn server_name(&self) -> Option<String> {
        let info = self.service.peer_info()?;
        let info = serde_json::to_value(&*info).ok()?;
        Some(info.pointer("/serverInfo/name")?.as_str()?.to_owned())
    }

    /// Names of all tools.
    ///
    /// # Errors
    /// The SDK's, or none within [`ANSWER`].
    pub async fn tools(&self) -> Result<Vec<String>> {
        let tools = tokio::time::timeout(ANSWER, self.service.list_all_tools()).await??;
        Ok(tools
            .into_iter()
            .map(|tool| tool.name.into_owned())
            .collect())
    }

    /// Calls a tool and gives its text.
    ///
    /// # Errors
    /// The SDK's, no text, or none within [`ANSWER`].
    pub async fn call(&self, tool: &'static str, arguments: Value) -> Result<String> {
        let mut params = CallToolRequestParams::new(Cow::Borrowed(tool));
        params.arguments = object(arguments);
        let call = self.service.call_tool(params);
        let result = tokio::time::timeout(ANSWER, call)
            .await
            .context("no answer")??;
        let text = result.content.first().and_then(|content| content.as_text());
        Ok(text
            .with_context(|| format!("no text in {result:?}"))?
            .text
            .clone())
    }

    /// What it has heard so far.
    pub fn heard(&self) -> Heard {
        self.heard.lock().clone()
    }

    /// Ends the session.
    ///
    /// # Errors
    /// The SDK's, or no end within [`GOODBYE`].
    pub async fn close(self) -> Result<()> {
        tokio::time::timeout(GOODBYE, self.service.cancel()).await??;
        Ok(())
    }
}

fn object(value: Value) -> Option<JsonObject> {
    match value {
        Value::Object(object) => Some(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}
