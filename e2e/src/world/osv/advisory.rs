//! The advisories, and which versions they speak of.

use std::sync::LazyLock;

use serde_json::Value;

use super::version::Version;

/// All advisories, in the OSV format.
pub(super) static ADVISORIES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    [
        include_str!("../../../world/advisories/GHSA-29mw-wpgm-hmr9.json"),
        include_str!("../../../world/advisories/GHSA-35jh-r3h4-6jhm.json"),
        include_str!("../../../world/advisories/GHSA-jfh8-c2jp-5v3q.json"),
        include_str!("../../../world/advisories/PYSEC-2021-66.json"),
    ]
    .into_iter()
    .map(|text| serde_json::from_str(text).expect("the advisories are JSON, held by a test"))
    .collect()
});

/// Whether `advisory` speaks of this package, and of this version if one is asked for.
pub(super) fn affects(
    advisory: &Value,
    ecosystem: &str,
    name: &str,
    version: Option<&str>,
) -> bool {
    list(&advisory["affected"]).iter().any(|affected| {
        let package = &affected["package"];
        package["ecosystem"] == ecosystem
            && package["name"] == name
            && version.is_none_or(|version| covers(affected, version))
    })
}

/// The evaluation of the OSV schema: listed by name, or between the events of a range.
fn covers(affected: &Value, version: &str) -> bool {
    let listed = list(&affected["versions"]).iter().any(|one| one == version);
    let ranges = list(&affected["ranges"]);
    listed || ranges.iter().any(|range| within(range, version))
}

fn within(range: &Value, version: &str) -> bool {
    let version = Version::new(version);
    let mut affected = false;
    // The events of each range stand in the order of their versions.
    for event in list(&range["events"]) {
        let at = |key: &str| event[key].as_str().map(Version::new);
        if at("introduced").is_some_and(|from| from <= version) {
            affected = true;
        }
        let ended = at("fixed").is_some_and(|fixed| fixed <= version)
            || at("last_affected").is_some_and(|last| last < version);
        affected &= !ended;
    }
    affected
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
