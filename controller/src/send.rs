//! Server-side apply of which the new version is read back and nothing else: the API server is asked
//! for metadata alone, and of that only the version is kept. An object as a whole costs several
//! times as much to read as to write, and the caches bring it anyway.

use http::header::{ACCEPT, HeaderValue};
use kube::api::{Patch, PatchParams};
use kube::core::Request;
use kube::{Client, Error};
use serde::Deserialize;
use serde_json::Value;

/// "Receiving resources as Tables" and its kin, in the API concepts of Kubernetes' documentation.
const METADATA: HeaderValue =
    HeaderValue::from_static("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");

/// What of an object is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// All but its status.
    Object,
    /// Its status.
    Status,
}

#[derive(Debug, Deserialize)]
struct Answer {
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    resource_version: Option<String>,
}

/// Applies `object` to the collection at this path, and gives its new resourceVersion.
pub(crate) async fn apply(
    client: &Client,
    (collection, side): (&str, Side),
    object: &Value,
    params: &PatchParams,
) -> Result<Option<String>, Error> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let (request, patch) = (Request::new(collection), Patch::Apply(object));
    let request = match side {
        Side::Object => request.patch_metadata(name, params, &patch),
        Side::Status => request.patch_subresource("status", name, params, &patch),
    };
    let mut request = request.map_err(Error::BuildRequest)?;
    request.headers_mut().insert(ACCEPT, METADATA);
    let answer: Answer = client.request(request).await?;
    Ok(answer.metadata.resource_version)
}
