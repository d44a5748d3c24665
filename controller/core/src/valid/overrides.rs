//! What the user adds to the proxy's objects.

use std::collections::BTreeMap;

use hivewright_api::names;
use hivewright_api::spec::{MetadataOverrides, ProxyDeploymentOverrides, ResourceOverrides};

use super::container;
use super::names::{is_label_value, is_meta_key, is_subdomain};
use crate::refusal::{Refusal, RefusalReason};

/// What the user adds to the proxy's objects. Nothing in it is ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    pub(crate) deployment: Additions,
    pub(crate) pod: Additions,
    pub(crate) service: Additions,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) pull_secrets: Vec<String>,
}

/// Labels and annotations to add to an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Additions {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
}

/// Labels that every object has; `hivewright.dev/` is ours as a whole.
const OWN_LABELS: [&str; 4] = [
    names::COMPONENT_LABEL,
    names::MANAGED_BY_LABEL,
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
];
/// Annotations by which Prometheus finds the proxy's metrics.
const OWN_ANNOTATIONS: [&str; 3] = [
    "prometheus.io/scrape",
    "prometheus.io/port",
    "prometheus.io/path",
];

type Given<'a> = Option<&'a BTreeMap<String, String>>;

impl Overrides {
    pub(super) fn parse(overrides: Option<&ResourceOverrides>) -> Result<Self, Refusal> {
        let Some(overrides) = overrides else {
            return Ok(Self::default());
        };
        let deployment = overrides.proxy_deployment.as_ref();
        let service = overrides.proxy_service.as_ref();
        let mut parsed = match deployment {
            Some(deployment) => Self::deployment(deployment)?,
            None => Self::default(),
        };
        if let Some(service) = service {
            parsed.service = metadata("spec.resourceOverrides.proxyService", service)?;
        }
        Ok(parsed)
    }

    fn deployment(given: &ProxyDeploymentOverrides) -> Result<Self, Refusal> {
        let field = "spec.resourceOverrides.proxyDeployment";
        let of_pod = given.pod_template_metadata_overrides.as_ref();
        Ok(Self {
            deployment: additions(field, given.labels.as_ref(), given.annotations.as_ref())?,
            pod: match of_pod {
                Some(of_pod) => metadata(&format!("{field}.podTemplateMetadataOverrides"), of_pod)?,
                None => Additions::default(),
            },
            service: Additions::default(),
            env: container::env(
                &format!("{field}.env"),
                given.env.as_deref().unwrap_or_default(),
            )?,
            pull_secrets: given
                .image_pull_secrets
                .iter()
                .flatten()
                .map(|secret| pull_secret(field, secret.name.as_deref().unwrap_or_default()))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn metadata(field: &str, given: &MetadataOverrides) -> Result<Additions, Refusal> {
    additions(field, given.labels.as_ref(), given.annotations.as_ref())
}

fn additions(field: &str, labels: Given<'_>, annotations: Given<'_>) -> Result<Additions, Refusal> {
    let labels = checked(&format!("{field}.labels"), labels, &OWN_LABELS)?;
    if let Some((key, value)) = labels.iter().find(|(_, value)| !is_label_value(value)) {
        return Err(refuse(
            format!("{field}.labels"),
            format!(
                "`{value}` cannot be the value of label {key}; use at most 63 letters, digits, '-', '_' and '.'"
            ),
        ));
    }
    Ok(Additions {
        labels,
        annotations: checked(
            &format!("{field}.annotations"),
            annotations,
            &OWN_ANNOTATIONS,
        )?,
    })
}

fn checked(
    field: &str,
    given: Given<'_>,
    own: &[&str],
) -> Result<BTreeMap<String, String>, Refusal> {
    let given = given.cloned().unwrap_or_default();
    for key in given.keys() {
        if own.contains(&key.as_str()) || is_own_key(key) {
            let sentence = format!("{key} is Hivewright's own; remove it");
            return Err(refuse(field.to_owned(), sentence));
        }
        if !is_meta_key(key) {
            let sentence =
                format!("`{key}` cannot be a key; write it like team or example.com/team");
            return Err(refuse(field.to_owned(), sentence));
        }
    }
    Ok(given)
}

/// Whether a label or annotation is under the prefix that is all ours.
pub(crate) fn is_own_key(key: &str) -> bool {
    key.strip_prefix(names::DOMAIN)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn pull_secret(field: &str, name: &str) -> Result<String, Refusal> {
    if is_subdomain(name) {
        return Ok(name.to_owned());
    }
    Err(refuse(
        format!("{field}.imagePullSecrets"),
        format!(
            "`{name}` cannot be the name of a Secret; use lower-case letters, digits, '-' and '.'"
        ),
    ))
}

fn refuse(field: String, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidValue, field, sentence)
}
