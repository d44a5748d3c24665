//! A namespace of its own for each scenario.
//!
//! ```text
//!  create ──> the scenario ──ok──────────> delete (not waited for)
//!                  └──error or panic──> dump ──> delete ──> the error, with the dump's folder
//! ```

use std::{fmt::Write as _, panic::AssertUnwindSafe};

use anyhow::{Context as _, Result, anyhow};
use futures::FutureExt as _;
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api,
    api::{DeleteParams, PostParams},
};
use serde_json::json;

use crate::{
    access::Cluster,
    dump,
    wait::{GONE, Look, until},
};

/// Label of every namespace made here.
pub const LABEL: &str = "hivewright.dev/e2e";
/// Environment variable that, when set, keeps the namespaces for a look.
pub const KEEP_VARIABLE: &str = "HIVEWRIGHT_E2E_KEEP";
/// Random bytes in a namespace's name: enough for the scenarios of one cluster's life.
const RANDOM: usize = 3;

/// A namespace of a scenario.
#[derive(Clone, Debug)]
pub struct Ns {
    /// The cluster it is on.
    pub cluster: Cluster,
    /// Its name.
    pub name: String,
}

/// Runs `scenario` in a fresh namespace whose name begins with `story`.
///
/// # Errors
/// No cluster, no namespace, or the scenario's own error; the latter names the folder with all that
/// the cluster could tell.
pub async fn with_temp_ns<T>(
    story: &str,
    scenario: impl AsyncFnOnce(Ns) -> Result<T>,
) -> Result<T> {
    let name = format!("e2e-{story}-{}", random()?);
    with_ns(story, &name, scenario).await
}

/// Runs `scenario` in a namespace of this name, for manifests that name one. One that was made by
/// somebody else is used, and stays.
///
/// # Errors
/// As [`with_temp_ns`].
pub async fn with_ns<T>(
    story: &str,
    name: &str,
    scenario: impl AsyncFnOnce(Ns) -> Result<T>,
) -> Result<T> {
    let ns = Ns {
        cluster: Cluster::connect().await?,
        name: name.to_owned(),
    };
    let made = create(&ns).await?;
    let outcome = AssertUnwindSafe(scenario(ns.clone())).catch_unwind().await;
    let good = matches!(outcome, Ok(Ok(_)));
    let folder = if good {
        None
    } else {
        Some(dump::namespace(&ns).await)
    };
    if made && std::env::var_os(KEEP_VARIABLE).is_none() {
        delete(&ns).await?;
    }
    match outcome {
        Ok(result) => result.with_context(|| match folder {
            Some(folder) => format!("{story}: see {}", folder.display()),
            None => story.to_owned(),
        }),
        Err(panic) => {
            if let Some(folder) = folder {
                eprintln!("{story}: see {}", folder.display());
            }
            std::panic::resume_unwind(panic)
        }
    }
}

/// Whether it was made here; a namespace that an older run left behind is made anew.
async fn create(ns: &Ns) -> Result<bool> {
    let namespace: Namespace = serde_json::from_value(json!({
        "metadata": { "name": ns.name, "labels": { LABEL: "true" } },
    }))?;
    let api = Api::<Namespace>::all(ns.cluster.client.clone());
    if let Some(old) = api.get_opt(&ns.name).await? {
        if !old
            .metadata
            .labels
            .is_some_and(|labels| labels.contains_key(LABEL))
        {
            return Ok(false);
        }
        delete(ns).await?;
        until("the end of an older run's namespace", GONE, async || {
            let left = api.get_opt(&ns.name).await?;
            Ok(left.map_or(Look::Done(()), |_| Look::not_yet("still there")))
        })
        .await?;
    }
    let made = api.create(&PostParams::default(), &namespace).await;
    made.with_context(|| format!("the namespace {} could not be made", ns.name))?;
    Ok(true)
}

async fn delete(ns: &Ns) -> Result<()> {
    let api = Api::<Namespace>::all(ns.cluster.client.clone());
    match api.delete(&ns.name, &DeleteParams::background()).await {
        Ok(_) => Ok(()),
        // A scenario may have deleted it itself.
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn random() -> Result<String> {
    let mut bytes = [0_u8; RANDOM];
    getrandom::fill(&mut bytes).map_err(|_| anyhow!("the machine gives no random numbers"))?;
    Ok(bytes.iter().fold(String::new(), |mut hex, byte| {
        let _infallible = write!(hex, "{byte:02x}");
        hex
    }))
}
