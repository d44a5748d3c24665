//! What was run and what came of it, for the terminal.

use std::fmt::Write as _;

/// A line of the tables.
#[derive(Debug)]
pub(super) struct Row {
    /// What was run.
    pub(super) name: String,
    /// By which door, or against what.
    way: String,
    /// What is to be known of it when all is well: a revision, what is lacking and why.
    note: String,
    differences: Vec<String>,
}

impl Row {
    /// All as expected.
    pub(super) fn fine(
        name: impl Into<String>,
        way: impl Into<String>,
        note: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            way: way.into(),
            note: note.into(),
            differences: Vec::new(),
        }
    }

    /// The same with what was not as expected.
    pub(super) fn but(mut self, differences: Vec<String>) -> Self {
        self.differences = differences;
        self
    }

    /// Whether it fails the run.
    pub(super) fn unexpected(&self) -> bool {
        !self.differences.is_empty()
    }
}

/// The rows in columns; under each what was not as expected.
pub(super) fn lines(rows: &[Row]) -> Vec<String> {
    let width = |field: fn(&Row) -> &str| {
        let widths = rows.iter().map(|row| field(row).chars().count());
        widths.max().unwrap_or_default()
    };
    let (names, ways) = (width(|row| &row.name), width(|row| &row.way));
    let mut lines = Vec::new();
    for row in rows {
        let mark = if row.unexpected() { "FAIL" } else { " ok " };
        let mut line = String::new();
        // Writing to a String cannot fail.
        let _ = write!(
            line,
            "{mark}  {:names$}  {:ways$}  {}",
            row.name, row.way, row.note
        );
        lines.push(line.trim_end().to_owned());
        lines.extend(row.differences.iter().map(|told| format!("      - {told}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_stands_under_its_row() {
        let rows = [
            Row::fine("one", "/mcp", "R"),
            Row::fine("three", "/sse", "R").but(vec!["call: late".to_owned()]),
        ];
        assert_eq!(
            lines(&rows),
            [
                " ok   one    /mcp  R",
                "FAIL  three  /sse  R",
                "      - call: late"
            ]
        );
    }
}
