//! What the stand-in says to good tokens and to others.

use axum::body::to_bytes;
use tower::ServiceExt as _;

use super::*;

/// More than any answer here, in bytes.
const ANSWER: usize = 1 << 20;

async fn ask(path: &str, authorization: &str) -> (StatusCode, HeaderMap, Value) {
    let request = Request::builder()
        .uri(path)
        .header(AUTHORIZATION, authorization);
    let request = request.body(Body::empty()).unwrap();
    let answer = api().oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let bytes = to_bytes(body, ANSWER).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap();
    (head.status, head.headers, body)
}

#[tokio::test]
async fn without_a_good_token_there_is_no_answer_anywhere() {
    let bad = format!("Bearer {}", token::mint_bad("one"));
    for authorization in ["", "Bearer", "Basic Og==", &bad] {
        for path in ["/", "/user", "/search/repositories?q=hive", "/nowhere"] {
            let (status, headers, body) = ask(path, authorization).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path} {authorization}");
            assert_eq!(body["message"], "Bad credentials");
            assert!(!headers.contains_key("x-oauth-scopes"));
        }
    }
}

#[tokio::test]
async fn the_token_decides_who_asks() {
    for seed in ["one", "two"] {
        let good = token::mint(seed);
        for scheme in ["Bearer", "token"] {
            let (status, headers, body) = ask("/user", &format!("{scheme} {good}")).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(body["login"], *token::login(&good).unwrap());
            assert_eq!(headers["x-oauth-scopes"], SCOPES);
        }
    }
}

#[tokio::test]
async fn ones_own_private_repository_is_seen_and_others_are_not() {
    let (mine, theirs) = (token::mint("one"), token::mint("two"));
    let login = token::login(&mine).unwrap();
    let path = format!("/repos/{login}/{PRIVATE}");
    let (status, _, body) = ask(&path, &format!("Bearer {mine}")).await;
    assert_eq!((status, &body["private"]), (StatusCode::OK, &json!(true)));
    let (status, _, _) = ask(&path, &format!("Bearer {theirs}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let search = format!("/search/repositories?q=user:{login}");
    let (_, _, body) = ask(&search, &format!("Bearer {mine}")).await;
    assert_eq!(body["total_count"], 2);
    let (_, _, body) = ask(&search, &format!("Bearer {theirs}")).await;
    assert_eq!(body["total_count"], 0);
}
