//! The cluster that the command line names.

use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};

use crate::args::ClusterArgs;

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kubeconfig cannot be used.
    #[error(
        "the kubeconfig cannot be used; check the file, and the context with `kubectl config get-contexts`"
    )]
    Kubeconfig(#[source] KubeconfigError),
    /// Neither a kubeconfig nor a service account was found.
    #[error("no cluster to ask: set KUBECONFIG, or name a file with --kubeconfig or --journal")]
    None(#[source] kube::config::InferConfigError),
    /// The configuration that was found cannot be used.
    #[error("the cluster configuration cannot be used; check the certificates it names")]
    Unusable(#[source] kube::Error),
}

/// A cluster, and how we are known there.
#[derive(Clone)]
pub(super) struct Cluster {
    pub(super) client: Client,
    pub(super) config: Config,
    /// Where the controller runs, if that was said.
    pub(super) controller: Option<String>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").finish_non_exhaustive()
    }
}

impl Cluster {
    /// The cluster that these arguments name.
    pub(super) async fn open(args: &ClusterArgs) -> Result<Self, Error> {
        let config = config(args).await?;
        let client = Client::try_from(config.clone()).map_err(Error::Unusable)?;
        Ok(Self {
            client,
            config,
            controller: args.controller_namespace.clone(),
        })
    }
}

async fn config(args: &ClusterArgs) -> Result<Config, Error> {
    let options = KubeConfigOptions {
        context: args.context.clone(),
        ..KubeConfigOptions::default()
    };
    match (&args.kubeconfig, &args.context) {
        (None, None) => Config::infer().await.map_err(Error::None),
        (None, Some(_)) => Config::from_kubeconfig(&options)
            .await
            .map_err(Error::Kubeconfig),
        (Some(file), _) => {
            let file = Kubeconfig::read_from(file).map_err(Error::Kubeconfig)?;
            Config::from_custom_kubeconfig(file, &options)
                .await
                .map_err(Error::Kubeconfig)
        }
    }
}
