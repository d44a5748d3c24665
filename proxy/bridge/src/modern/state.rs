//! `requestState`: what a client brings back so that its parked call is found, sealed so that nobody
//! else can make one (MCP 2026-07-28, Multi Round-Trip Requests, Server Requirements).
//!
//! Base64url of: format, pod, call, round, expiry, then HMAC-SHA256 of these and of the digest of
//! the request. Integers are big-endian.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use memchr::memmem;
use sha2::Sha256;

use super::{digest::Digest, meta::Asked};
use crate::{
    envelope::{self, Message, Raw},
    io::Now,
    refusal::StateFault,
};

/// The only format so far.
const FORMAT: u8 = 1;
/// Bytes before the seal.
const HEAD: usize = 1 + 1 + 8 + 4 + 8;
/// Bytes of the seal.
const SEAL: usize = 32;

/// The key of the seal: made at random by the driver, once for all pods of one proxy. It is never
/// shown.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// From random bytes.
    pub const fn new(random: [u8; 32]) -> Self {
        Self(random)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What a state says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The pod whose hub has parked the call.
    pub pod: u8,
    /// The parked call.
    pub call: u64,
    /// How often its client was asked; the state of an earlier round is used up.
    pub round: u32,
    /// Until when it is valid, in whole seconds of the hub's clock.
    pub expires: u64,
}

impl State {
    /// The text for the client; it is valid for this request only.
    pub fn seal(&self, secret: &Secret, request: &Digest) -> String {
        let mut bytes = Vec::with_capacity(HEAD + SEAL);
        bytes.extend([FORMAT, self.pod]);
        bytes.extend(self.call.to_be_bytes());
        bytes.extend(self.round.to_be_bytes());
        bytes.extend(self.expires.to_be_bytes());
        let seal = mac(secret, &bytes, request).finalize().into_bytes();
        bytes.extend(seal);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a client brought back, if it is ours, still valid, and of this request.
    ///
    /// # Errors
    /// The [`StateFault`]; a state of another request cannot be told from a forged one.
    pub fn open(
        text: &str,
        secret: &Secret,
        request: &Digest,
        now: Now,
    ) -> Result<Self, StateFault> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let bytes = bytes.filter(|bytes| bytes.len() == HEAD + SEAL);
        let bytes = bytes.ok_or(StateFault::Forged)?;
        let (head, seal) = bytes.split_at(HEAD);
        mac(secret, head, request)
            .verify_slice(seal)
            .map_err(|_| StateFault::Forged)?;
        let state = Self::read(head).ok_or(StateFault::Forged)?;
        if now > Duration::from_secs(state.expires) {
            return Err(StateFault::Over);
        }
        Ok(state)
    }

    fn read(head: &[u8]) -> Option<Self> {
        let (format, rest) = head.split_first()?;
        let (pod, rest) = rest.split_first()?;
        let (call, rest) = rest.split_first_chunk()?;
        let (round, rest) = rest.split_first_chunk()?;
        let (expires, _) = rest.split_first_chunk()?;
        (*format == FORMAT).then_some(Self {
            pod: *pod,
            call: u64::from_be_bytes(*call),
            round: u32::from_be_bytes(*round),
            expires: u64::from_be_bytes(*expires),
        })
    }
}

fn mac(secret: &Secret, head: &[u8], request: &Digest) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(&secret.0);
    let mut mac = mac.expect("HMAC takes a key of any length");
    mac.update(head);
    mac.update(request);
    mac
}

/// The pod that has parked the call which this body goes on with, if it is such a body. Nothing is
/// verified here: a forged state leads to a hub that refuses it.
pub fn pod_of(body: &[u8]) -> Option<u8> {
    memmem::find(body, b"requestState")?;
    let Ok(Message::Request(request)) = envelope::peek(body) else {
        return None;
    };
    let state = Asked::peek(request.params).ok()?.state?;
    let bytes = URL_SAFE_NO_PAD.decode(&*Raw::string(state)?).ok()?;
    let head = bytes.get(..HEAD).filter(|_| bytes.len() == HEAD + SEAL)?;
    State::read(head).map(|state| state.pod)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: Secret = Secret::new([7; 32]);
    const STATE: State = State {
        pod: 11,
        call: 1 << 40,
        round: 3,
        expires: 100,
    };

    fn open(text: &str, request: Digest, now: u64) -> Result<State, StateFault> {
        State::open(text, &SECRET, &request, Duration::from_secs(now))
    }

    #[test]
    fn a_state_comes_back_until_it_expires() {
        let text = STATE.seal(&SECRET, &[1; 32]);
        assert_eq!(open(&text, [1; 32], 100), Ok(STATE));
        assert_eq!(open(&text, [1; 32], 101), Err(StateFault::Over));
    }

    #[test]
    fn a_state_that_was_changed_or_is_of_another_request_or_key_is_refused() {
        let text = STATE.seal(&SECRET, &[1; 32]);
        assert_eq!(open(&text, [2; 32], 1), Err(StateFault::Forged));
        assert_eq!(
            open(&format!("{text}-TAMPERED"), [1; 32], 1),
            Err(StateFault::Forged)
        );
        assert_eq!(open("", [1; 32], 1), Err(StateFault::Forged));
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(open(&changed, [1; 32], 1), Err(StateFault::Forged), "{at}");
        }
        let other = Secret::new([8; 32]);
        let stranger = STATE.seal(&other, &[1; 32]);
        assert_eq!(open(&stranger, [1; 32], 1), Err(StateFault::Forged));
    }

    #[test]
    fn the_secret_is_never_shown() {
        assert_eq!(format!("{SECRET:?}"), "Secret(..)");
    }

    #[test]
    fn the_pod_is_read_from_a_body_that_has_a_state_and_from_no_other() {
        let text = STATE.seal(&SECRET, &[1; 32]);
        let body = |state: &str| {
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"requestState":{state}}}}}"#
            )
        };
        assert_eq!(pod_of(body(&format!("\"{text}\"")).as_bytes()), Some(11));
        assert_eq!(pod_of(body("\"x\"").as_bytes()), None);
        assert_eq!(pod_of(body("1").as_bytes()), None);
        assert_eq!(pod_of(b"{}"), None);
    }
}
