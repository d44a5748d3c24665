//! How many pods there are of each kind.

use hivewright_api::proxy_config::Isolation;
use hivewright_api::{MCPServerSpec, names};

use super::isolation::Pool;
use crate::refusal::{Refusal, RefusalReason};

/// How many pods the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// `spec.replicas: 0`: neither proxy nor server runs.
    Stopped,
    /// `spec.backendReplicas`: exactly so many, whoever scales otherwise.
    Fixed(u16),
    /// So many as the StatefulSet is scaled to by others, and one if nobody did.
    Followed(u16),
    /// `spec.isolation: perSession`: as many as sessions need, within the pool's bounds.
    Pooled(Pool),
}

impl Scale {
    /// `observed`: `spec.replicas` of the StatefulSet, if it exists.
    pub(super) fn parse(spec: &MCPServerSpec, observed: Option<i32>) -> Result<Self, Refusal> {
        let fixed = spec.backend_replicas.map(backend).transpose()?;
        let pool = Pool::parse(spec)?;
        match spec.replicas {
            Some(0) => Ok(Self::Stopped),
            None | Some(1) => Ok(match (pool, fixed) {
                (Some(pool), _) => Self::Pooled(pool),
                (None, Some(fixed)) => Self::Fixed(fixed),
                (None, None) => Self::follow(observed),
            }),
            Some(more) if more > 1 => Err(Refusal::new(
                RefusalReason::NotSupportedYet,
                "spec.replicas",
                format!(
                    "{more} proxies cannot share the sessions, which live in the memory of one; use 1, or spec.backendReplicas for more servers behind it"
                ),
            )),
            Some(less) => Err(refuse(
                "spec.replicas",
                format!("{less} is no number of pods; use 0 or 1"),
            )),
        }
    }

    /// What a server of this scale shares among its clients. One that is stopped serves none.
    pub(crate) const fn isolation(self) -> Isolation {
        match self {
            Self::Stopped | Self::Fixed(_) | Self::Followed(_) => Isolation::Shared,
            Self::Pooled(_) => Isolation::PerSession,
        }
    }

    fn follow(observed: Option<i32>) -> Self {
        let replicas = u16::try_from(observed.unwrap_or_default()).unwrap_or_default();
        Self::Followed(replicas.clamp(1, names::MAX_BACKEND_REPLICAS))
    }
}

fn backend(replicas: i32) -> Result<u16, Refusal> {
    let most = names::MAX_BACKEND_REPLICAS;
    match u16::try_from(replicas) {
        Ok(replicas) if replicas <= most => Ok(replicas),
        Ok(_) | Err(_) => Err(refuse(
            "spec.backendReplicas",
            format!("one proxy serves 0 to {most} servers, not {replicas}; choose such a number"),
        )),
    }
}

fn refuse(field: &str, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidValue, field, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing_exists(None, None, None, Scale::Followed(1))]
    #[case::the_proxy_has_not_scaled_up_yet(None, None, Some(0), Scale::Followed(1))]
    #[case::an_autoscaler_wants_more(None, None, Some(3), Scale::Followed(3))]
    #[case::an_autoscaler_wants_too_many(None, None, Some(40), Scale::Followed(16))]
    #[case::the_spec_says_so(None, Some(2), Some(5), Scale::Fixed(2))]
    #[case::no_server_but_a_proxy(Some(1), Some(0), Some(1), Scale::Fixed(0))]
    #[case::all_stops(Some(0), Some(2), Some(2), Scale::Stopped)]
    fn the_scale_is_what_spec_and_stateful_set_say(
        #[case] proxies: Option<i32>,
        #[case] servers: Option<i32>,
        #[case] observed: Option<i32>,
        #[case] expected: Scale,
    ) {
        let spec = MCPServerSpec {
            replicas: proxies,
            backend_replicas: servers,
            ..MCPServerSpec::default()
        };
        assert_eq!(Scale::parse(&spec, observed), Ok(expected));
    }
}
