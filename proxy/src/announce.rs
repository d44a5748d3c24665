//! What `run` tells the person who started it.

use std::{fmt::Write as _, io::Write as _, net::SocketAddr};

use hivewright_api::names;
use serde_json::json;

use crate::{
    driver::{Bridge, ServerHealth},
    settings,
};

/// Prints how to connect, once the server has answered.
pub async fn announce(bridge: Bridge, doors: SocketAddr) {
    let mut status = bridge.status();
    let initialized = status.wait_for(|health| matches!(health, ServerHealth::Initialized(_)));
    let name = match initialized.await.as_deref() {
        Ok(ServerHealth::Initialized(server)) => server.name.to_string(),
        Ok(ServerHealth::Down | ServerHealth::Handshaking | ServerHealth::Failed(_)) | Err(_) => {
            return;
        }
    };
    // A closed stdout leaves nobody to tell.
    let _ = std::io::stdout().write_all(text(&name, doors).as_bytes());
}

/// The URLs, and settings that most MCP clients take as they are.
fn text(server: &str, doors: SocketAddr) -> String {
    let url = settings::url(doors);
    let sse = url.replacen(names::PATH_MCP, names::PATH_SSE, 1);
    let client = json!({ "mcpServers": { server: { "type": "http", "url": url } } });
    let mut text = format!("{server} is served at {url} (Streamable HTTP) and {sse} (HTTP+SSE)\n");
    // Writing to a String does not fail.
    let _ = writeln!(text, "Settings for a client:\n{client:#}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_can_be_pasted_into_a_client() {
        let text = text("fetch", "127.0.0.1:8080".parse().unwrap());
        let (_, settings) = text.split_once("client:\n").unwrap();
        let settings: serde_json::Value = serde_json::from_str(settings).unwrap();
        assert_eq!(
            settings["mcpServers"]["fetch"]["url"],
            "http://127.0.0.1:8080/mcp"
        );
        assert!(text.contains("http://127.0.0.1:8080/sse"));
    }
}
