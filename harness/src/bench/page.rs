//! The page of all figures: its sections are written one by one, and the others stay.

/// How the page begins.
const HEAD: &str = "# Benchmarks\n";

/// The page with this section in place of its older self, or at the end.
pub fn put(page: &str, name: &str, section: &str) -> String {
    let (begin, end) = marks(name);
    let section = format!("{begin}\n{}\n{end}\n", section.trim_end());
    let page = if page.starts_with(HEAD) { page } else { HEAD };
    let cut = page.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after.trim_start_matches('\n')))
    });
    match cut {
        Some((before, "")) => format!("{before}{section}"),
        Some((before, after)) => format!("{before}{section}\n{after}"),
        None => format!("{}\n\n{section}", page.trim_end()),
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
    fn an_older_page_without_sections_gives_way() {
        assert_eq!(
            put("something else", "a", "x"),
            "# Benchmarks\n\n<!-- a -->\nx\n<!-- end of a -->\n"
        );
    }
}
