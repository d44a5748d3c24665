//! What a proxy has counted, read from its `/metrics` in the Prometheus text format.
//!
//! The names are those of the proxy's own snapshot of metrics. What is not known is passed over, so an
//! older or newer proxy shows what it has.

mod line;
mod quantile;

use std::collections::BTreeMap;

use line::Line;
use quantile::Buckets;

/// Pairs of method and tool that are told apart; a proxy has at most some hundred.
pub const MAX_KINDS: usize = 256;

const SESSIONS: &str = "hivewright_proxy_sessions";
const VISITS: &str = "hivewright_proxy_visits";
const PENDING: &str = "hivewright_proxy_pending_requests";
const HELD: &str = "hivewright_proxy_held_requests";
const COUNT: &str = "mcp_server_operation_duration_seconds_count";
const BUCKET: &str = "mcp_server_operation_duration_seconds_bucket";

/// What a proxy has counted since it started.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Sessions open now.
    pub sessions: u64,
    /// Calls without a session that run now.
    pub visits: u64,
    /// Calls that run or wait now.
    pub running: u64,
    /// Calls that are over, by what they asked for.
    pub kinds: BTreeMap<Kind, Calls>,
}

/// What a call asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// The method.
    pub method: String,
    /// The tool, if it calls one.
    pub tool: String,
}

/// Calls that are over.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// How many.
    pub count: u64,
    /// Those of them that failed, by their word for why.
    pub errors: BTreeMap<String, u64>,
    times: Buckets,
}

impl Calls {
    /// Those that failed.
    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }

    /// The time that a share (0 to 1) of them did not exceed, seconds; none if there were none.
    pub fn within(&self, share: f64) -> Option<f64> {
        self.times.within(share)
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        for (error, count) in &other.errors {
            *self.errors.entry(error.clone()).or_default() += count;
        }
        self.times.add(&other.times);
    }
}

impl Load {
    /// Reads a whole answer.
    pub fn read(text: &str) -> Self {
        let mut load = Self::default();
        for line in text.lines().filter_map(line::read) {
            load.take(&line);
        }
        load
    }

    /// Adds what another proxy of the same server has counted.
    pub fn add(&mut self, other: &Self) {
        self.sessions += other.sessions;
        self.visits += other.visits;
        self.running += other.running;
        for (kind, calls) in &other.kinds {
            if let Some(sum) = self.kind(kind.clone()) {
                sum.add(calls);
            }
        }
    }

    /// All calls together.
    pub fn total(&self) -> Calls {
        let mut sum = Calls::default();
        for calls in self.kinds.values() {
            sum.add(calls);
        }
        sum
    }

    fn take(&mut self, line: &Line<'_>) {
        match line.name {
            SESSIONS => self.sessions += line.whole(),
            VISITS => self.visits += line.whole(),
            PENDING | HELD => self.running += line.whole(),
            COUNT => self.count(line),
            BUCKET => self.bucket(line),
            _ => {}
        }
    }

    fn count(&mut self, line: &Line<'_>) {
        let error = line.label("error_type");
        if let Some(calls) = self.kind(kind(line)) {
            calls.count += line.whole();
            if !error.is_empty() {
                *calls.errors.entry(error).or_default() += line.whole();
            }
        }
    }

    fn bucket(&mut self, line: &Line<'_>) {
        let Ok(bound) = line.label("le").replace("+Inf", "inf").parse() else {
            return;
        };
        if let Some(calls) = self.kind(kind(line)) {
            calls.times.put(bound, line.whole());
        }
    }

    /// The calls of a kind; none past [`MAX_KINDS`].
    fn kind(&mut self, kind: Kind) -> Option<&mut Calls> {
        if self.kinds.len() >= MAX_KINDS && !self.kinds.contains_key(&kind) {
            return None;
        }
        Some(self.kinds.entry(kind).or_default())
    }
}

fn kind(line: &Line<'_>) -> Kind {
    Kind {
        method: line.label("mcp_method_name"),
        tool: line.label("gen_ai_tool_name"),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    const TEXT: &str = r#"# HELP hivewright_proxy_sessions Sessions open.
# TYPE hivewright_proxy_sessions gauge
hivewright_proxy_sessions 3
hivewright_proxy_pending_requests 1
hivewright_proxy_held_requests 2
mcp_server_operation_duration_seconds_bucket{error_type="",gen_ai_tool_name="fetch",mcp_method_name="tools/call",le="0.1"} 8
mcp_server_operation_duration_seconds_bucket{error_type="",gen_ai_tool_name="fetch",mcp_method_name="tools/call",le="1"} 10
mcp_server_operation_duration_seconds_bucket{error_type="",gen_ai_tool_name="fetch",mcp_method_name="tools/call",le="+Inf"} 10
mcp_server_operation_duration_seconds_sum{error_type="",gen_ai_tool_name="fetch",mcp_method_name="tools/call"} 1.5
mcp_server_operation_duration_seconds_count{error_type="",gen_ai_tool_name="fetch",mcp_method_name="tools/call"} 10
mcp_server_operation_duration_seconds_count{error_type="timed_out",gen_ai_tool_name="fetch",mcp_method_name="tools/call"} 2
mcp_server_operation_duration_seconds_count{error_type="",gen_ai_tool_name="",mcp_method_name="ping"} 5
something_else{le="1"} 7
"#;

    #[test]
    fn calls_and_errors_are_counted_by_method_and_tool() {
        let load = Load::read(TEXT);
        assert_eq!((load.sessions, load.running), (3, 3));
        let total = load.total();
        assert_eq!((total.count, total.failed()), (17, 2));
        let fetch = &load.kinds[&Kind {
            method: "tools/call".to_owned(),
            tool: "fetch".to_owned(),
        }];
        assert_eq!(fetch.errors["timed_out"], 2);
        assert!(fetch.within(0.5).unwrap() < 0.1);
    }

    #[test]
    fn two_proxies_of_one_server_are_one_sum() {
        let mut load = Load::read(TEXT);
        load.add(&Load::read(TEXT));
        assert_eq!(load.sessions, 6);
        assert_eq!(load.total().failed(), 4);
    }

    #[test]
    fn kinds_past_the_bound_are_passed_over_and_the_known_ones_go_on() {
        let mut text = String::new();
        for n in 0..=MAX_KINDS {
            let _ = writeln!(text, "{COUNT}{{gen_ai_tool_name=\"{n}\"}} 1");
        }
        let _ = writeln!(text, "{COUNT}{{gen_ai_tool_name=\"0\"}} 1");
        let load = Load::read(&text);
        assert_eq!(load.kinds.len(), MAX_KINDS);
        assert_eq!(load.total().count, u64::try_from(MAX_KINDS).unwrap() + 1);
    }

    #[test]
    fn an_answer_that_is_no_metrics_says_nothing() {
        let load = Load::read("<html>404</html>\n{\"a\": 1}\n\u{0}");
        assert_eq!(load.total().count, 0);
    }
}
