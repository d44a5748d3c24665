//! What to do about a lease, given what it says: pure.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::LeaseSpec;

use super::DURATION;

/// The next move of one replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Nobody holds it: write ourselves in.
    Take,
    /// We hold it: write a new time.
    Renew,
    /// Somebody else holds it.
    Wait,
}

/// `unchanged` is how long the caller has seen the lease exactly as it is.
pub(super) fn decide(found: Option<&LeaseSpec>, me: &str, unchanged: Duration) -> Move {
    let holder = found
        .and_then(|spec| spec.holder_identity.as_deref())
        .unwrap_or("");
    if holder.is_empty() {
        return Move::Take;
    }
    if holder == me {
        return Move::Renew;
    }
    let lasts = found
        .and_then(|spec| spec.lease_duration_seconds)
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map_or(DURATION, Duration::from_secs);
    if unchanged >= lasts {
        Move::Take
    } else {
        Move::Wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_by(holder: &str) -> LeaseSpec {
        LeaseSpec {
            holder_identity: Some(holder.to_owned()),
            lease_duration_seconds: Some(15),
            ..LeaseSpec::default()
        }
    }

    #[test]
    fn a_lease_that_is_absent_or_released_is_taken_at_once() {
        assert_eq!(decide(None, "me", Duration::ZERO), Move::Take);
        assert_eq!(decide(Some(&held_by("")), "me", Duration::ZERO), Move::Take);
        assert_eq!(
            decide(Some(&LeaseSpec::default()), "me", Duration::ZERO),
            Move::Take
        );
    }

    #[test]
    fn our_own_lease_is_renewed_even_after_a_restart() {
        assert_eq!(
            decide(Some(&held_by("me")), "me", Duration::ZERO),
            Move::Renew
        );
    }

    #[test]
    fn another_holder_is_waited_for_until_its_duration_has_passed_unchanged() {
        let lease = held_by("other");
        assert_eq!(
            decide(Some(&lease), "me", Duration::from_secs(14)),
            Move::Wait
        );
        assert_eq!(
            decide(Some(&lease), "me", Duration::from_secs(15)),
            Move::Take
        );
    }

    #[test]
    fn the_duration_that_counts_is_the_one_in_the_lease() {
        let lease = LeaseSpec {
            lease_duration_seconds: Some(60),
            ..held_by("other")
        };
        assert_eq!(
            decide(Some(&lease), "me", Duration::from_secs(59)),
            Move::Wait
        );
    }
}
