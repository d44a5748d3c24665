//! The token of a request. It is kept nowhere; what is remembered is its digest.

use axum::http::{HeaderMap, header};
use sha2::Digest as _;

use super::Denial;

/// Most bytes of a token. Those of Kubernetes have about one thousand, those of identity providers
/// with many groups up to eight; servers commonly end a header at sixteen.
const MAX_TOKEN: usize = 16 * 1024;

/// SHA-256 of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(token: &str) -> Self {
        Self(sha2::Sha256::digest(token).into())
    }
}

/// The bearer token (RFC 6750, section 2.1).
pub(super) fn of(headers: &HeaderMap) -> Result<&str, Denial> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let first = all.next().ok_or(Denial::NoToken)?;
    if all.next().is_some() {
        return Err(Denial::BadHeader);
    }
    let text = first.to_str().map_err(|_| Denial::BadHeader)?;
    let (scheme, token) = text.split_once(' ').ok_or(Denial::BadHeader)?;
    let token = token.trim_matches(' ');
    let fits = !token.is_empty()
        && token.len() <= MAX_TOKEN
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    if scheme.eq_ignore_ascii_case("bearer") && fits {
        Ok(token)
    } else {
        Err(Denial::BadHeader)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(value: &str) -> HeaderMap {
        let value = HeaderValue::from_str(value).unwrap();
        HeaderMap::from_iter([(header::AUTHORIZATION, value)])
    }

    #[test]
    fn a_bearer_token_is_read_whatever_the_case_of_its_scheme() {
        assert_eq!(of(&with("Bearer abc.def")), Ok("abc.def"));
        assert_eq!(of(&with("bearer abc")), Ok("abc"));
    }

    #[test]
    fn what_is_no_bearer_token_is_refused_before_anybody_is_asked() {
        let long = format!("Bearer {}", "a".repeat(MAX_TOKEN + 1));
        for wrong in ["Basic YTpi", "Bearer", "Bearer ", "Bearer a b", &long] {
            assert_eq!(of(&with(wrong)), Err(Denial::BadHeader));
        }
        assert_eq!(of(&HeaderMap::new()), Err(Denial::NoToken));
    }

    #[test]
    fn of_two_tokens_none_is_chosen() {
        let mut two = with("Bearer a");
        two.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert_eq!(of(&two), Err(Denial::BadHeader));
    }
}
