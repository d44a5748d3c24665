use std::collections::BTreeSet;

use super::*;

fn all() -> Vec<Refusal> {
    vec![
        Refusal::BodyTooLarge { limit: 1 },
        Refusal::BodyTimeout,
        Refusal::ForbiddenOrigin,
        Refusal::ForbiddenHost,
        Refusal::MethodNotAllowed,
        Refusal::NotAcceptable,
        Refusal::UnsupportedMediaType,
        Refusal::NotUtf8,
        Refusal::NotJson,
        Refusal::NotJsonRpc(Malformed::Shape),
        Refusal::BatchNotAllowed,
        Refusal::BatchEmpty,
        Refusal::BatchTooLong { limit: 1 },
        Refusal::InitializeInBatch,
        Refusal::SessionRequired,
        Refusal::UnknownSession,
        Refusal::WrongDoor,
        Refusal::UnsupportedVersion,
        Refusal::AlreadyInitialized,
        Refusal::NotInitialized,
        Refusal::InvalidParams("x"),
        Refusal::DuplicateId,
        Refusal::TooManySessions,
        Refusal::PoolFull { max: 4 },
        Refusal::TooManyPending,
        Refusal::TooManySubscriptions,
        Refusal::ServerUnavailable(None),
        Refusal::ServerLost(Loss::ProcessExited),
        Refusal::DeliveryUnknown,
        Refusal::AnswerTooLong { limit: 1 },
        Refusal::NotRead,
        Refusal::CallTimeout,
        Refusal::Draining,
    ]
}

#[test]
fn every_refusal_has_a_label_of_its_own_and_an_error_status() {
    let labels: BTreeSet<_> = all().iter().map(Refusal::reason).collect();
    assert_eq!(labels.len(), all().len());
    assert!(
        all()
            .iter()
            .all(|refusal| (400..600).contains(&refusal.http_status()))
    );
}

#[test]
fn every_body_is_a_json_rpc_error_with_its_code_and_sentence() {
    for refusal in all() {
        let body = refusal.body(Some(b"\"i\""));
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["id"], "i");
        assert_eq!(body["error"]["code"], refusal.code());
        assert_eq!(body["error"]["message"], refusal.message());
    }
}

#[test]
fn the_protocols_own_codes_are_used() {
    let code = |refusal: Refusal| (refusal.http_status(), refusal.code());
    assert_eq!(code(Refusal::NotJson), (400, -32700));
    assert_eq!(code(Refusal::NotJsonRpc(Malformed::Id)), (400, -32600));
    assert_eq!(code(Refusal::BatchNotAllowed), (400, -32600));
    assert_eq!(code(Refusal::InvalidParams("x")), (400, -32602));
    assert_eq!(code(Refusal::UnknownSession).0, 404);
    assert_eq!(code(Refusal::ForbiddenOrigin).0, 403);
    assert_eq!(code(Refusal::BodyTooLarge { limit: 1 }).0, 413);
}

#[test]
fn an_unsupported_version_names_the_supported_ones() {
    let body = Refusal::UnsupportedVersion.body(None);
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["id"], serde_json::Value::Null);
    assert_eq!(
        body["error"]["data"]["supported"],
        serde_json::json!(crate::protocol::SUPPORTED)
    );
}

#[test]
fn a_full_pool_is_503_and_says_when_to_come_back() {
    let full = Refusal::PoolFull { max: 4 };
    assert_eq!((full.http_status(), full.code()), (503, -32000));
    assert_eq!(full.retry_after(), Some(POOL_RETRY));
    assert!(full.message().contains("4 at most"), "{}", full.message());
    assert_eq!(Refusal::TooManySessions.retry_after(), None);
}
