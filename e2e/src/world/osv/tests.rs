//! Questions and the answers of the real database to them, as far as its advisories are here.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use tower::ServiceExt as _;

use super::*;

/// More than any answer here, in bytes.
const ANSWER: usize = 1 << 20;

async fn ask(path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = Request::builder().method(method).uri(path);
    let request = request.header("content-type", "application/json");
    let answer = api().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), ANSWER).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn found(query: Value) -> Vec<String> {
    let (status, answer) = ask("/v1/query", Some(query)).await;
    assert_eq!(status, StatusCode::OK);
    let list = answer["vulns"].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

fn package(ecosystem: &str, name: &str, version: &str) -> Value {
    json!({ "package": { "ecosystem": ecosystem, "name": name }, "version": version })
}

#[tokio::test]
async fn a_version_has_the_advisories_of_its_range() {
    let lodash = ["GHSA-29mw-wpgm-hmr9", "GHSA-35jh-r3h4-6jhm"];
    let core = "org.apache.logging.log4j:log4j-core";
    assert_eq!(found(package("npm", "lodash", "4.17.15")).await, lodash);
    assert!(found(package("npm", "lodash", "4.17.21")).await.is_empty());
    assert_eq!(
        found(package("Maven", core, "2.14.1")).await,
        ["GHSA-jfh8-c2jp-5v3q"]
    );
    for fixed in ["2.12.2", "2.15.0", "2.17.1", "2.3.1"] {
        assert!(
            found(package("Maven", core, fixed)).await.is_empty(),
            "{fixed}"
        );
    }
    assert_eq!(
        found(package("PyPI", "jinja2", "2.4.1")).await,
        ["PYSEC-2021-66"]
    );
}

#[tokio::test]
async fn a_package_url_says_the_same_with_one_word() {
    let with = |purl: &str| json!({ "package": { "purl": purl } });
    assert_eq!(found(with("pkg:npm/lodash@4.17.15")).await.len(), 2);
    assert_eq!(found(with("pkg:npm/lodash")).await.len(), 2);
    let log4j = with("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1");
    assert_eq!(found(log4j).await, ["GHSA-jfh8-c2jp-5v3q"]);
}

#[tokio::test]
async fn a_batch_is_answered_in_its_order_with_ids_alone() {
    let queries = [
        package("PyPI", "jinja2", "2.11.3"),
        package("PyPI", "jinja2", "2.11.2"),
    ];
    let (_, answer) = ask("/v1/querybatch", Some(json!({ "queries": queries }))).await;
    let second = json!({ "id": "PYSEC-2021-66", "modified": "2021-03-22T16:34:00Z" });
    assert_eq!(answer, json!({ "results": [{}, { "vulns": [second] }] }));
}

#[tokio::test]
async fn an_advisory_comes_whole_and_an_unknown_one_not_at_all() {
    let (_, advisory) = ask("/v1/vulns/GHSA-jfh8-c2jp-5v3q", None).await;
    assert_eq!(advisory["aliases"], json!(["CVE-2021-44228"]));
    let (status, error) = ask("/v1/vulns/GHSA-none", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(error, json!({ "code": 5, "message": "Bug not found." }));
}

#[tokio::test]
async fn a_query_for_nothing_is_invalid() {
    for query in [json!({}), json!({ "package": { "name": "lodash" } })] {
        let (status, _) = ask("/v1/query", Some(query)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}
