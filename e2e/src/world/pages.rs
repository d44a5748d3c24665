//! A web site of two pages with its robots.txt.
//!
//! The pages are files of `e2e/world`, compiled in, so a scenario can compare what came through a
//! server with the very bytes.

use axum::{
    Router,
    http::header::CONTENT_TYPE,
    response::IntoResponse,
    routing::{MethodRouter, get},
};

/// The page that everybody may read.
pub const PAGE: &str = include_str!("../../world/index.html");
/// A sentence of [`PAGE`] that survives any conversion of the page to text.
pub const SENTENCE: &str = "The hive hums at forty-one degrees when the queen is home.";
/// The page that robots.txt keeps robots from.
pub const PRIVATE: &str = include_str!("../../world/private.html");
/// What robots may do here.
pub const ROBOTS: &str = include_str!("../../world/robots.txt");

/// The site.
pub fn site() -> Router {
    Router::new()
        .route("/", page("text/html; charset=utf-8", PAGE))
        .route("/private", page("text/html; charset=utf-8", PRIVATE))
        .route("/robots.txt", page("text/plain", ROBOTS))
}

fn page(kind: &'static str, text: &'static str) -> MethodRouter {
    get(move || async move { ([(CONTENT_TYPE, kind)], text).into_response() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_the_sentence_that_scenarios_look_for() {
        assert!(PAGE.contains(SENTENCE));
        assert!(!PRIVATE.contains(SENTENCE));
        assert!(ROBOTS.contains("Disallow: /private"));
    }
}
