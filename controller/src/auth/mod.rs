//! Who may read what the controller knows: the cluster's own accounts and rights, asked of its API
//! server. There is no password and no list of users here.
//!
//! ```text
//!  Authorization: Bearer TOKEN ──TokenReview──> Reader ──SubjectAccessReview(Ask)──> handler
//!            │                        │                          │
//!            └── none: 401            └── nobody's: 401          └── may not: 403
//!                         both answers are remembered for a short time (memory.rs)
//! ```
//!
//! An [`Ask`] is a right to MCPServers: who may `get` the MCPServer `a/b` may read all that is told
//! about it. Every answer that is no yes is a [`Denial`], which is an HTTP answer by itself.

mod ask;
mod denial;
mod memory;
mod review;
mod token;

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use k8s_openapi::api::authentication::v1::UserInfo;
use kube::Client;

pub use ask::Ask;
pub use denial::Denial;
pub(crate) use denial::problem;

use memory::Memory;
use review::Reviews;
use token::Digest;

/// How long a yes is believed, seconds: a page that asks every few seconds costs the API server two
/// calls in that time, and a right that was taken away is gone after it.
pub const TRUST: Duration = Duration::from_secs(30);
/// How long a no is believed, seconds: short, because people who are told no ask for the right and
/// try again; long enough that a loop without a right costs the API server little.
pub const DOUBT: Duration = Duration::from_secs(5);
/// Answers kept of each kind; one is some 500 bytes. Past it the one that ends first goes.
const MOST: usize = 1024;

/// Somebody whom the cluster knows.
#[derive(Clone, Debug)]
pub struct Reader {
    user: Arc<UserInfo>,
    token: Digest,
}

impl Reader {
    /// Name of the account.
    pub fn name(&self) -> &str {
        self.user.username.as_deref().unwrap_or_default()
    }
}

/// The gate in front of everything that tells of MCPServers. Clones share what it remembers.
#[derive(Clone, Debug)]
pub struct Gate(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    reviews: Reviews,
    readers: Memory<Digest, Option<Arc<UserInfo>>>,
    rights: Memory<(Digest, Ask), bool>,
}

impl Gate {
    /// A gate that asks the cluster of this client.
    pub fn new(client: Client) -> Self {
        Self(Some(Arc::new(Inner {
            reviews: Reviews::new(client),
            readers: Memory::new(MOST),
            rights: Memory::new(MOST),
        })))
    }

    /// A gate that lets nobody through: reading is switched off.
    pub fn closed() -> Self {
        Self(None)
    }

    /// Lets the sender of a request with these headers through if they may do what is asked.
    ///
    /// # Errors
    /// The [`Denial`] to answer with.
    pub async fn admit(&self, headers: &HeaderMap, ask: &Ask) -> Result<Reader, Denial> {
        let reader = self.who(headers).await?;
        if self.may(&reader, ask).await? {
            Ok(reader)
        } else {
            Err(Denial::Forbidden {
                who: reader.name().to_owned(),
                ask: ask.clone(),
            })
        }
    }

    /// Who sends a request with these headers.
    ///
    /// # Errors
    /// The [`Denial`] to answer with: nobody says who it is, the cluster does not know them, or cannot
    /// be asked.
    pub async fn who(&self, headers: &HeaderMap) -> Result<Reader, Denial> {
        let inner = self.0.as_ref().ok_or(Denial::Closed)?;
        let text = token::of(headers)?;
        let token = Digest::of(text);
        let user = if let Some(known) = inner.readers.get(&token) {
            known
        } else {
            let user = inner.reviews.who(text).await?.map(Arc::new);
            let lasts = if user.is_some() { TRUST } else { DOUBT };
            inner.readers.put(token, user.clone(), lasts);
            user
        };
        let user = user.ok_or(Denial::Unknown)?;
        Ok(Reader { user, token })
    }

    /// Whether they may do what is asked.
    ///
    /// # Errors
    /// The [`Denial`] to answer with when the cluster cannot be asked.
    pub async fn may(&self, reader: &Reader, ask: &Ask) -> Result<bool, Denial> {
        let inner = self.0.as_ref().ok_or(Denial::Closed)?;
        let key = (reader.token, ask.clone());
        if let Some(known) = inner.rights.get(&key) {
            return Ok(known);
        }
        let may = inner.reviews.may(&reader.user, ask).await?;
        inner.rights.put(key, may, if may { TRUST } else { DOUBT });
        Ok(may)
    }
}

#[cfg(test)]
mod tests;
