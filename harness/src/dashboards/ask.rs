//! Queries, put together. `@` in a selector stands for what the dashboard's variables choose.

/// What is asked for, and what its answer is called.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) expr: String,
    pub(super) legend: String,
}

/// The window of every rate: four scrapes at least, and never less than a step.
const WINDOW: &str = "$__rate_interval";

fn by(labels: &str) -> String {
    if labels.is_empty() {
        String::new()
    } else {
        format!(" by ({labels})")
    }
}

/// A metric of the servers that are chosen, with more matchers.
fn chosen(metric: &str, more: &str) -> String {
    if more.is_empty() {
        format!("{metric}{{@}}")
    } else {
        format!("{metric}{{@,{more}}}")
    }
}

/// A counter's rise in a second.
pub(super) fn rate(metric: &str, labels: &str, more: &str) -> String {
    let chosen = chosen(metric, more);
    format!("sum{} (rate({chosen}[{WINDOW}]))", by(labels))
}

/// A counter's rise in the window.
pub(super) fn rise(metric: &str, labels: &str, more: &str) -> String {
    let chosen = chosen(metric, more);
    format!("sum{} (increase({chosen}[{WINDOW}]))", by(labels))
}

/// A counter's rise in all the time that the dashboard shows.
pub(super) fn rise_in_all(metric: &str, labels: &str, more: &str) -> String {
    let chosen = chosen(metric, more);
    format!("sum{} (increase({chosen}[$__range]))", by(labels))
}

/// A gauge, summed.
pub(super) fn total(metric: &str, labels: &str) -> String {
    format!("sum{} ({})", by(labels), chosen(metric, ""))
}

/// A gauge's highest value.
pub(super) fn highest(metric: &str, labels: &str) -> String {
    format!("max{} ({})", by(labels), chosen(metric, ""))
}

/// The time that this share of a histogram's observations stayed below.
pub(super) fn quantile(share: &str, metric: &str, labels: &str, more: &str) -> String {
    let buckets = chosen(&format!("{metric}_bucket"), more);
    let labels = if labels.is_empty() {
        "le".to_owned()
    } else {
        format!("le, {labels}")
    };
    format!("histogram_quantile({share}, sum by ({labels}) (rate({buckets}[{WINDOW}])))")
}

/// A histogram's mean.
pub(super) fn mean(metric: &str, labels: &str) -> String {
    let sum = rate(&format!("{metric}_sum"), labels, "");
    let count = rate(&format!("{metric}_count"), labels, "");
    format!("{sum} / {count}")
}

/// A histogram's observations in each bucket.
pub(super) fn heat(metric: &str) -> String {
    rise(&format!("{metric}_bucket"), "le", "")
}

/// The share of requests that failed.
pub(super) fn failed_share(labels: &str) -> String {
    let (all, failed) = (rate(REQUESTS, labels, ""), rate(REQUESTS, labels, FAILED));
    format!("{failed} / {all}")
}

/// Requests of clients by outcome. Every outcome is counted from 0 on, so that a first failure is
/// seen; a histogram of an error begins with that error, and its first rise is lost.
pub(super) const REQUESTS: &str = "hivewright_proxy_requests_total";
/// The outcomes that a client takes for a failure, and did not bring about by leaving.
pub(super) const FAILED: &str = "outcome!~\"ok|input_required|cancelled|session_closed\"";

/// Calls of MCP methods.
pub(super) const CALLS: &str = "mcp_server_operation_duration_seconds_count";
/// Their durations.
pub(super) const DURATION: &str = "mcp_server_operation_duration_seconds";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_matchers_stand_where_promql_has_them() {
        assert_eq!(
            rate("a_total", "x", "y!=\"\""),
            "sum by (x) (rate(a_total{@,y!=\"\"}[$__rate_interval]))"
        );
        assert_eq!(total("b", ""), "sum (b{@})");
        assert_eq!(
            quantile("0.9", "c", "", ""),
            "histogram_quantile(0.9, sum by (le) (rate(c_bucket{@}[$__rate_interval])))"
        );
    }
}
