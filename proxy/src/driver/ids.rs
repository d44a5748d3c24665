//! Random session ids.

use std::sync::Arc;

use hivewright_bridge::{io::SessionId, modern::Secret};

/// Random bits of a session id. 128 cannot be guessed (MCP 2025-11-25, Streamable HTTP, Session
/// Management: "globally unique and cryptographically secure").
const SESSION_ID_BYTES: usize = 16;

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes; check that getrandom(2) is allowed")]
pub struct NoRandomness(#[source] getrandom::Error);

/// A fresh id: 32 random lower-case hex digits and `mark`, below 16, as the last one. The mark says
/// who serves the session and is no secret.
///
/// # Errors
/// [`NoRandomness`] if the operating system refuses random bytes.
pub fn session_id(mark: u8) -> Result<SessionId, NoRandomness> {
    let mut random = [0; SESSION_ID_BYTES];
    getrandom::fill(&mut random).map_err(NoRandomness)?;
    Ok(Arc::from(format!(
        "{:032x}{:x}",
        u128::from_be_bytes(random),
        mark & 0xf
    )))
}

/// A fresh key for what clients of 2026-07-28 bring back.
///
/// # Errors
/// [`NoRandomness`] if the operating system refuses random bytes.
pub fn secret() -> Result<Secret, NoRandomness> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(NoRandomness)?;
    Ok(Secret::new(random))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_33_hex_digits_end_in_their_mark_and_do_not_repeat() {
        let ids: HashSet<SessionId> = (0..1000)
            .map(|_| session_id(11).expect("random bytes"))
            .collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            assert_eq!((id.len(), id.as_bytes().last()), (33, Some(&b'b')));
            assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
    }
}
