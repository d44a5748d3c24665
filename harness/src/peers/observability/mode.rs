//! What is told of calls while they are measured.

use crate::{
    peers::{catalog::Line, ensure::Own},
    place::Place,
};

/// A way to run ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Metrics are counted, as always, and nothing is exported.
    Plain,
    /// Metrics are exported each second.
    Metrics,
    /// And one trace in ten.
    SomeTraces,
    /// And every trace.
    AllTraces,
    /// Nothing is exported, but every call is in the audit log.
    Audit,
}

impl Mode {
    /// Every mode, the plain one first.
    pub const ALL: &[Self] = &[
        Self::Plain,
        Self::Metrics,
        Self::SomeTraces,
        Self::AllTraces,
        Self::Audit,
    ];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "metrics counted, nothing exported",
            Self::Metrics => "metrics exported every second",
            Self::SomeTraces => "metrics and 10 % of traces exported",
            Self::AllTraces => "metrics and all traces exported",
            Self::Audit => "every call in the audit log",
        }
    }

    /// Ours in this mode in front of the echo server. `sink` is the collector's port.
    pub(super) fn line(self, place: &Place, own: &Own, (port, sink): (u16, u16)) -> Line {
        let collector = format!("--otlp-endpoint=http://127.0.0.1:{sink}");
        let audit = format!(
            "--audit={}",
            place.logs().join("bench-audit.jsonl").display()
        );
        let told: &[&str] = match self {
            Self::Plain => &[],
            Self::Metrics => &[&collector, "--trace-share=0"],
            Self::SomeTraces => &[&collector, "--trace-share=0.1"],
            Self::AllTraces => &[&collector, "--trace-share=1"],
            Self::Audit => &[&audit],
        };
        let (proxy, echo) = (
            own.proxy.display().to_string(),
            own.echo.display().to_string(),
        );
        let port = port.to_string();
        // Only what is measured is exported.
        let environment = [
            "env",
            "OTEL_LOGS_EXPORTER=none",
            "OTEL_METRIC_EXPORT_INTERVAL=1000",
        ];
        let run = [&*proxy, "--log=error", "run", "--port", &port];
        let server = ["--", &*echo];
        let words = [&environment[..], &run, told, &server].concat();
        Line {
            command: words.into_iter().map(str::to_owned).collect(),
            path: "/mcp",
            tool: "echo",
        }
    }
}
