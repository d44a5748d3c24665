//! Colours, and what must not reach a terminal.

use std::fmt::Write as _;

/// Whether lines are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// By the escape sequences of ECMA-48 (SGR).
    Colours,
    /// Not at all.
    Plain,
}

/// What a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    Notice,
    Dim,
}

impl Paint {
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Good => 32,
            Tone::Bad => 31,
            Tone::Notice => 36,
            Tone::Dim => 2,
        };
        match self {
            Self::Colours => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::Plain => text.to_owned(),
        }
    }
}

/// A text of a client or a server, cut, with control characters escaped: it must not move the
/// cursor, nor worse.
pub(super) fn clean(text: &str, max: usize) -> String {
    let mut out = String::new();
    for (count, char) in text.chars().enumerate() {
        if count == max {
            out.push('…');
            break;
        }
        if char.is_control() {
            // Writing to a String does not fail.
            let _ = write!(out, "{}", char.escape_default());
        } else {
            out.push(char);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_of_others_are_shown_and_not_obeyed() {
        assert_eq!(clean("a\x1b[2Jb\tc", 20), "a\\u{1b}[2Jb\\tc");
        assert_eq!(clean("äbcdef", 3), "äbc…");
    }

    #[test]
    fn without_colours_a_text_is_left_alone() {
        assert_eq!(Paint::Plain.paint(Tone::Bad, "x"), "x");
        assert_eq!(Paint::Colours.paint(Tone::Bad, "x"), "\x1b[31mx\x1b[0m");
    }
}
