//! A part of GitHub's REST API that believes in tokens: <https://docs.github.com/rest>.
//!
//! Whose repositories one sees is decided by the token alone, so that an answer shows which token was
//! sent. See [`token`] for those that are good.

pub mod token;

use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{Path, Query},
    http::{HeaderMap, HeaderValue, Request, StatusCode, header::AUTHORIZATION},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// What the tokens may do: the scopes that the server's default tools ask for.
const SCOPES: &str = "gist, notifications, read:org, repo, user";

/// The public repository that every account has.
pub const PUBLIC: &str = "hive";
/// The private one, which only its owner's token shows.
pub const PRIVATE: &str = "queens-chamber";

/// The account that a request's token belongs to.
#[derive(Clone, Debug)]
struct Login(String);

/// The API.
pub fn api() -> Router {
    Router::new()
        .route(
            "/",
            get(async || Json(json!({ "current_user_url": "https://api.github.com/user" }))),
        )
        .route("/user", get(user))
        .route("/search/repositories", get(search))
        .route("/repos/{owner}/{name}", get(repository))
        .fallback(async || not_found())
        .layer(from_fn(check))
}

/// 401 without a good token, as the real API answers; else who asks, and what the token may do.
async fn check(mut request: Request<Body>, next: Next) -> Response {
    let Some(login) = sent(request.headers()).and_then(token::login) else {
        return error(StatusCode::UNAUTHORIZED, "Bad credentials");
    };
    request.extensions_mut().insert(Login(login));
    let mut response = next.run(request).await;
    let scopes = HeaderValue::from_static(SCOPES);
    response.headers_mut().insert("x-oauth-scopes", scopes);
    response
}

/// Both schemes are GitHub's own.
fn sent(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let known = ["bearer", "token"].map(|name| scheme.eq_ignore_ascii_case(name));
    known.contains(&true).then(|| token.trim())
}

async fn user(Extension(Login(login)): Extension<Login>) -> Json<Value> {
    Json(json!({
        "login": login,
        "id": token::number(&login),
        "type": "User",
        "url": format!("https://api.github.com/users/{login}"),
        "html_url": format!("https://github.com/{login}"),
        "name": format!("Keeper {login}"),
        "location": "The hive",
        "public_repos": 1,
        "total_private_repos": 1,
        "owned_private_repos": 1,
        "created_at": "2024-05-01T06:00:00Z",
        "updated_at": "2026-05-01T06:00:00Z",
    }))
}

/// A search; GitHub's words in it are `user:LOGIN` and parts of names.
#[derive(Debug, Deserialize)]
struct Search {
    q: String,
}

async fn search(
    Extension(Login(login)): Extension<Login>,
    Query(Search { q }): Query<Search>,
) -> Json<Value> {
    let fits = |name: &str| {
        q.split_whitespace().all(|word| match word.split_once(':') {
            Some(("user", owner)) => owner == login,
            Some(_) => true,
            None => name.contains(word),
        })
    };
    let items: Vec<Value> = [PUBLIC, PRIVATE]
        .into_iter()
        .filter(|name| fits(name))
        .map(|name| described(&login, name))
        .collect();
    Json(json!({ "total_count": items.len(), "incomplete_results": false, "items": items }))
}

async fn repository(
    Extension(Login(login)): Extension<Login>,
    Path((owner, name)): Path<(String, String)>,
) -> Response {
    let known = [PUBLIC, PRIVATE].contains(&name.as_str());
    if owner == login && known {
        Json(described(&login, &name)).into_response()
    } else {
        // What one may not see is not there: the real API says no more.
        not_found()
    }
}

fn described(owner: &str, name: &str) -> Value {
    json!({
        "id": token::number(&format!("{owner}/{name}")),
        "name": name,
        "full_name": format!("{owner}/{name}"),
        "private": name == PRIVATE,
        "owner": { "login": owner, "id": token::number(owner), "type": "User" },
        "html_url": format!("https://github.com/{owner}/{name}"),
        "url": format!("https://api.github.com/repos/{owner}/{name}"),
        "description": "Where the bees are",
        "fork": false,
        "archived": false,
        "language": "Rust",
        "stargazers_count": 41,
        "forks_count": 6,
        "open_issues_count": 2,
        "default_branch": "main",
        "created_at": "2024-05-01T06:00:00Z",
        "updated_at": "2026-05-01T06:00:00Z",
    })
}

fn not_found() -> Response {
    error(StatusCode::NOT_FOUND, "Not Found")
}

fn error(status: StatusCode, message: &str) -> Response {
    let body = json!({
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": status.as_str(),
    });
    (status, Json(body)).into_response()
}

#[cfg(test)]
#[path = "github/tests.rs"]
mod tests;
