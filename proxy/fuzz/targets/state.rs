//! A request state that was not sealed here opens nothing, and one bit more or less is another one.

use std::time::Duration;

use hivewright_bridge::modern::{Secret, digest, pod_of, state::State};

/// See the module.
pub(crate) fn target(data: &[u8]) {
    let secret = Secret::new([7; 32]);
    let request = digest("tools/call", &[], None);
    let text = String::from_utf8_lossy(data);
    assert!(State::open(&text, &secret, &request, Duration::ZERO).is_err());
    let _ = pod_of(data);
    let (pod, rest) = super::knob(data);
    let state = State {
        pod: u8::try_from(pod % 16).expect("below 16"),
        call: data.len() as u64,
        round: 1,
        expires: 100,
    };
    let sealed = state.seal(&secret, &request);
    let opened = State::open(&sealed, &secret, &request, Duration::ZERO);
    assert!(opened.is_ok_and(|opened| opened == state));
    assert!(State::open(&sealed, &secret, &request, Duration::from_secs(101)).is_err());
    let (at, _) = super::knob(rest);
    let mut forged = sealed.into_bytes();
    let at = at % forged.len();
    forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).expect("ASCII");
    assert!(State::open(&forged, &secret, &request, Duration::ZERO).is_err());
}
