//! What is asked for, as a query string: which servers, which page of them.
//!
//! A query string is what anybody types: what cannot be read is as if it had not been said.

use std::fmt::Write as _;

use serde::Deserialize;

use crate::model::Health;

/// Servers on one page: a screen or two, and as many proxies to ask for figures.
pub const PAGE_SIZE: usize = 50;
/// Characters of a search text that count: the longest namespace, a slash and the longest name.
pub const MAX_SEARCH: usize = 120;

/// What is asked of the list, as it arrives.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Query {
    /// A part of a namespace or name.
    #[serde(default)]
    pub q: String,
    /// A namespace; empty: every one.
    #[serde(default)]
    pub namespace: String,
    /// A health in lower case; empty: every one.
    #[serde(default)]
    pub health: String,
    /// From 1.
    #[serde(default)]
    pub page: String,
}

/// What is asked of the list, as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A part of `namespace/name`, in lower case.
    pub search: String,
    /// Only this namespace.
    pub namespace: Option<String>,
    /// Only this health.
    pub health: Option<Health>,
    /// From 1.
    pub page: usize,
}

impl From<Query> for Filter {
    fn from(query: Query) -> Self {
        let search: String = query.q.trim().chars().take(MAX_SEARCH).collect();
        let named = |health: &Health| health.word().eq_ignore_ascii_case(&query.health);
        Self {
            search: search.to_lowercase(),
            namespace: Some(query.namespace).filter(|namespace| !namespace.is_empty()),
            health: Health::ALL.into_iter().find(named),
            page: query.page.parse().unwrap_or(1).max(1),
        }
    }
}

impl Filter {
    /// Whether a server is asked for.
    pub fn takes(&self, namespace: &str, name: &str, health: Health) -> bool {
        self.health.is_none_or(|wanted| wanted == health) && self.names(namespace, name)
    }

    fn names(&self, namespace: &str, name: &str) -> bool {
        let here = self
            .namespace
            .as_deref()
            .is_none_or(|wanted| wanted == namespace);
        here && format!("{namespace}/{name}").contains(&self.search)
    }

    /// Whether anything is left out.
    pub fn is_narrow(&self) -> bool {
        !self.search.is_empty() || self.namespace.is_some() || self.health.is_some()
    }

    /// The same of another health, from its first page.
    pub(crate) fn of(&self, health: Option<Health>) -> Self {
        Self {
            health,
            page: 1,
            ..self.clone()
        }
    }

    /// Another page of the same.
    pub(crate) fn at(&self, page: usize) -> Self {
        Self {
            page,
            ..self.clone()
        }
    }

    /// As a link from the list to itself.
    pub(crate) fn link(&self) -> String {
        let health = self.health.map(|health| health.word().to_lowercase());
        let page = (self.page > 1).then(|| self.page.to_string());
        let parts = [
            ("q", Some(self.search.as_str())),
            ("namespace", self.namespace.as_deref()),
            ("health", health.as_deref()),
            ("page", page.as_deref()),
        ];
        let mut link = String::from("?");
        for (name, value) in parts {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                let and = if link.len() > 1 { "&" } else { "" };
                // Writing to a String does not fail.
                let _ = write!(link, "{and}{name}={}", escape(value));
            }
        }
        link
    }
}

/// Percent-encodes all that is not unreserved (RFC 3986, 2.3).
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            // Writing to a String does not fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(q: &str, namespace: &str, health: &str, page: &str) -> Filter {
        Filter::from(Query {
            q: q.to_owned(),
            namespace: namespace.to_owned(),
            health: health.to_owned(),
            page: page.to_owned(),
        })
    }

    #[test]
    fn what_cannot_be_read_is_as_if_it_had_not_been_said() {
        let filter = query("", "", "excellent", "-3");
        assert!(!filter.is_narrow());
        assert_eq!(filter.page, 1);
        assert_eq!(filter.link(), "?");
    }

    #[test]
    fn a_search_finds_parts_of_namespaces_and_names() {
        let filter = query(" M/O ", "", "", "");
        assert!(filter.takes("team", "osv", Health::Ready) == "team/osv".contains("m/o"));
        assert!(query("TEAM/o", "", "", "").takes("team", "osv", Health::Ready));
        assert!(!query("github", "", "", "").takes("team", "osv", Health::Ready));
        assert!(!query("", "other", "", "").takes("team", "osv", Health::Ready));
        assert!(!query("", "", "failed", "").takes("team", "osv", Health::Ready));
    }

    #[test]
    fn a_link_says_it_all_again_and_nothing_breaks_out_of_it() {
        let filter = query("a&b=\"<c>", "team", "FAILED", "2");
        let link = "?q=a%26b%3D%22%3Cc%3E&namespace=team&health=failed&page=2";
        assert_eq!(filter.link(), link);
        assert_eq!(
            filter.of(None).link(),
            "?q=a%26b%3D%22%3Cc%3E&namespace=team"
        );
    }

    #[test]
    fn a_search_text_past_its_bound_is_cut() {
        let filter = query(&"x".repeat(MAX_SEARCH + 1), "", "", "");
        assert_eq!(filter.search.len(), MAX_SEARCH);
    }
}
