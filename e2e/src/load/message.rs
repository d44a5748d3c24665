//! The messages that the load generator sends, and the check of what comes back.

use anyhow::{Result, ensure};

/// The revision that the load generator speaks.
pub(super) const REVISION: &str = "2025-11-25";

/// Says that the handshake is over.
pub(super) const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// `initialize`.
pub(super) fn initialize() -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{{\"protocolVersion\":\"{REVISION}\",\
         \"capabilities\":{{}},\"clientInfo\":{{\"name\":\"load\",\"version\":\"1\"}}}}}}"
    )
}

/// A call of `tool` with this text.
pub(super) fn call(id: u64, tool: &str, text: &str) -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"{tool}\",\
         \"arguments\":{{\"text\":\"{text}\"}}}}}}"
    )
}

/// A call that sends this many notifications, a millisecond apart.
pub(super) fn progress(id: u64, steps: u64) -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"progress\",\
         \"_meta\":{{\"progressToken\":{id}}},\
         \"arguments\":{{\"steps\":{steps},\"ms\":1,\"text\":\"flood\"}}}}}}"
    )
}

/// Whether the answer holds the text, which no other call has sent.
pub(super) fn check(answer: &[u8], text: &str) -> Result<()> {
    let expected = format!("\"{text}\"");
    ensure!(
        answer
            .windows(expected.len())
            .any(|window| window == expected.as_bytes()),
        "a wrong answer: {}",
        String::from_utf8_lossy(answer)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_json_and_only_the_own_text_is_right() {
        for message in [initialize(), call(1, "echo", "0-1-x"), progress(2, 3)] {
            let value: serde_json::Value = serde_json::from_str(&message).expect("JSON");
            assert_eq!(value["jsonrpc"], "2.0");
        }
        assert!(check(br#"{"text":"0-1-x"}"#, "0-1-x").is_ok());
        assert!(check(br#"{"text": "0-1-x"}"#, "0-1").is_err());
    }
}
