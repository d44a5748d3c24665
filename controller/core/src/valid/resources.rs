//! Resources of the proxy's container.

use std::collections::BTreeMap;

use hivewright_api::spec::{ResourceAmounts, Resources};
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::quantity;
use crate::refusal::{Refusal, RefusalReason};

/// Parses limits and requests, and checks that no request exceeds its limit.
pub(super) fn parse(
    resources: Option<&Resources>,
) -> Result<Option<ResourceRequirements>, Refusal> {
    let Some(resources) = resources else {
        return Ok(None);
    };
    let limits = amounts("spec.resources.limits", resources.limits.as_ref())?;
    let requests = amounts("spec.resources.requests", resources.requests.as_ref())?;
    for (resource, request) in &requests {
        if let Some(limit) = limits
            .get(resource)
            .filter(|limit| amount(limit) < amount(request))
        {
            return Err(refuse(
                &format!("spec.resources.requests.{resource}"),
                format!(
                    "{} exceeds the limit of {}; lower it or raise the limit",
                    request.0, limit.0
                ),
            ));
        }
    }
    Ok(Some(ResourceRequirements {
        limits: (!limits.is_empty()).then_some(limits),
        requests: (!requests.is_empty()).then_some(requests),
        ..ResourceRequirements::default()
    }))
}

fn amounts(
    field: &str,
    amounts: Option<&ResourceAmounts>,
) -> Result<BTreeMap<String, Quantity>, Refusal> {
    let given = amounts.map(|all| [("cpu", &all.cpu), ("memory", &all.memory)]);
    given
        .into_iter()
        .flatten()
        .filter_map(|(resource, amount)| Some((resource, amount.as_ref()?)))
        .map(|(resource, amount)| match quantity::parse(amount) {
            Some(parsed) if parsed >= 0 => Ok((resource.to_owned(), Quantity(amount.clone()))),
            Some(_) | None => Err(refuse(
                &format!("{field}.{resource}"),
                format!("`{amount}` is no quantity; write it like 100m, 2 or 128Mi"),
            )),
        })
        .collect()
}

fn amount(quantity: &Quantity) -> Option<i128> {
    quantity::parse(&quantity.0)
}

fn refuse(field: &str, sentence: String) -> Refusal {
    Refusal::new(RefusalReason::InvalidResources, field, sentence)
}
