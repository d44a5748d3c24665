//! The status page over the caches of a controller, for people of different rights.

use axum::body::to_bytes;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use hivewright_controller::auth::Gate;
use hivewright_controller::metrics::Metrics;
use hivewright_controller::operate::Config;
use hivewright_controller::page::{Page, Window};
use hivewright_controller::reading::Reading;
use kube::client::ClientBuilder;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::support::FakeApi;
use crate::support::controller::{Running, config, fetch, rest};

/// Longest page of a test, bytes.
const LONGEST: usize = 1 << 20;

/// `all` may everything, `team` what is in the namespace `team`, `eve` is known and may nothing.
fn gate() -> Gate {
    let token = async |Json(review): Json<Value>| {
        let name = review["spec"]["token"].clone();
        let known = ["all", "team", "eve"].iter().any(|known| name == *known);
        Json(json!({ "spec": {}, "status": {
            "authenticated": known,
            "audiences": review["spec"]["audiences"],
            "user": { "username": name },
        }}))
    };
    let right = async |Json(review): Json<Value>| {
        let who = review["spec"]["user"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let namespace = &review["spec"]["resourceAttributes"]["namespace"];
        let allowed = who == "all" || (who == "team" && namespace == "team");
        Json(json!({ "spec": {}, "status": { "allowed": allowed } }))
    };
    let api = Router::new()
        .route("/apis/authentication.k8s.io/v1/tokenreviews", post(token))
        .route(
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            post(right),
        );
    Gate::new(ClientBuilder::new(api, "default").build())
}

/// A controller that has looked at two servers in two namespaces, and its page.
async fn page() -> (Running, Router) {
    let api = FakeApi::default();
    api.put("mcpservers", fetch("fetch"));
    let mut other = fetch("osv");
    other["metadata"]["namespace"] = "team".into();
    api.put("mcpservers", other);
    let window = Window::default();
    let config = Config {
        window: window.clone(),
        ..config()
    };
    let running = Running::configured(&api, "a", config);
    rest(&api).await;
    let metrics = Metrics::new();
    metrics.leads(true);
    let reading = Reading::new(gate(), None, metrics, CancellationToken::new());
    (running, Page::new(gate(), reading, window).router())
}

async fn get(page: &Router, who: &str, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {who}"));
    let request = request.body(axum::body::Body::empty()).unwrap();
    let (parts, body) = page.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, LONGEST).await.unwrap();
    let html = String::from_utf8(body.to_vec()).unwrap();
    (parts.status, parts.headers, html)
}

#[tokio::test(start_paused = true)]
async fn who_may_list_everything_sees_every_server_and_why_it_is_as_it_is() {
    let (_running, page) = page().await;
    let (status, headers, html) = get(&page, "all", "/").await;
    assert_eq!(status, StatusCode::OK);
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    for part in ["servers/default/fetch", "servers/team/osv", "2 pending"] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(html.contains("keeps no journal"), "{html}");
}

#[tokio::test(start_paused = true)]
async fn who_may_list_one_namespace_sees_nothing_of_the_others() {
    let (_running, page) = page().await;
    let (status, _, html) = get(&page, "team", "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("servers/team/osv"), "{html}");
    assert!(
        !html.contains("fetch") && !html.contains("default"),
        "{html}"
    );
    assert!(
        html.contains("1 pending"),
        "the sum is of what is seen: {html}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_may_nothing_is_told_so_as_a_page_and_learns_of_no_server() {
    let (_running, page) = page().await;
    for path in ["/", "/servers/default/fetch", "/servers/default/nothing"] {
        let (status, headers, html) = get(&page, "eve", path).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(html.contains("<h1>Not allowed</h1>"), "{html}");
        assert!(!html.contains("osv") && !html.contains("Pending"), "{html}");
    }
    let (status, headers, html) = get(&page, "nobody", "/").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(headers.contains_key(header::WWW_AUTHENTICATE));
    assert!(html.contains("Not signed in"), "{html}");
}

#[tokio::test(start_paused = true)]
async fn a_server_has_a_page_with_its_address_image_and_conditions() {
    let (_running, page) = page().await;
    let (status, _, html) = get(&page, "team", "/servers/team/osv").await;
    assert_eq!(status, StatusCode::OK);
    for part in [
        "<h1>osv</h1>",
        "mcp-osv-proxy.team",
        "BackendReady",
        "stdio",
        "../../assets/",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let (status, _, html) = get(&page, "team", "/servers/team/gone").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(html.contains("No such server"), "{html}");
}

#[tokio::test(start_paused = true)]
async fn the_list_is_narrowed_by_words_and_a_page_past_the_last_is_the_last() {
    let (_running, page) = page().await;
    let (_, _, html) = get(&page, "all", "/?q=team/&health=pending&page=9").await;
    assert!(
        html.contains("servers/team/osv") && !html.contains("servers/default"),
        "{html}"
    );
    let (_, _, html) = get(&page, "all", "/?q=%3Cscript%3E").await;
    assert!(html.contains("No server is like that"), "{html}");
    assert!(!html.contains("<script>"), "what is typed is text: {html}");
}

#[tokio::test(start_paused = true)]
async fn the_files_of_the_page_are_for_everybody_and_nothing_else_is_a_file() {
    let (_running, page) = page().await;
    let (status, headers, _) = get(&page, "nobody", "/assets/page.css?v=1").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    let (status, ..) = get(&page, "all", "/assets/..%2FCargo.toml").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
