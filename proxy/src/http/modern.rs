//! Requests of 2026-07-28 on `/mcp`: told from those of sessions, and put to a pod as visits.

use std::sync::Arc;

use bytes::Bytes;
use hivewright_bridge::{
    io::FromClient,
    modern::{self, Field, ModernHead},
    protocol::{Era, Revision},
    refusal::Refusal,
};
use http::{HeaderMap, HeaderName};

use super::{
    PROTOCOL_VERSION, SESSION_ID,
    answer::{self, Answer},
    owner,
    rejection::Rejection,
};
use crate::{driver::StreamKind, exchange::Exchange, fleet::Fleet};

/// The method that the body has.
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
/// The tool, prompt or resource that the body names.
const NAME: HeaderName = HeaderName::from_static("mcp-name");
/// Begins the names of headers that mirror arguments.
const PARAM: &str = "mcp-param-";

/// Whether this POST is of this revision; see [`modern::is_modern`].
pub(super) fn is_modern(headers: &HeaderMap, body: &[u8]) -> bool {
    let version = headers.get(PROTOCOL_VERSION);
    let version = version.and_then(|version| version.to_str().ok());
    let in_session = headers.contains_key(SESSION_ID);
    modern::is_modern(version, in_session, headers.contains_key(METHOD), body)
}

/// Refuses a GET or DELETE of this revision, which has neither (MCP 2026-07-28, Streamable HTTP,
/// Earlier Streamable HTTP Revisions).
pub(super) fn refuse_other(headers: &HeaderMap) -> Result<(), Rejection> {
    let version = headers.get(PROTOCOL_VERSION);
    let revision = version.and_then(|version| Revision::parse(version.to_str().ok()?));
    match revision.map(Revision::era) {
        Some(Era::Modern) => Err(Refusal::MethodNotAllowed.into()),
        Some(Era::Legacy) | None => Ok(()),
    }
}

/// Puts the request to a pod. If the client leaves, it is cancelled.
pub(super) async fn visit(
    fleet: &Fleet,
    headers: &HeaderMap,
    body: Bytes,
    exchange: Option<Arc<Exchange>>,
) -> Result<Answer, Rejection> {
    let head = head(headers)?;
    let pod = modern::pod_of(&body);
    let input = |stream| (FromClient::Visit { stream, head, body }, exchange);
    let stream = fleet.visit(pod, StreamKind::Answer, input).await?;
    answer::to_post(stream, false).await
}

fn head(headers: &HeaderMap) -> Result<ModernHead, Rejection> {
    let sender = owner::sender(headers)?;
    let params = headers.keys().filter_map(|name| {
        let param = name.as_str().strip_prefix(PARAM)?;
        Some((param.into(), field(headers, name)))
    });
    Ok(ModernHead {
        version: field(headers, &PROTOCOL_VERSION),
        method: field(headers, &METHOD),
        name: field(headers, &NAME),
        params: params.collect(),
        principal: sender.map(|sender| sender.principal()),
    })
}

fn field(headers: &HeaderMap, name: &HeaderName) -> Field {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Field::Absent,
        (Some(value), None) => value
            .to_str()
            .map_or(Field::Unreadable, |value| Field::Value(value.into())),
        (Some(_), Some(_)) => Field::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(of: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = of.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        let mut headers = HeaderMap::new();
        pairs.for_each(|(name, value)| {
            headers.append(name, value);
        });
        headers
    }

    #[test]
    fn a_header_is_read_once_or_is_unreadable() {
        let head = head(&headers(&[
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-name", "a"),
            ("mcp-name", "b"),
            ("mcp-param-region", "eu"),
        ]))
        .expect("nothing is wrong with its sender");
        assert_eq!(head.version.value(), Some("2026-07-28"));
        assert_eq!(
            (&head.name, &head.method),
            (&Field::Unreadable, &Field::Absent)
        );
        assert_eq!(head.param("Region").value(), Some("eu"));
        assert_eq!(head.principal, None);
    }

    #[test]
    fn other_credentials_are_another_principal_and_the_case_of_their_scheme_is_not() {
        let of = |value| {
            let head = head(&headers(&[("authorization", value)]));
            head.expect("one header is good").principal
        };
        assert!(of("Bearer a").is_some());
        assert_eq!(of("Bearer a"), of("bearer  a"));
        assert_ne!(of("Bearer a"), of("Bearer b"));
    }

    #[test]
    fn of_two_senders_neither_is_believed() {
        let two = headers(&[("authorization", "Bearer a"), ("authorization", "Bearer b")]);
        assert!(matches!(
            head(&two),
            Err(Rejection::BadHeader("Authorization"))
        ));
    }
}
