//! What is sent.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hivewright_page::{assets, problem};

use super::site;
use crate::auth::Denial;
use crate::key::Key;

/// A page.
pub(super) fn page(html: String) -> Response {
    let mut answer = html.into_response();
    dress(&mut answer);
    answer
}

/// Why there is no page, as a page: a browser shows it to whoever asked.
#[derive(Debug)]
pub(super) struct NoPage {
    root: &'static str,
    why: Why,
}

#[derive(Debug)]
enum Why {
    Denied(Denial),
    NoServer(Key),
}

impl NoPage {
    pub(super) fn denied(root: &'static str, denial: Denial) -> Self {
        let why = Why::Denied(denial);
        Self { root, why }
    }

    pub(super) fn no_server(root: &'static str, server: Key) -> Self {
        let why = Why::NoServer(server);
        Self { root, why }
    }
}

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        let site = site(self.root);
        match self.why {
            Why::Denied(denial) => {
                let sentence = denial.to_string();
                let title = match denial.status() {
                    StatusCode::UNAUTHORIZED => "Not signed in",
                    StatusCode::FORBIDDEN => "Not allowed",
                    _ => "Not now",
                };
                // Its status and headers say to programs what the page says to people.
                let mut answer = denial.into_response();
                *answer.body_mut() = Body::from(problem(&site, title, &sentence));
                answer.headers_mut().remove(header::CONTENT_LENGTH);
                dress(&mut answer);
                answer
            }
            Why::NoServer(server) => {
                let sentence = format!(
                    "There is no MCPServer {} in the namespace {}; it may have been deleted.",
                    server.name, server.namespace
                );
                let html = problem(&site, "No such server", &sentence);
                let mut answer = (StatusCode::NOT_FOUND, html).into_response();
                dress(&mut answer);
                answer
            }
        }
    }
}

fn dress(answer: &mut Response) {
    for (name, value) in assets::HEADERS {
        let name = HeaderName::from_static(name);
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
}
