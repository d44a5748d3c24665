//! What makes two requests the same one, asked again.

use sha2::{Digest as _, Sha256};

use crate::envelope::Raw;

/// SHA-256 of a request's salient parts (MCP 2026-07-28, Multi Round-Trip Requests, Server
/// Requirements: "an identifier for the originating request").
pub type Digest = [u8; 32];

/// The digest of these parts, as they are written. Each is preceded by its length, so that no two
/// lists of parts run together.
pub fn digest(method: &str, parts: &[Option<Raw<'_>>], principal: Option<&[u8; 32]>) -> Digest {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update(bytes.len().to_be_bytes());
        hash.update(bytes);
    };
    add(method.as_bytes());
    for part in parts {
        add(part.map_or(&b""[..], Raw::bytes));
    }
    add(principal.map_or(&b""[..], |principal| principal));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_part_or_another_principal_is_another_request() {
        let raw = |text| Some(Raw::whole(text));
        let first = digest("tools/call", &[raw("\"a\""), raw("{}")], None);
        assert_eq!(
            first,
            digest("tools/call", &[raw("\"a\""), raw("{}")], None)
        );
        for other in [
            digest("prompts/get", &[raw("\"a\""), raw("{}")], None),
            digest("tools/call", &[raw("\"a\"{"), raw("}")], None),
            digest("tools/call", &[raw("\"a\""), None], None),
            digest("tools/call", &[raw("\"a\""), raw("{}")], Some(&[1; 32])),
        ] {
            assert_ne!(first, other);
        }
    }
}
