//! Servers at a time, as a table like that of `kubectl get mcpservers`.

use std::io::{self, Write};

use hivewright_core::why::span;
use jiff::Timestamp;

use super::clean;
use crate::reading::{State, States};

/// Columns; the last is as wide as it needs.
const COLUMNS: usize = 7;

/// The whole table.
pub(crate) fn table(out: &mut impl Write, states: &States, now: Timestamp) -> io::Result<()> {
    if states.servers.is_empty() {
        return writeln!(
            out,
            "There was no MCPServer then, or the journal does not reach back so far."
        );
    }
    let head = [
        "NAMESPACE",
        "NAME",
        "STATUS",
        "READY",
        "RESTARTS",
        "CHANGED",
        "MESSAGE",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    let then = states.at.unwrap_or(now);
    let word = states.at.map_or("ago", |_| "before");
    let changed = |state: &State| format!("{} {word}", span(state.time, then));
    rows.extend(
        states
            .servers
            .iter()
            .map(|state| row(state, changed(state))),
    );
    let mut widths = [0; COLUMNS];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in &rows {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

fn row(state: &State, changed: String) -> [String; COLUMNS] {
    let status = &state.status;
    let (namespace, name) = state
        .subject
        .split_once('/')
        .unwrap_or(("", &state.subject));
    [
        namespace.to_owned(),
        name.to_owned(),
        status.phase.clone().unwrap_or_default(),
        status.ready.clone().unwrap_or_default(),
        status.restarts.unwrap_or_default().to_string(),
        changed,
        clean(status.message.as_deref().unwrap_or_default()),
    ]
}

#[cfg(test)]
mod tests {
    use hivewright_api::MCPServerStatus;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let at: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let state = |subject: &str, phase: &str| State {
            subject: subject.to_owned(),
            uid: "1".to_owned(),
            sequence: 7,
            time: "2026-11-23T11:58:00Z".parse().unwrap(),
            status: MCPServerStatus {
                phase: Some(phase.to_owned()),
                ready: Some("1/1".to_owned()),
                message: Some("MCP clients are answered.".to_owned()),
                ..MCPServerStatus::default()
            },
        };
        let states = States {
            at: Some(at),
            servers: vec![
                state("team/osv", "Ready"),
                state("another/fetch", "Pending"),
            ],
        };
        let mut out = Vec::new();
        table(&mut out, &states, at).unwrap();
        let expected = "\
NAMESPACE  NAME   STATUS   READY  RESTARTS  CHANGED    MESSAGE
team       osv    Ready    1/1    0         2m before  MCP clients are answered.
another    fetch  Pending  1/1    0         2m before  MCP clients are answered.
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
