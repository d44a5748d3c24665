//! The cluster that scenarios run on: named explicitly, never "the current context".

use std::{ffi::OsString, path::PathBuf, sync::Arc};

use anyhow::{Context as _, Result};
use k8s_openapi::NamespaceResourceScope;
use kube::{
    Api, Client, Config, Resource,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{command::Cmd, images::Record, place::Place, scenarios::KUBECONFIG_VARIABLE};

/// A way into the cluster. Cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    /// The API client; as powerful as the kubeconfig's user.
    pub client: Client,
    kubeconfig: Arc<PathBuf>,
    images: Arc<Record>,
    place: Arc<Place>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster")
            .field("kubeconfig", &self.kubeconfig)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Connects to the cluster that the environment names.
    ///
    /// # Errors
    /// A variable is not set, the kubeconfig cannot be read, or the machine has no home directory.
    pub async fn connect() -> Result<Self> {
        use_one_tls_provider();
        let path = PathBuf::from(required(KUBECONFIG_VARIABLE)?);
        let kubeconfig = Kubeconfig::read_from(&path)
            .with_context(|| format!("{KUBECONFIG_VARIABLE} names no usable kubeconfig"))?;
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
        let place = Place::from_env().context("set HOME or HIVEWRIGHT_CACHE")?;
        let images = Record::load(&place).context("no images are recorded; run `make e2e`")?;
        Ok(Self {
            client: Client::try_from(config)?,
            kubeconfig: Arc::new(path),
            images: Arc::new(images),
            place: Arc::new(place),
        })
    }

    /// The objects of one kind in `namespace`.
    pub fn api<K>(&self, namespace: &str) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// The full reference of an image, by its name without a tag, as the harness has built it.
    ///
    /// # Errors
    /// The harness builds no such image.
    pub fn image(&self, name: &str) -> Result<&str> {
        self.images
            .get(name)
            .with_context(|| format!("no image {name} was built; run `make e2e`"))
    }

    /// `program` with this cluster's kubeconfig, from the harness's own tools first.
    pub fn cmd(&self, program: &str) -> Cmd {
        self.place
            .cmd(program)
            .env("KUBECONFIG", self.kubeconfig.as_os_str())
    }

    /// Where the machine keeps what the harness makes.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// kube, reqwest and rmcp all use the process's rustls provider; one of them has to choose it.
pub fn use_one_tls_provider() {
    // An error says that it was chosen before, by another test of this process.
    let _chosen = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

fn required(variable: &str) -> Result<OsString> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).with_context(|| {
        format!("{variable} is not set; run the scenarios by `make e2e`, which brings up a cluster and sets it")
    })
}
