//! Durations of MCP operations, with the handles of each label set kept.

use std::{collections::HashMap, sync::Arc, time::Duration};

use hivewright_bridge::{event::Outcome, protocol::MethodLabel};
use hivewright_telemetry::{Context, FamilyExemplars};
use parking_lot::Mutex;
use prometheus::{Histogram, HistogramVec};

use crate::exchange::Call;

/// Distinct tool names that become label values. Servers have ten to fifty tools; a client can send
/// any name, so only those count that the server itself answered well.
pub const MAX_TOOLS: usize = 64;
/// Bytes of a name that becomes a label value: the longest that the specification would have (MCP
/// 2025-11-25, Tools, Tool Names). Some servers answer whatever they are called by well, and a message
/// may be as long as a name in it.
pub const MAX_TOOL_NAME: usize = 128;
/// The label value of every other tool name.
const OTHER_TOOL: &str = "other";

/// Handles by outcome, made when first needed.
type Row = [Option<Histogram>; Outcome::ALL.len()];

#[derive(Debug)]
pub(super) struct Operations {
    family: HistogramVec,
    rows: Mutex<Rows>,
}

#[derive(Debug)]
struct Rows {
    methods: Vec<Row>,
    tools: HashMap<Arc<str>, Row>,
    other_tool: Row,
}

impl Operations {
    pub(super) fn new(family: HistogramVec) -> Self {
        let methods = MethodLabel::ALL.iter().map(|_| Row::default()).collect();
        let rows = Rows {
            methods,
            tools: HashMap::new(),
            other_tool: Row::default(),
        };
        Self {
            family,
            rows: Mutex::new(rows),
        }
    }

    pub(super) fn observe(
        &self,
        method: MethodLabel,
        tool: Option<&Arc<str>>,
        outcome: Outcome,
        duration: Duration,
    ) {
        let mut rows = self.rows.lock();
        let (row, label) = match tool {
            None => (&mut rows.methods[method as usize], ""),
            Some(tool) => rows.tool(tool, outcome),
        };
        let handle = row[outcome as usize].get_or_insert_with(|| {
            self.family
                .with_label_values(&[method.as_str(), label, error_type(outcome)])
        });
        handle.observe(duration.as_secs_f64());
    }
}

impl Operations {
    /// Keeps the trace of a call that was observed.
    pub(super) fn exemplar(&self, of: &FamilyExemplars, call: &Call, context: &Context) {
        let tool = call.tool.as_ref();
        let label = tool.map_or("", |tool| {
            let known = self.rows.lock().tools.contains_key(tool);
            if known { tool } else { OTHER_TOOL }
        });
        // In alphabetical order.
        let labels = [
            ("error_type", error_type(call.outcome)),
            ("gen_ai_tool_name", label),
            ("mcp_method_name", call.method.as_str()),
        ];
        of.record(&labels, call.duration.as_secs_f64(), context);
    }
}

impl Rows {
    fn tool<'a>(&mut self, tool: &'a Arc<str>, outcome: Outcome) -> (&mut Row, &'a str) {
        let known = self.tools.contains_key(tool);
        let fits = tool.len() <= MAX_TOOL_NAME && self.tools.len() < MAX_TOOLS;
        if known || (outcome == Outcome::Ok && fits) {
            (self.tools.entry(tool.clone()).or_default(), tool)
        } else {
            (&mut self.other_tool, OTHER_TOOL)
        }
    }
}

/// `error.type` of the OpenTelemetry conventions: absent, which Prometheus writes as empty, when
/// all went well.
fn error_type(outcome: Outcome) -> &'static str {
    match outcome {
        // Asked for input, as an answer does (2026-07-28).
        Outcome::Ok | Outcome::InputRequired => "",
        Outcome::ToolError
        | Outcome::Error
        | Outcome::Refused
        | Outcome::Cancelled
        | Outcome::SessionClosed
        | Outcome::Lost
        | Outcome::Unavailable
        | Outcome::TimedOut => outcome.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use prometheus::HistogramOpts;

    use super::*;

    fn operations() -> Operations {
        let labels = ["mcp_method_name", "gen_ai_tool_name", "error_type"];
        let opts = HistogramOpts::new("operations", "help");
        Operations::new(HistogramVec::new(opts, &labels).expect("valid names"))
    }

    fn call(operations: &Operations, tool: &str, outcome: Outcome) {
        let tool = Arc::from(tool);
        let duration = Duration::from_millis(1);
        operations.observe(MethodLabel::ToolsCall, Some(&tool), outcome, duration);
    }

    fn count(operations: &Operations, labels: [&str; 3]) -> u64 {
        operations
            .family
            .with_label_values(&labels)
            .get_sample_count()
    }

    #[test]
    fn a_tool_is_other_until_the_server_has_answered_it_well() {
        let operations = operations();
        call(&operations, "fetch", Outcome::Error);
        call(&operations, "fetch", Outcome::Ok);
        call(&operations, "fetch", Outcome::Error);
        assert_eq!(count(&operations, ["tools/call", "other", "error"]), 1);
        assert_eq!(count(&operations, ["tools/call", "fetch", ""]), 1);
        assert_eq!(count(&operations, ["tools/call", "fetch", "error"]), 1);
    }

    #[test]
    fn tools_past_the_bound_are_counted_as_other() {
        let operations = operations();
        for number in 0..=MAX_TOOLS {
            call(&operations, &format!("tool-{number}"), Outcome::Ok);
        }
        assert_eq!(count(&operations, ["tools/call", "other", ""]), 1);
        assert_eq!(operations.rows.lock().tools.len(), MAX_TOOLS);
    }

    #[test]
    fn a_name_that_is_too_long_for_a_label_is_other() {
        let operations = operations();
        for length in [MAX_TOOL_NAME, MAX_TOOL_NAME + 1] {
            call(&operations, &"t".repeat(length), Outcome::Ok);
        }
        assert_eq!(count(&operations, ["tools/call", "other", ""]), 1);
        let longest = "t".repeat(MAX_TOOL_NAME);
        assert_eq!(count(&operations, ["tools/call", &longest, ""]), 1);
    }

    #[test]
    fn every_method_has_its_own_row() {
        let operations = operations();
        for method in MethodLabel::ALL {
            operations.observe(*method, None, Outcome::Ok, Duration::ZERO);
        }
        for method in MethodLabel::ALL {
            assert_eq!(count(&operations, [method.as_str(), "", ""]), 1);
        }
    }
}
