//! The figures as Markdown.

use std::fmt::Write as _;

use super::{Figures, load::Run, starts::Start};

/// What the established proxy of this field (ToolHive 0.44.0, stdio through pod attach, Streamable
/// HTTP, one session) gave in an earlier measurement on a two-core machine, with another trivial
/// echo server and load generator: connections, calls a second, CPU microseconds a call.
const ESTABLISHED: [(u32, f64, f64); 3] =
    [(1, 598.0, 738.0), (8, 1064.0, 496.0), (20, 1261.0, 411.0)];

/// One run in a sentence.
pub fn sentence(run: &Run) -> String {
    let report = &run.report;
    let mut text = format!(
        "{:.0} calls/s, p50 {:.2} ms, p99 {:.2} ms, {:.0} us CPU a call, {:.0} MiB, {} errors",
        report.calls_per_second,
        report.p50_ms,
        report.p99_ms,
        run.cpu_micros,
        run.resident_mib,
        report.errors
    );
    if let Some(error) = &report.first_error {
        text.push_str(" (first: ");
        text.push_str(error);
        text.push(')');
    }
    text
}

/// All figures.
pub fn markdown(figures: &Figures) -> String {
    let mut text = String::from(
        "| connections | calls/s | against the established proxy | p50 ms | p99 ms | errors | \
         proxy CPU us/call | proxy memory MiB |\n|---|---|---|---|---|---|---|---|\n",
    );
    for run in &figures.runs {
        row(&mut text, run);
    }
    if !figures.kills.is_empty() {
        text.push_str(
            "\n| kill of the process | next good answer on the same session |\n|---|---|\n",
        );
    }
    for (number, time) in figures.kills.iter().enumerate() {
        // Writing to a String does not fail.
        let _ = writeln!(text, "| {} | {:.1} s |", number + 1, time.as_secs_f64());
    }
    if !figures.starts.is_empty() {
        text.push_str(
            "\n| documented server | from apply to Ready | to the first tool's answer |\n|---|---|---|\n",
        );
    }
    for start in &figures.starts {
        began(&mut text, start);
    }
    text
}

fn began(text: &mut String, start: &Start) {
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "| {} ({}) | {:.1} s | {:.1} s |",
        start.name,
        start.road,
        start.ready.as_secs_f64(),
        start.answer.as_secs_f64()
    );
}

/// The section of the page, for a machine in one line and a date.
pub fn section(figures: &Figures, machine: &str, date: &str) -> String {
    format!(
        "## Through a cluster\n\nWritten by `make bench PART=cluster ARGS=--write` on {date}: a load pod calls the \
         tool `echo` of a stdio server, one call at a time on each keep-alive connection of one \
         session, through Service, proxy, pod attach, and back. All of it, the cluster included, \
         shares one machine: {machine}. The established proxy is ToolHive 0.44.0; its figures come \
         from an earlier measurement on a two-core machine with another echo server and load \
         generator, not from this run, so the comparison is a guide. Of each set of runs, the one \
         with the median rate is shown. Times after a kill count from just before the signal is \
         sent. Of each documented manifest's starts, with its image on the node, the median is \
         shown.\n\n{}",
        markdown(figures)
    )
}

fn row(text: &mut String, run: &Run) {
    let report = &run.report;
    let known = ESTABLISHED
        .iter()
        .find(|(connections, ..)| *connections == report.connections);
    let against = known.map_or_else(String::new, |(_, rate, cpu)| {
        format!(
            "{:.2} times (CPU {:.2} times)",
            report.calls_per_second / rate,
            run.cpu_micros / cpu
        )
    });
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "| {} | {:.0} | {against} | {:.2} | {:.2} | {} | {:.0} | {:.0} |",
        report.connections,
        report.calls_per_second,
        report.p50_ms,
        report.p99_ms,
        report.errors,
        run.cpu_micros,
        run.resident_mib
    );
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::load::Report;

    #[test]
    fn a_row_compares_with_the_established_proxy() {
        let report = Report {
            connections: 20,
            calls: 37_830,
            warm_up_calls: 0,
            calls_per_second: 3783.0,
            p50_ms: 5.0,
            p99_ms: 9.0,
            errors: 0,
            first_error: None,
        };
        let run = Run {
            report,
            cpu_micros: 205.5,
            resident_mib: 20.0,
        };
        let figures = Figures {
            runs: vec![run],
            kills: vec![Duration::from_millis(1500)],
            starts: vec![Start {
                name: "osv",
                road: "SSE",
                ready: Duration::from_millis(3210),
                answer: Duration::from_millis(3490),
            }],
        };
        let text = markdown(&figures);
        assert!(text.contains("| 20 | 3783 | 3.00 times (CPU 0.50 times) | 5.00 | 9.00 | 0 |"));
        assert!(text.contains("| 1 | 1.5 s |"), "{text}");
        assert!(text.contains("| osv (SSE) | 3.2 s | 3.5 s |"), "{text}");
    }
}
