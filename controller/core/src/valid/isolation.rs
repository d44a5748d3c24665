//! Who shares a server process, and the pool when nobody does.

use hivewright_api::spec::SessionPool;
use hivewright_api::{MCPServerSpec, names};

use crate::refusal::{Refusal, RefusalReason};

/// The bounds of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pool {
    /// Most pods, at least 1.
    pub(crate) max: u16,
    /// Spare pods, at most `max`.
    pub(crate) warm: u16,
}

impl Pool {
    /// The pool of a server whose sessions are isolated; `None` for one that is shared.
    pub(super) fn parse(spec: &MCPServerSpec) -> Result<Option<Self>, Refusal> {
        match spec.isolation.as_deref() {
            None | Some("shared") => match &spec.session_pool {
                None => Ok(None),
                Some(_) => Err(refuse(
                    "spec.sessionPool",
                    "needs spec.isolation: perSession; set that, or remove the pool".to_owned(),
                )),
            },
            Some("perSession") => match spec.backend_replicas {
                None => bounds(spec.session_pool.as_ref()).map(Some),
                Some(_) => Err(refuse(
                    "spec.backendReplicas",
                    "does not go with spec.isolation: perSession, whose pods are a pool; use spec.sessionPool.max".to_owned(),
                )),
            },
            Some(other) => Err(refuse(
                "spec.isolation",
                format!("there is no isolation `{other}`; use shared or perSession"),
            )),
        }
    }
}

fn bounds(pool: Option<&SessionPool>) -> Result<Pool, Refusal> {
    let most = names::MAX_BACKEND_REPLICAS;
    let max = pool.and_then(|pool| pool.max);
    let max = match max.map(u16::try_from) {
        None => names::DEFAULT_POOL_MAX,
        Some(Ok(max)) if (1..=most).contains(&max) => max,
        Some(_) => {
            let sentence = format!("one proxy serves 1 to {most} pods; choose such a number");
            return Err(refuse("spec.sessionPool.max", sentence));
        }
    };
    let warm = pool.and_then(|pool| pool.warm);
    match warm.map(u16::try_from) {
        None => Ok(Pool {
            max,
            warm: names::DEFAULT_POOL_WARM,
        }),
        Some(Ok(warm)) if warm <= max => Ok(Pool { max, warm }),
        Some(_) => Err(refuse(
            "spec.sessionPool.warm",
            format!(
                "spare pods are 0 to spec.sessionPool.max, which is {max}; choose such a number"
            ),
        )),
    }
}

fn refuse(field: &str, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidValue, field, sentence)
}
