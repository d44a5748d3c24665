//! A timeline as a table, line by line: it may go on for ever, so widths are fixed.

use std::io::{self, Write};

use hivewright_api::cloud_event::CloudEvent;
use hivewright_core::record::data::{Severity, Told};
use hivewright_core::why::span;
use jiff::Timestamp;
use serde::Deserialize as _;
use serde_json::Value;

use super::clean;

/// The head of the table.
pub(crate) fn head(out: &mut impl Write) -> io::Result<()> {
    row(
        out,
        ["AGO", "TIME (UTC)", "EVENT", "TYPE", "REASON", "MESSAGE"],
    )
}

/// One event. One of a type that this version does not know is shown by what every event says of
/// itself, and by its type where it says nothing.
pub(crate) fn line(
    out: &mut impl Write,
    event: &CloudEvent<Value>,
    now: Timestamp,
) -> io::Result<()> {
    let at: Option<Timestamp> = event.time.parse().ok();
    let ago = at.map(|at| span(at, now)).unwrap_or_default();
    let time = at.map_or_else(|| event.time.clone(), |at| at.strftime("%F %T").to_string());
    let sequence = event.sequence.as_deref().unwrap_or_default();
    let sequence = sequence.trim_start_matches('0');
    match Told::deserialize(&event.data) {
        Ok(told) => {
            let kind = match told.severity {
                Severity::Normal => "Normal",
                Severity::Warning => "Warning",
            };
            row(
                out,
                [&ago, &time, sequence, kind, &told.reason, &told.message],
            )
        }
        Err(_) => row(out, [&ago, &time, sequence, "", "", &event.kind]),
    }
}

fn row(
    out: &mut impl Write,
    [ago, time, sequence, kind, reason, message]: [&str; 6],
) -> io::Result<()> {
    let (reason, message) = (clean(reason), clean(message));
    writeln!(
        out,
        "{ago:<7} {time:<19} {sequence:>5}  {kind:<7}  {reason:<20}  {message}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(data: Value) -> String {
        let event = CloudEvent {
            specversion: hivewright_api::cloud_event::SpecVersion::V1,
            id: "1".to_owned(),
            source: "/x".to_owned(),
            kind: "dev.hivewright.mcpserver.backend.new-thing.v1".to_owned(),
            subject: "team/osv".to_owned(),
            time: "2026-11-23T12:00:05.123Z".to_owned(),
            datacontenttype: "application/json".to_owned(),
            sequence: Some("00000000000000000100".to_owned()),
            mcpserveruid: None,
            traceparent: None,
            data,
        };
        let mut out = Vec::new();
        line(&mut out, &event, "2026-11-23T12:04:17Z".parse().unwrap()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_event_is_one_line_with_its_age() {
        let data =
            json!({ "reason": "ProcessExited", "severity": "Warning", "message": "It ended." });
        assert_eq!(
            shown(data),
            "4m11s   2026-11-23 12:00:05   100  Warning  ProcessExited         It ended.\n"
        );
    }

    #[test]
    fn what_others_said_does_not_steer_the_terminal() {
        let data = json!({ "reason": "r", "severity": "Normal", "message": "a\u{1b}[2Jb\nc" });
        let shown = shown(data);
        assert!(shown.ends_with("a [2Jb c\n"), "{shown:?}");
    }

    #[test]
    fn an_event_that_says_nothing_of_itself_is_shown_by_its_type() {
        assert!(
            shown(json!({ "x": 1 })).ends_with("dev.hivewright.mcpserver.backend.new-thing.v1\n")
        );
    }
}
