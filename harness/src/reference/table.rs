//! Markdown tables.

use std::fmt::Write as _;

/// A table; nothing if there are no rows.
pub(super) fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut body = String::new();
    for row in rows {
        let cells = row.map(|cell| cell_text(&cell));
        // Writing to a String does not fail.
        let _ = writeln!(body, "| {} |", cells.join(" | "));
    }
    if body.is_empty() {
        return body;
    }
    format!("\n| {} |\n|{}\n{body}", head.join(" | "), "---|".repeat(N))
}

/// A name or value as code; nothing stays nothing.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("`{text}`")
    }
}

/// One line, without what would end the cell.
fn cell_text(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_cannot_break_its_table() {
        let text = table(["a", "b"], [["x\ny".to_owned(), "p|q".to_owned()]]);
        assert_eq!(text, "\n| a | b |\n|---|---|\n| x y | p\\|q |\n");
    }

    #[test]
    fn a_table_without_rows_is_nothing() {
        assert_eq!(table(["a"], []), "");
    }
}
