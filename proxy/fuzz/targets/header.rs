//! A header's value stands for itself unless it is marked as Base64, and then for what that says.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hivewright_bridge::modern::{self, head};

/// See the module.
pub(crate) fn target(data: &[u8]) {
    let _ = modern::is_modern(std::str::from_utf8(data).ok(), false, true, data);
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let marked = text.starts_with("=?base64?") && text.ends_with("?=") && text.len() >= 11;
    match head::decode(text) {
        Some(value) if !marked => assert_eq!(value, text),
        Some(value) => assert_eq!(format!("=?base64?{}?=", STANDARD.encode(&*value)), text),
        None => assert!(marked),
    }
    let wrapped = format!("=?base64?{}?=", STANDARD.encode(text));
    assert_eq!(head::decode(&wrapped).as_deref(), Some(text));
}
