//! Metric families, from the snapshots that tests compare with live scrapes.

use super::table::{code, table};

/// The table of one program: each line of its snapshot is name, type, labels in braces, help.
pub(super) fn section(program: &str, snapshot: &str) -> String {
    let rows = snapshot.lines().map(|line| {
        let mut words = line.splitn(4, ' ');
        let mut next = || words.next().unwrap_or_default();
        let (name, kind, labels, help) = (next(), next(), next(), next());
        let labels = labels.trim_matches(['{', '}']).split(',');
        let labels: Vec<String> = labels.filter(|label| !label.is_empty()).map(code).collect();
        [
            code(name),
            kind.to_owned(),
            labels.join(", "),
            format!("{}.", help.trim_end_matches('.')),
        ]
    });
    let head = ["metric", "type", "labels", "meaning"];
    format!("\n### {program}\n{}", table(head, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_told_with_its_labels_and_help() {
        let text = section(
            "X",
            "a_total counter {x,y} Times that it was so\nb gauge {} Now\n",
        );
        assert!(text.contains("| `a_total` | counter | `x`, `y` | Times that it was so. |"));
        assert!(text.contains("| `b` | gauge |  | Now. |"));
    }
}
