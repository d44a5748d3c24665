//! What the chart makes for the Prometheus operator: taken by the API server with the operator's own
//! definitions, to the letter, and selecting exactly the pods that the annotations offer.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{access::Cluster, charts, node::KUBE_VERSION, ns::Ns};
use k8s_openapi::api::{core::v1::Pod, core::v1::Service, discovery::v1::EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::{
    Api,
    api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams},
    core::{Expression, Selector, SelectorExt as _},
};
use serde::{Deserialize as _, de::DeserializeOwned};
use serde_json::Value;

use super::{SERVER, all_pods, is_annotated, place_of, strict};
use crate::support::beside_others;

/// The group of the operator's kinds.
const GROUP: &str = "monitoring.coreos.com";

/// What Prometheus would scrape: the pod and the port.
type Scraped = BTreeSet<((String, String), i32)>;

/// The objects of the operator's kinds that the chart of the release makes with everything on.
async fn rendered(ns: &Ns) -> Result<Vec<DynamicObject>> {
    let chart = ns.cluster.place().project.join("charts/hivewright");
    let text = ns
        .cluster
        .cmd("helm")
        .args(["template", charts::RELEASE])
        .arg(chart)
        .args(["--namespace", charts::NAMESPACE])
        .args(["--kube-version", KUBE_VERSION])
        .args(["--set", "metrics.serviceMonitor.enabled=true"])
        .args(["--set", "metrics.podMonitor.enabled=true"])
        .args(["--set", "alerts.prometheusRule.enabled=true"])
        .text()
        .await?;
    let mut found = Vec::new();
    for document in serde_yaml_ng::Deserializer::from_str(&text) {
        let value = Value::deserialize(document)?;
        let version = value["apiVersion"].as_str().unwrap_or_default();
        if version.starts_with(GROUP) {
            found.push(serde_json::from_value(value)?);
        }
    }
    Ok(found)
}

/// The object as the API server would store it. A field that its definition does not have is refused,
/// where a plain apply would drop it without a word.
async fn accepted(cluster: &Cluster, object: &DynamicObject) -> Result<Value> {
    let types = object.types.as_ref().context("a kind")?;
    let kind = GroupVersionKind::try_from(types)?;
    let plural = format!("{}s", types.kind.to_lowercase());
    let resource = ApiResource::from_gvk_with_plural(&kind, &plural);
    let client = cluster.client.clone();
    let api: Api<DynamicObject> = Api::namespaced_with(client, charts::NAMESPACE, &resource);
    let name = object.metadata.name.as_deref().context("a name")?;
    let strict = PatchParams::apply("scenario")
        .dry_run()
        .force()
        .validation_strict();
    let stored = api.patch(name, &strict, &Patch::Apply(object)).await;
    let stored = stored.with_context(|| format!("{} {name} is refused", types.kind))?;
    ensure!(
        stored.data == object.data,
        "{} {name} is stored as {}",
        types.kind,
        stored.data
    );
    Ok(stored.data["spec"].clone())
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    Ok(serde_json::from_value(value.clone())?)
}

/// A label selector of the API as one of the client.
fn selector(value: &Value) -> Result<Selector> {
    let selector: LabelSelector = read(value)?;
    let equal = selector.match_labels.unwrap_or_default().into_iter();
    let mut all: Vec<Expression> = equal.map(|(key, v)| Expression::Equal(key, v)).collect();
    for expression in selector.match_expressions.unwrap_or_default() {
        ensure!(expression.operator == "Exists", "{}", expression.operator);
        all.push(Expression::Exists(expression.key));
    }
    Ok(all.into_iter().collect())
}

fn labels(pod: &Pod) -> BTreeMap<String, String> {
    pod.metadata.labels.clone().unwrap_or_default()
}

/// The number of a pod's port with this name.
fn port(pod: &Pod, name: &str) -> Option<i32> {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
    let found = ports.find(|port| port.name.as_deref() == Some(name));
    found.map(|port| port.container_port)
}

/// What the annotations of these pods offer, of one component.
fn offered(pods: &[Pod], component: &str) -> Result<Scraped> {
    let ours = pods.iter().filter(|pod| {
        let label = labels(pod).get(names::COMPONENT_LABEL).cloned();
        is_annotated(pod) && label.as_deref() == Some(component)
    });
    ours.map(|pod| {
        let annotations = pod.metadata.annotations.as_ref().context("annotations")?;
        let port = annotations.get("prometheus.io/port").context("a port")?;
        Ok((place_of(pod), port.parse()?))
    })
    .collect()
}

/// What a PodMonitor selects of these pods, as the operator's API reference says.
fn selected(pods: &[Pod], spec: &Value) -> Result<Scraped> {
    ensure!(
        spec["namespaceSelector"]["any"] == true,
        "it selects not every namespace: {}",
        spec["namespaceSelector"]
    );
    let selector = selector(&spec["selector"])?;
    let endpoints = spec["podMetricsEndpoints"]
        .as_array()
        .context("endpoints")?;
    let mut found = Scraped::new();
    for pod in pods.iter().filter(|pod| selector.matches(&labels(pod))) {
        for endpoint in endpoints {
            let name = endpoint["port"].as_str().context("the name of a port")?;
            ensure!(endpoint["path"].is_null(), "another path than /metrics");
            found.extend(port(pod, name).map(|port| (place_of(pod), port)));
        }
    }
    Ok(found)
}

/// What a ServiceMonitor of the release's namespace leads to: the Services that it selects, and their
/// endpoints at the port of that name.
async fn led_to(cluster: &Cluster, spec: &Value) -> Result<Scraped> {
    ensure!(spec["namespaceSelector"].is_null(), "another namespace");
    let endpoints = spec["endpoints"].as_array().context("endpoints")?;
    let params = ListParams::default().labels_from(&selector(&spec["selector"])?);
    let services = cluster
        .api::<Service>(charts::NAMESPACE)
        .list(&params)
        .await?;
    let mut found = Scraped::new();
    for service in services.items {
        let name = service.metadata.name.unwrap_or_default();
        let of_it = ListParams::default().labels(&format!("kubernetes.io/service-name={name}"));
        let slices = cluster.api::<EndpointSlice>(charts::NAMESPACE);
        for slice in slices.list(&of_it).await?.items {
            for endpoint in endpoints {
                found.extend(at(&slice, endpoint["port"].as_str().unwrap_or_default()));
            }
        }
    }
    Ok(found)
}

/// The pods behind a port of this name.
fn at(slice: &EndpointSlice, name: &str) -> Scraped {
    let ports = slice.ports.iter().flatten();
    let ports = ports.filter(|port| port.name.as_deref() == Some(name));
    let ports: Vec<i32> = ports.filter_map(|port| port.port).collect();
    let pods = slice
        .endpoints
        .iter()
        .filter_map(|end| end.target_ref.as_ref());
    let places = pods.map(|pod| {
        (
            pod.namespace.clone().unwrap_or_default(),
            pod.name.clone().unwrap_or_default(),
        )
    });
    places
        .flat_map(|place| ports.iter().map(move |port| (place.clone(), *port)))
        .collect()
}

#[tokio::test]
async fn the_operators_kinds_select_the_pods_that_the_annotations_offer() -> Result<()> {
    beside_others("monitors", async |ns| {
        strict(&ns, "echo").await?;
        let mut kinds = BTreeMap::new();
        for object in rendered(&ns).await? {
            let spec = accepted(&ns.cluster, &object).await?;
            let kind = object.types.map(|types| types.kind).unwrap_or_default();
            kinds.insert(kind, spec);
        }
        let names: Vec<&String> = kinds.keys().collect();
        ensure!(
            names == ["PodMonitor", "PrometheusRule", "ServiceMonitor"],
            "the chart makes {names:?}"
        );
        let pods = all_pods(&ns.cluster).await?;
        let proxies = selected(&pods, &kinds["PodMonitor"])?;
        ensure!(
            proxies == offered(&pods, names::COMPONENT_PROXY)?,
            "the PodMonitor selects {proxies:?}"
        );
        ensure!(
            proxies
                .iter()
                .any(|((namespace, _), _)| *namespace == ns.name),
            "the proxy of {} is not selected",
            ns.name
        );
        let label = &kinds["PodMonitor"]["podTargetLabels"][0];
        let as_prometheus_writes = label.as_str().unwrap_or_default().replace(['.', '/'], "_");
        ensure!(
            as_prometheus_writes == SERVER,
            "targets are labelled by {label}"
        );
        let controllers = led_to(&ns.cluster, &kinds["ServiceMonitor"]).await?;
        let mut of_release = offered(&pods, "controller")?;
        of_release.retain(|((namespace, _), _)| namespace == charts::NAMESPACE);
        ensure!(
            controllers == of_release && !controllers.is_empty(),
            "the ServiceMonitor leads to {controllers:?}, not {of_release:?}"
        );
        Ok(())
    })
    .await
}
