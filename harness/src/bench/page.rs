//! The page of all figures: its sections are written one by one, and the others stay.

use std::fmt::Write as _;

/// How the page begins.
const HEAD: &str = "# Benchmarks\n";

/// The page with this section in place of its older self, or at the end. It is built from marked
/// sections alone, each once: whatever stands outside of them is left out.
pub fn put(page: &str, name: &str, section: &str) -> String {
    let mut sections = sections(page);
    let text = section.trim().to_owned();
    match sections.iter_mut().find(|(own, _)| *own == name) {
        Some((_, kept)) => *kept = text,
        None => sections.push((name, text)),
    }
    let mut page = HEAD.to_owned();
    for (name, text) in sections {
        let (begin, end) = marks(name);
        // Writing to a String does not fail.
        let _ = write!(page, "\n{begin}\n{text}\n{end}\n");
    }
    page
}

/// The marked sections of a page with their names, in their order. Of two with one name the first
/// counts; one without an end is none.
fn sections(page: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut rest = page;
    while let Some((name, after)) = begin(rest) {
        let (_, end) = marks(name);
        let Some((text, left)) = after.split_once(&end) else {
            rest = after;
            continue;
        };
        if found.iter().all(|(own, _)| *own != name) {
            found.push((name, text.trim().to_owned()));
        }
        rest = left;
    }
    found
}

/// The next name of a section, and what follows its mark.
fn begin(page: &str) -> Option<(&str, &str)> {
    let (_, rest) = page.split_once("<!-- ")?;
    let (name, after) = rest.split_once(" -->")?;
    if name.starts_with("end of ") {
        begin(after)
    } else {
        Some((name, after))
    }
}

/// Comments around a section, which readers do not see.
fn marks(name: &str) -> (String, String) {
    (
        format!("<!-- {name} -->"),
        format!("<!-- end of {name} -->"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_the_others_stay() {
        let page = put("", "a", "## A\n1\n");
        let page = put(&page, "b", "## B\n2\n");
        let again = put(&page, "a", "## A\n3\n");
        assert_eq!(again, page.replace('1', "3"));
        assert!(again.starts_with("# Benchmarks\n") && again.contains("## B\n2"));
        assert_eq!(put(&again, "b", "## B\n2\n"), again);
    }

    #[test]
    fn what_stands_outside_of_sections_is_left_out() {
        let clean = put(&put("", "a", "## A"), "b", "## B");
        let stray = clean
            .replace("<!-- b -->", "an old table\n\n<!-- b -->")
            .replace("# Benchmarks\n", "# Benchmarks\n\nOnce upon a time\n")
            + "\n| the | end |\n";
        assert_ne!(stray, clean);
        assert_eq!(put(&stray, "b", "## B"), clean);
    }

    #[test]
    fn a_section_that_stands_twice_is_kept_once_and_one_without_an_end_is_none() {
        let once = put("", "a", "## A");
        let twice = format!("{once}\n{}", once.replace("## A", "## Older"));
        assert_eq!(put(&twice, "b", "x"), put(&once, "b", "x"));
        let open = format!("{once}\n<!-- c -->\nnobody knows where it ends");
        assert_eq!(put(&open, "a", "## A"), once);
    }

    #[test]
    fn an_older_page_without_sections_gives_way() {
        assert_eq!(
            put("something else", "a", "x"),
            "# Benchmarks\n\n<!-- a -->\nx\n<!-- end of a -->\n"
        );
    }
}
