//! Which servers somebody may see.

use std::collections::BTreeSet;

use axum::http::HeaderMap;

use crate::auth::{Ask, Denial, Gate};

/// Namespaces that are asked about one by one for somebody who may not list in all of them: each may
/// cost a call to the API server. Who may see more names the namespace.
pub const MAX_NAMESPACES: usize = 32;

/// What somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Every namespace.
    All,
    /// These.
    Some {
        /// The namespaces.
        namespaces: BTreeSet<String>,
        /// How many were not asked about.
        unasked: usize,
    },
}

impl Sight {
    pub(super) fn sees(&self, namespace: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some { namespaces, .. } => namespaces.contains(namespace),
        }
    }
}

/// What the sender of a request may see of these namespaces. `wanted` is asked about first.
///
/// # Errors
/// The denial to answer with, also when that is nothing at all.
pub(super) async fn sight(
    gate: &Gate,
    headers: &HeaderMap,
    namespaces: BTreeSet<String>,
    wanted: Option<&str>,
) -> Result<Sight, Denial> {
    let reader = gate.who(headers).await?;
    let everything = Ask::list(None);
    if gate.may(&reader, &everything).await? {
        return Ok(Sight::All);
    }
    let unasked = namespaces.len().saturating_sub(MAX_NAMESPACES);
    let others = namespaces.iter().map(String::as_str);
    let others = others.filter(|namespace| Some(*namespace) != wanted);
    let mut seen = BTreeSet::new();
    for namespace in wanted.into_iter().chain(others).take(MAX_NAMESPACES) {
        if gate.may(&reader, &Ask::list(Some(namespace))).await? {
            seen.insert(namespace.to_owned());
        }
    }
    if seen.is_empty() {
        let who = reader.name().to_owned();
        return Err(Denial::Forbidden {
            who,
            ask: everything,
        });
    }
    Ok(Sight::Some {
        namespaces: seen,
        unasked,
    })
}
