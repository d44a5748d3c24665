//! Who answers under which name.

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Request, StatusCode, header::HOST},
    response::{IntoResponse, Response},
};
use tower::ServiceExt as _;

use super::{github, osv};

/// Where the GitHub server finds its API unless it is told otherwise.
pub const GITHUB: &str = "api.github.com";
/// Where advisories are.
pub const OSV: &str = "api.osv.dev";
/// Every name that the stand-ins answer under: the certificate's and the cluster's DNS.
pub const NAMES: [&str; 2] = [GITHUB, OSV];

#[derive(Clone, Debug)]
struct StandIns {
    github: Router,
    osv: Router,
}

/// All stand-ins, told apart by the request's host.
pub fn stand_ins() -> Router {
    let state = StandIns {
        github: github::api(),
        osv: osv::api(),
    };
    Router::new().fallback(dispatch).with_state(state)
}

async fn dispatch(State(all): State<StandIns>, request: Request<Body>) -> Response {
    let router = match host(request.headers()) {
        Some(GITHUB) => all.github,
        Some(OSV) => all.osv,
        // RFC 9110, section 15.5.20.
        _ => return StatusCode::MISDIRECTED_REQUEST.into_response(),
    };
    router.oneshot(request).await.into_response()
}

fn host(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(HOST)?.to_str().ok()?;
    Some(host.split_once(':').map_or(host, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn status(host: &str, path: &str) -> StatusCode {
        let request = Request::builder().uri(path).header(HOST, host);
        let request = request.body(Body::empty()).unwrap();
        stand_ins().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn each_name_has_its_own_paths_and_others_none() {
        let advisory = "/v1/vulns/GHSA-29mw-wpgm-hmr9";
        assert_eq!(status(OSV, advisory).await, StatusCode::OK);
        assert_eq!(status("api.osv.dev:443", advisory).await, StatusCode::OK);
        assert_eq!(status(GITHUB, advisory).await, StatusCode::UNAUTHORIZED);
        let other = status("example.com", advisory).await;
        assert_eq!(other, StatusCode::MISDIRECTED_REQUEST);
    }
}
