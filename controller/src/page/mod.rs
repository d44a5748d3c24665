//! The status page: all servers at `/`, each at `/servers/NAMESPACE/NAME`. What it looks like is in
//! `hivewright-page`; here it is filled in and sent.
//!
//! ```text
//!  GET / ──> Gate ──> caches (window) ──> the page of the list that is asked for
//!                        │                    ├── proxies' figures (crate::figures)
//!                        │                    └── last events (journal)
//!  GET /servers/a/b ─────┘                    └── timeline, why (journal)
//! ```
//!
//! Who may list MCPServers in a namespace sees those of it; who may get one sees its page. The files
//! that go with the page tell nothing and are for everybody.

mod answer;
mod entry;
mod facts;
mod last;
mod list;
mod one;
mod rights;
mod row;
mod story;
mod window;

use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hivewright_page::{assets, model};
use jiff::Timestamp;

use crate::auth::Gate;
use crate::figures::Figures;
use crate::reading::Reading;

pub use rights::MAX_NAMESPACES;
pub use story::EVENTS;
pub use window::Window;

/// How often the page looks for what is new: as often as the figures can be new.
pub const PERIOD: Duration = Duration::from_secs(5);

/// What the handlers work with. Clones share everything.
#[derive(Clone, Debug)]
pub struct Page {
    gate: Gate,
    reading: Reading,
    window: Window,
    figures: Figures,
}

impl Page {
    /// Shows what is in the caches behind the window, and what the journal tells, to those whom the
    /// gate lets through.
    pub fn new(gate: Gate, reading: Reading, window: Window) -> Self {
        Self {
            gate,
            reading,
            window,
            figures: Figures::default(),
        }
    }

    /// The pages and their files.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(list::list))
            .route("/servers/{namespace}/{name}", get(one::one))
            .route("/assets/{name}", get(asset))
            .with_state(self)
    }
}

/// What is the same on every page; `root` is the way from it to the list.
fn site(root: &'static str) -> model::Site {
    model::Site {
        now: Timestamp::now(),
        root,
        served_by: format!("hivewright-controller {}", env!("CARGO_PKG_VERSION")),
        period: PERIOD,
    }
}

async fn asset(Path(name): Path<String>) -> Response {
    let Some(asset) = assets::find(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, assets::KEEP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.body).into_response()
}
