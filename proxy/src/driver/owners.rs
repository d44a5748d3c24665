//! Whose a session is.
//!
//! A session whose first request carried credentials answers to the same ones only: knowing its id
//! is not enough (MCP 2025-11-25, Security Best Practices, Session Hijacking). This tells credentials
//! apart; whether they are any good is for whoever gave them out to say.

use std::{
    collections::HashMap,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use hivewright_bridge::io::SessionId;
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The digest of a request's credentials. They themselves are kept nowhere.
#[derive(Clone, Copy)]
pub struct Owner([u8; 32]);

impl Owner {
    /// Who sends this `Authorization`: a scheme, whose case does not matter, and what follows it
    /// (RFC 9110, 11.4).
    pub fn of(authorization: &[u8]) -> Self {
        let scheme = authorization
            .iter()
            .position(|byte| *byte == b' ')
            .unwrap_or(authorization.len());
        let (scheme, credentials) = authorization.split_at(scheme);
        let mut digest = Sha256::new();
        digest.update(scheme.to_ascii_lowercase());
        digest.update(b" ");
        digest.update(credentials.trim_ascii());
        Self(digest.finalize().into())
    }

    /// What a visit's state is bound to: nobody else comes back to it.
    pub const fn principal(&self) -> [u8; 32] {
        self.0
    }

    /// Whether both are the same. Takes as long whatever they are.
    fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// Even a digest tells who is who, and a weak secret can be found from it.
impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner(..)")
    }
}

/// The owners of one bridge's sessions; most have none. Not under the driver's lock: a bridge
/// without owned sessions looks at one flag for each request.
#[derive(Debug, Default)]
pub(super) struct Owners {
    any: AtomicBool,
    table: RwLock<HashMap<SessionId, Owner>>,
}

impl Owners {
    /// Whether this sender may use the session: it has no owner, or this one.
    pub(super) fn admit(&self, session: &SessionId, sender: Option<&Owner>) -> bool {
        // A session's first owner is there before its id is known to anybody.
        if !self.any.load(Ordering::Acquire) {
            return true;
        }
        let table = self.table.read();
        let owner = table.get(session);
        owner.is_none_or(|owner| sender.is_some_and(|sender| owner.is(sender)))
    }

    pub(super) fn insert(&self, session: SessionId, owner: Owner) {
        self.table.write().insert(session, owner);
        self.any.store(true, Ordering::Release);
    }

    pub(super) fn forget(&self, session: &SessionId) {
        if self.any.load(Ordering::Acquire) {
            self.table.write().remove(session);
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.table.read().len()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Bearer a", "bearer a", true)]
    #[case("Bearer a", "Bearer  a", true)]
    #[case("Bearer a", "Bearer A", false)]
    #[case("Bearer a", "Basic a", false)]
    #[case("Bearer a", "Bearer a b", false)]
    #[case("Bearer", "Bearer ", true)]
    #[case("", "Bearer", false)]
    fn the_scheme_is_compared_without_case_and_the_rest_byte_for_byte(
        #[case] one: &str,
        #[case] other: &str,
        #[case] same: bool,
    ) {
        let (one, other) = (Owner::of(one.as_bytes()), Owner::of(other.as_bytes()));
        assert_eq!(one.is(&other), same);
    }

    #[test]
    fn an_owner_shows_nothing_of_itself() {
        assert_eq!(format!("{:?}", Owner::of(b"Bearer secret")), "Owner(..)");
    }

    #[test]
    fn a_session_is_its_owners_and_one_without_owner_is_anybodys() {
        let (owners, session) = (Owners::default(), SessionId::from("s"));
        let (owner, other) = (Owner::of(b"Bearer a"), Owner::of(b"Bearer b"));
        assert!(owners.admit(&session, None) && owners.admit(&session, Some(&other)));
        owners.insert(session.clone(), owner);
        assert!(owners.admit(&session, Some(&owner)));
        assert!(!owners.admit(&session, Some(&other)) && !owners.admit(&session, None));
        assert!(owners.admit(&SessionId::from("t"), None));
        owners.forget(&session);
        assert_eq!(owners.len(), 0);
        assert!(owners.admit(&session, None));
    }
}
