//! The gate in front of an API server that knows two people.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use kube::client::ClientBuilder;
use serde_json::{Value, json};
use tokio::time::{advance, sleep};

use super::*;
use hivewright_api::names;

/// How the API server answers, and how often it was asked.
#[derive(Clone, Debug, Default)]
struct Api {
    tokens: Arc<AtomicUsize>,
    rights: Arc<AtomicUsize>,
    /// Refuses to be asked.
    powerless: bool,
    /// Its authenticator knows no audiences.
    unaware: bool,
    /// Never answers.
    silent: bool,
}

impl Api {
    fn gate(&self) -> Gate {
        let router = Router::new()
            .route("/apis/authentication.k8s.io/v1/tokenreviews", post(token))
            .route(
                "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                post(right),
            )
            .with_state(self.clone());
        Gate::new(ClientBuilder::new(router, "default").build())
    }

    fn asked(&self) -> (usize, usize) {
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        (of(&self.tokens), of(&self.rights))
    }
}

/// `ann` has a token of the cluster, `bot` one that is for us alone.
async fn token(State(api): State<Api>, Json(review): Json<Value>) -> Response {
    api.tokens.fetch_add(1, Ordering::Relaxed);
    if api.silent {
        sleep(std::time::Duration::from_hours(1)).await;
    }
    if api.powerless {
        let status =
            json!({ "kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403 });
        return (StatusCode::FORBIDDEN, Json(status)).into_response();
    }
    let audiences = review["spec"]["audiences"].clone();
    let ours = audiences == json!([names::READER_AUDIENCE]);
    let known = match review["spec"]["token"].as_str() {
        Some("ann") => !ours || api.unaware,
        Some("bot") => ours,
        _ => false,
    };
    let named = if api.unaware { Value::Null } else { audiences };
    let status = json!({
        "authenticated": known,
        "audiences": named,
        "user": { "username": review["spec"]["token"], "groups": ["readers"] },
    });
    Json(json!({ "spec": { "token": "" }, "status": status })).into_response()
}

/// Everybody may read the namespace `team`.
async fn right(State(api): State<Api>, Json(review): Json<Value>) -> Json<Value> {
    api.rights.fetch_add(1, Ordering::Relaxed);
    assert_eq!(review["spec"]["groups"], json!(["readers"]));
    let asked = &review["spec"]["resourceAttributes"];
    assert_eq!(
        (&asked["group"], &asked["resource"]),
        (&json!(names::GROUP), &json!("mcpservers"))
    );
    let allowed = asked["namespace"] == "team";
    Json(json!({ "spec": {}, "status": { "allowed": allowed } }))
}

fn with(token: &str) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
    HeaderMap::from_iter([(header::AUTHORIZATION, value)])
}

#[tokio::test(start_paused = true)]
async fn who_is_known_and_may_is_let_through() {
    let gate = Api::default().gate();
    for token in ["ann", "bot"] {
        let reader = gate.admit(&with(token), &Ask::get("team", "osv")).await;
        assert_eq!(reader.unwrap().name(), token);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stranger_is_unknown_and_who_may_not_is_forbidden_by_name() {
    let api = Api::default();
    let gate = api.gate();
    let ask = Ask::get("other", "osv");
    let denied = gate.admit(&with("eve"), &ask).await.unwrap_err();
    assert_eq!(denied, Denial::Unknown);
    assert_eq!(api.asked().1, 0, "a stranger's rights are not asked for");
    let denied = gate.admit(&with("ann"), &ask).await.unwrap_err();
    let who = "ann".to_owned();
    assert_eq!(denied, Denial::Forbidden { who, ask });
    let denied = gate.admit(&HeaderMap::new(), &Ask::list(None)).await;
    assert_eq!(denied.unwrap_err(), Denial::NoToken);
}

#[tokio::test(start_paused = true)]
async fn a_yes_is_asked_for_once_in_its_time_and_a_no_sooner_again() {
    let api = Api::default();
    let gate = api.gate();
    for _ in 0..10 {
        gate.admit(&with("bot"), &Ask::list(Some("team")))
            .await
            .unwrap();
        gate.admit(&with("bot"), &Ask::list(None))
            .await
            .unwrap_err();
    }
    assert_eq!(api.asked(), (1, 2));
    advance(DOUBT).await;
    gate.admit(&with("bot"), &Ask::list(Some("team")))
        .await
        .unwrap();
    gate.admit(&with("bot"), &Ask::list(None))
        .await
        .unwrap_err();
    assert_eq!(api.asked(), (1, 3));
    advance(TRUST).await;
    gate.admit(&with("bot"), &Ask::list(Some("team")))
        .await
        .unwrap();
    assert_eq!(api.asked(), (2, 4));
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_knows_no_audiences_is_asked_again_without() {
    let api = Api {
        unaware: true,
        ..Api::default()
    };
    let reader = api.gate().who(&with("ann")).await.unwrap();
    assert_eq!((reader.name(), api.asked().0), ("ann", 2));
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_may_not_ask_says_so_and_one_without_answer_too() {
    let powerless = Api {
        powerless: true,
        ..Api::default()
    };
    let denied = powerless.gate().who(&with("ann")).await.unwrap_err();
    assert_eq!(denied, Denial::Powerless);
    let silent = Api {
        silent: true,
        ..Api::default()
    };
    let denied = silent.gate().who(&with("ann")).await.unwrap_err();
    assert_eq!(denied, Denial::Unanswered);
}

#[tokio::test(start_paused = true)]
async fn strangers_past_the_bound_are_told_to_come_again_and_the_known_are_served() {
    let api = Api::default();
    let gate = api.gate();
    gate.who(&with("bot")).await.unwrap();
    let silent = Api {
        silent: true,
        ..Api::default()
    };
    let slow = silent.gate();
    let crowd = (0..100).map(|n| {
        let slow = slow.clone();
        async move { slow.who(&with(&format!("stranger-{n}"))).await.unwrap_err() }
    });
    let told = futures::future::join_all(crowd).await;
    let busy = told
        .iter()
        .filter(|denied| **denied == Denial::Busy)
        .count();
    assert_eq!(busy, 100 - 16);
    gate.who(&with("bot")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_closed_gate_lets_nobody_through() {
    let denied = Gate::closed().who(&with("ann")).await.unwrap_err();
    assert_eq!(denied, Denial::Closed);
}
