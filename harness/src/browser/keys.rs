//! Keys that are no characters, by their code points in the WebDriver standard (section 17.4.2).

/// A key to press, alone or after one that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// To the next thing that takes the focus.
    Tab,
    /// To the one before.
    BackTab,
    /// Does what the focus is on.
    Enter,
    /// Ticks, opens, presses what the focus is on.
    Space,
    /// Away from where one is.
    Escape,
    /// A character.
    Char(char),
}

/// Held while another key is pressed.
const SHIFT: char = '\u{E008}';

impl Key {
    /// The keys that go down, in order; they come up the other way round.
    pub(super) fn held(self) -> Vec<char> {
        match self {
            Self::Tab => vec!['\u{E004}'],
            Self::BackTab => vec![SHIFT, '\u{E004}'],
            Self::Enter => vec!['\u{E007}'],
            Self::Space => vec![' '],
            Self::Escape => vec!['\u{E00C}'],
            Self::Char(letter) => vec![letter],
        }
    }
}
