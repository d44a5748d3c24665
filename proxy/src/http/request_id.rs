//! The request id: the client's if it is sane, otherwise ours; echoed, and in the access log.

use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it, as common gateways name it.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id taken from a client, in bytes. UUIDs have 36.
pub const MAX_REQUEST_ID: usize = 128;

/// Makes request ids: a random part for the process, a count for the request.
#[derive(Debug)]
pub(super) struct RequestIds {
    process: u32,
    count: AtomicU64,
}

impl RequestIds {
    /// Ids of this process.
    pub(super) fn new() -> Self {
        // An id is no secret: without random bytes the count alone still tells requests apart.
        let process = getrandom::u32().unwrap_or_default();
        Self {
            process,
            count: AtomicU64::new(0),
        }
    }

    /// The id of the request with these headers.
    pub(super) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        headers
            .get(REQUEST_ID)
            .filter(|id| is_sane(id))
            .cloned()
            .unwrap_or_else(|| self.fresh())
    }

    fn fresh(&self) -> HeaderValue {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        HeaderValue::try_from(format!("{:08x}-{count:x}", self.process))
            .expect("hex digits and a hyphen are a header value")
    }
}

/// Letters, digits and the marks that ids in use are made of: nothing that a log or a shell reads
/// as more than a name.
fn is_sane(id: &HeaderValue) -> bool {
    let ok = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:+/=".contains(byte);
    (1..=MAX_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(ok)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("3f2c9a44-5b7e-4b8e-9d0a-0c5a1f6f2a11", true)]
    #[case("Root=1-67891233-abcdef012345678912345678", true)]
    #[case("a b", false)]
    #[case("<script>", false)]
    #[case("", false)]
    fn only_a_sane_id_is_echoed(#[case] sent: &'static str, #[case] echoed: bool) {
        let headers = HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(sent))]);
        assert_eq!(RequestIds::new().of(&headers) == sent, echoed);
    }

    #[test]
    fn an_id_of_the_bound_is_echoed_and_a_longer_one_is_replaced() {
        let ids = RequestIds::new();
        for (length, echoed) in [(MAX_REQUEST_ID, true), (MAX_REQUEST_ID + 1, false)] {
            let sent = HeaderValue::try_from("x".repeat(length)).expect("a header value");
            let headers = HeaderMap::from_iter([(REQUEST_ID, sent.clone())]);
            assert_eq!(ids.of(&headers) == sent, echoed);
        }
    }

    #[test]
    fn made_ids_differ() {
        let ids = RequestIds::new();
        assert_ne!(ids.of(&HeaderMap::new()), ids.of(&HeaderMap::new()));
    }
}
