//! MCPServers by the hundred.

use anyhow::Result;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use hivewright_api::names;
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client,
    api::{
        ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams,
    },
};
use serde_json::json;

/// Namespace of all servers.
pub(super) const NAMESPACE: &str = "scale";
/// Requests at a time: about what `kubectl apply` of a folder and a GitOps controller do.
const AT_A_TIME: usize = 8;
/// The environment variable that a change is made in.
const VARIABLE: &str = "REVISION";

/// The MCPServers of the bench.
#[derive(Clone, Debug)]
pub(super) struct Load {
    api: Api<DynamicObject>,
    servers: usize,
}

impl Load {
    /// `servers` of them; makes their namespace, nothing else.
    pub(super) async fn new(client: &Client, servers: usize) -> Result<Self> {
        let namespaces = Api::<Namespace>::all(client.clone());
        let patch = Patch::Apply(json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE },
        }));
        let params = PatchParams::apply("hivewright-scale");
        namespaces.patch(NAMESPACE, &params, &patch).await?;
        let api = Api::namespaced_with(client.clone(), NAMESPACE, &Self::kind());
        Ok(Self { api, servers })
    }

    /// The kind, as the API serves it.
    pub(super) fn kind() -> ApiResource {
        let kind = GroupVersionKind::gvk(names::GROUP, names::VERSION, names::KIND);
        ApiResource::from_gvk(&kind)
    }

    /// Where they are.
    pub(super) fn api(&self) -> Api<DynamicObject> {
        self.api.clone()
    }

    /// Creates all.
    pub(super) async fn create(&self) -> Result<()> {
        self.each(async |name| {
            let server: DynamicObject = serde_json::from_value(manifest(&name))?;
            self.api.create(&PostParams::default(), &server).await?;
            Ok(())
        })
        .await
    }

    /// Gives all of them another environment: each pod is replaced.
    pub(super) async fn change(&self) -> Result<()> {
        let patch = Patch::Merge(json!({ "spec": { "env": env(Revision::Second) } }));
        self.each(async |name| {
            self.api
                .patch(&name, &PatchParams::default(), &patch)
                .await?;
            Ok(())
        })
        .await
    }

    /// Deletes all.
    pub(super) async fn delete(&self) -> Result<()> {
        self.each(async |name| {
            self.api.delete(&name, &DeleteParams::background()).await?;
            Ok(())
        })
        .await
    }

    async fn each(&self, act: impl AsyncFn(String) -> Result<()>) -> Result<()> {
        let names = (0..self.servers).map(|number| format!("server-{number}"));
        let acts = stream::iter(names).map(|name| act(name));
        acts.buffer_unordered(AT_A_TIME).try_collect().await
    }
}

/// What the environment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Revision {
    /// After creation.
    First,
    /// After the change.
    Second,
}

impl Revision {
    /// The variable's value.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }
}

fn env(revision: Revision) -> serde_json::Value {
    json!([{ "name": VARIABLE, "value": revision.as_str() }])
}

/// A stdio server as documented, with what most have: a profile, limits, an environment.
fn manifest(name: &str) -> serde_json::Value {
    let limits = json!({ "limits": { "cpu": "100m", "memory": "128Mi" } });
    let container = json!({ "name": names::MCP_CONTAINER, "resources": limits });
    json!({
        "apiVersion": format!("{}/{}", names::GROUP, names::VERSION),
        "kind": names::KIND,
        "metadata": { "name": name, "namespace": NAMESPACE },
        "spec": {
            "image": "docker.io/mcp/fetch",
            "transport": "stdio",
            "port": 8080,
            "env": env(Revision::First),
            "permissionProfile": { "type": "builtin", "name": "network" },
            "podTemplateSpec": { "spec": { "containers": [container] } },
            "resources": limits,
        },
    })
}
