//! The paths of questions: what a client asks, and where a batch links to.
//!
//! Names of Kubernetes and times need no quoting in a query (RFC 3986, section 3.4).

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{PATH_EVENTS, PATH_STATE, PATH_WHY};
use crate::journal::{About, Query};
use crate::key::Key;

/// The path that asks for these events.
pub fn events(query: &Query) -> String {
    let mut path = format!("{PATH_EVENTS}?limit={}{}", query.limit, about(&query.about));
    if let Some(after) = query.after {
        let _infallible = write!(path, "&after={after}");
    }
    path.push_str(&time("since", query.since));
    path.push_str(&time("until", query.until));
    if query.newest {
        path.push_str("&newest=true");
    }
    path
}

/// The path that asks for the servers at a time.
pub fn state(asked: &About, at: Option<Timestamp>) -> String {
    let words = format!("{}{}", about(asked), time("at", at));
    match words.strip_prefix('&') {
        None => PATH_STATE.to_owned(),
        Some(words) => format!("{PATH_STATE}?{words}"),
    }
}

/// The path that asks why a server is as it is.
pub fn why(server: &Key) -> String {
    format!("{PATH_WHY}?subject={server}")
}

fn about(about: &About) -> String {
    match about {
        About::All => String::new(),
        About::Namespace(namespace) => format!("&namespace={namespace}"),
        About::Server(server) => format!("&subject={server}"),
    }
}

fn time(name: &str, time: Option<Timestamp>) -> String {
    time.map(|time| format!("&{name}={time}"))
        .unwrap_or_default()
}
