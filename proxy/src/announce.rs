//! What `run` tells the person who started it: where to connect, and how.
//!
//! On a terminal that is text to read and to paste. Into a pipe or a file goes one line of JSON, the
//! `mcpServers` settings, so that a script needs no parser of prose.

use std::{fmt::Write as _, io::IsTerminal as _, net::SocketAddr};

use hivewright_api::names;
use serde_json::{Value, json};

use crate::{
    desk::Desk,
    driver::{Bridge, ServerHealth},
    settings,
};

/// Prints how to connect, once the server has answered.
pub async fn announce(bridge: Bridge, doors: SocketAddr, desk: Desk) {
    let mut status = bridge.status();
    let initialized = status.wait_for(|health| matches!(health, ServerHealth::Initialized(_)));
    let name = match initialized.await.as_deref() {
        Ok(ServerHealth::Initialized(server)) => server.name.to_string(),
        Ok(ServerHealth::Down | ServerHealth::Handshaking | ServerHealth::Failed(_)) | Err(_) => {
            return;
        }
    };
    let connection = Connection::new(&name, doors);
    let text = if std::io::stdout().is_terminal() {
        connection.text()
    } else {
        format!("{}\n", connection.settings())
    };
    desk.say(text).await;
}

/// What a client needs to know.
struct Connection {
    /// The server's own name, in the characters that every client takes for one.
    name: String,
    url: String,
    sse: String,
}

impl Connection {
    fn new(server: &str, doors: SocketAddr) -> Self {
        let url = settings::url(doors);
        Self {
            name: slug(server),
            sse: url.replacen(names::PATH_MCP, names::PATH_SSE, 1),
            url,
        }
    }

    /// The settings that most clients read (`.mcp.json`, `.cursor/mcp.json` and their like).
    fn settings(&self) -> Value {
        json!({ "mcpServers": { &self.name: { "type": "http", "url": self.url } } })
    }

    /// `.vscode/mcp.json` has another key (VS Code, MCP configuration reference).
    fn vscode(&self) -> Value {
        json!({ "servers": { &self.name: { "type": "http", "url": self.url } } })
    }

    fn text(&self) -> String {
        let Self { name, url, sse } = self;
        let mut text =
            format!("{name} is served at {url} (Streamable HTTP) and {sse} (HTTP+SSE)\n");
        // Writing to a String does not fail.
        let _ = writeln!(text, "\nSettings for a client:\n{:#}", self.settings());
        let _ = writeln!(text, "\nVS Code (.vscode/mcp.json): {}", self.vscode());
        let _ = writeln!(
            text,
            "Claude Code: claude mcp add --transport http {name} {url}"
        );
        let _ = writeln!(text, "Codex:       codex mcp add {name} --url {url}");
        let _ = writeln!(
            text,
            "Gemini CLI:  gemini mcp add --transport http {name} {url}\n"
        );
        text
    }
}

/// Letters, digits, `-` and `_`: what the clients' commands take as a name, and no shell expands.
fn slug(name: &str) -> String {
    let known = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    let slug: String = name
        .chars()
        .map(|char| if known(char) { char } else { '-' })
        .collect();
    match slug.trim_matches('-') {
        "" => "server".to_owned(),
        slug => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(name: &str) -> Connection {
        Connection::new(name, "127.0.0.1:8080".parse().unwrap())
    }

    #[test]
    fn the_settings_can_be_pasted_into_a_client() {
        let text = connection("fetch").text();
        let (_, settings) = text.split_once("client:\n").unwrap();
        let (settings, _) = settings.split_once("\n\n").unwrap();
        let settings: Value = serde_json::from_str(settings).unwrap();
        assert_eq!(
            settings["mcpServers"]["fetch"]["url"],
            "http://127.0.0.1:8080/mcp"
        );
        assert!(text.contains("http://127.0.0.1:8080/sse"));
        assert!(text.contains("mcp add --transport http fetch http://127.0.0.1:8080/mcp\n"));
    }

    #[rstest::rstest]
    #[case("My Server! $(rm)", "My-Server----rm")]
    #[case("日本", "server")]
    #[case("a_b-1", "a_b-1")]
    fn a_name_is_safe_in_a_shell(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(connection(name).name, expected);
    }
}
