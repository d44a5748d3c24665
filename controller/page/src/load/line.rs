//! One line of the Prometheus text format (version 0.0.4).

/// One sample. Labels are read when they are asked for: most lines are not wanted.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    labels: &'a str,
    value: f64,
}

/// The sample of a line, if it holds one.
pub(super) fn read(line: &str) -> Option<Line<'_>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (name, labels, rest) = if let Some((name, rest)) = line.split_once('{') {
        let end = end_of_labels(rest)?;
        (name, &rest[..end], &rest[end + 1..])
    } else {
        let (name, rest) = line.split_once(char::is_whitespace)?;
        (name, "", rest)
    };
    // After the value there may be a time, or an exemplar.
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Line {
        name,
        labels,
        value,
    })
}

/// Where the `}` is that stands in no quoted value.
fn end_of_labels(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'}' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

impl Line<'_> {
    /// The value as a count: what is negative or no number counts as nothing.
    pub(super) fn whole(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float is cut to the range of the integer, and a count has no fraction"
        )]
        let whole = self.value as u64;
        whole
    }

    /// A label's value; empty if it has none, which is the same in this format.
    pub(super) fn label(&self, wanted: &str) -> String {
        let mut rest = self.labels;
        while let Some((name, after)) = rest.split_once("=\"") {
            let (value, left) = quoted(after);
            if name.trim_matches([',', ' ']) == wanted {
                return value;
            }
            rest = left;
        }
        String::new()
    }
}

/// A value up to its closing quote, and what comes after it.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, &text[at + 1..]),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, other)) => value.push(other),
                None => {}
            },
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_may_hold_everything_that_is_escaped() {
        let line = read(r#"a{x="1",y="say \"}\\ \n, x=\"2\""} 3 1700000000"#).unwrap();
        assert_eq!(line.name, "a");
        assert_eq!(line.label("x"), "1");
        assert_eq!(line.label("y"), "say \"}\\ \n, x=\"2\"");
        assert_eq!(line.label("z"), "");
        assert_eq!(line.whole(), 3);
    }

    #[test]
    fn what_is_no_sample_is_none() {
        for text in ["", "# HELP a b", "a", "a{x=\"1\" 2", "a{} b", "<html>"] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_no_count_counts_as_nothing() {
        for text in ["a -1", "a NaN"] {
            assert_eq!(read(text).unwrap().whole(), 0, "{text}");
        }
    }

    #[test]
    fn an_exemplar_after_the_value_is_passed_over() {
        let line = read(r#"a{le="1"} 4 # {trace_id="x"} 0.2 1.0"#).unwrap();
        assert_eq!((line.whole(), line.label("le")), (4, "1".to_owned()));
    }
}
