//! Which columns there is room for, so that a call is one line of the terminal.

/// Characters between two columns.
pub(super) const GAP: usize = 2;
/// Width of an outcome, in characters.
pub(super) const OUTCOME: usize = 12;
/// Width of what a call is, in characters, where there is room for it.
const CALL: usize = 34;
/// Least width of what a call is: the method of tools and the first letters of a tool.
const LEAST_CALL: usize = 15;
/// Least width of a reason: less of it says nothing.
const LEAST_REASON: usize = 12;

/// A column that a narrow terminal does without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Size,
    Session,
    At,
    Took,
}

impl Column {
    /// All of them, in the order in which they are left out.
    const LEFT_OUT: [Self; 4] = [Self::Size, Self::Session, Self::At, Self::Took];

    /// In characters.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::At | Self::Session => 8,
            Self::Took | Self::Size => 9,
        }
    }
}

/// What suits a terminal of this width; a file or a pipe has none, and gets everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    width: Option<usize>,
    /// So many of [`Column::LEFT_OUT`] are left out.
    without: usize,
}

impl Layout {
    /// For so many characters in a line.
    pub(super) fn new(width: Option<usize>) -> Self {
        let all = [Column::At, Column::Session, Column::Took, Column::Size];
        let wide = |column: Column| GAP + column.width();
        let mut least: usize = LEAST_CALL + GAP + OUTCOME + all.map(wide).iter().sum::<usize>();
        let mut without = 0;
        for column in Column::LEFT_OUT {
            if width.is_none_or(|width| least <= width) {
                break;
            }
            least -= wide(column);
            without += 1;
        }
        Self { width, without }
    }

    pub(super) fn has(self, column: Column) -> bool {
        !Column::LEFT_OUT[..self.without].contains(&column)
    }

    /// What a call is, cut and filled up so that this many characters after it fit.
    pub(super) fn call(self, what: &str, after: usize) -> String {
        let room = self.room(after).unwrap_or(usize::MAX).max(1);
        let fill = CALL.min(room);
        format!("{:fill$}", cut(what, room))
    }

    /// What a call is, cut but not filled up: more of the line is needed for something else.
    pub(super) fn tight(self, what: &str, after: usize) -> String {
        self.call(what, after).trim_end().to_owned()
    }

    /// Whether there is room for so many characters after the beginning of a line.
    pub(super) fn fits(self, taken: usize) -> bool {
        self.room(0).is_none_or(|room| taken <= room)
    }

    /// As much of a reason as fits after this many characters; none if that would say nothing.
    pub(super) fn reason(self, text: &str, before: usize) -> Option<String> {
        match self.room(before + GAP) {
            None => Some(text.to_owned()),
            Some(room) => (room >= LEAST_REASON).then(|| cut(text, room)),
        }
    }

    /// What is left of a line beside its beginning and this many characters.
    fn room(self, taken: usize) -> Option<usize> {
        let begins = [Column::At, Column::Session].into_iter();
        let begins = begins.filter(|column| self.has(*column));
        let begin: usize = begins.map(|column| column.width() + GAP).sum();
        Some(self.width?.saturating_sub(begin + taken))
    }
}

/// At most so many characters, the last of which tells that there were more.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::pipe(None, &[])]
    #[case::wide(Some(200), &[])]
    #[case::just_wide_enough(Some(71), &[])]
    #[case::one_less(Some(70), &[Column::Size])]
    #[case::half(Some(50), &[Column::Size, Column::Session])]
    #[case::phone(Some(40), &[Column::Size, Column::Session, Column::At])]
    #[case::sliver(Some(30), &Column::LEFT_OUT)]
    #[case::nothing(Some(0), &Column::LEFT_OUT)]
    fn columns_are_left_out_in_their_order(
        #[case] width: Option<usize>,
        #[case] without: &[Column],
    ) {
        let layout = Layout::new(width);
        for column in Column::LEFT_OUT {
            assert_eq!(layout.has(column), !without.contains(&column), "{column:?}");
        }
    }

    #[test]
    fn a_text_is_cut_with_an_ellipsis_only_if_it_is_too_long() {
        assert_eq!(cut("äbc", 3), "äbc");
        assert_eq!(cut("äbcd", 3), "äb…");
        assert_eq!(Layout::new(Some(0)).call("tools/call a", 9), "…");
    }

    #[test]
    fn a_reason_that_would_say_nothing_is_left_out() {
        let layout = Layout::new(Some(100));
        assert_eq!(layout.reason("too many calls at once", 75), None);
        let cut = layout.reason("too many calls at once", 60);
        assert_eq!(cut.as_deref(), Some("too many calls at…"));
    }
}
