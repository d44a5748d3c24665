//! The rules that the installed chart ships for a Prometheus without the operator.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{PrometheusError, kubectl};
use crate::charts;
use crate::place::Place;

/// The label, with the value "true", of ConfigMaps whose data are files of rules.
pub const LABEL: &str = "hivewright.dev/prometheus-rules";

/// Every file of rules in the namespace of the release, by its name. A Prometheus mounts ConfigMaps
/// of its own namespace alone: they are copied there.
pub(super) async fn of_the_chart(
    place: &Place,
) -> Result<BTreeMap<String, String>, PrometheusError> {
    let selector = format!("{LABEL}=true");
    let get = [
        "-n",
        charts::NAMESPACE,
        "get",
        "configmap",
        "-o",
        "json",
        "-l",
    ];
    let list = kubectl(place, &get).arg(&selector).text().await?;
    Ok(files(&serde_json::from_str(&list)?))
}

fn files(list: &Value) -> BTreeMap<String, String> {
    let items = list["items"].as_array().into_iter().flatten();
    let data = items.filter_map(|item| item["data"].as_object());
    data.flatten()
        .filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_file_of_every_map_is_taken() {
        let list = json!({ "items": [
            { "data": { "a.yaml": "groups: []" } },
            { "metadata": {} },
            { "data": { "b.yaml": "" } },
        ] });
        let names: Vec<String> = files(&list).into_keys().collect();
        assert_eq!(names, ["a.yaml", "b.yaml"]);
    }
}
