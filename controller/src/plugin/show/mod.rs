//! How it is printed: tables for people, JSON for programs.

pub(super) mod events;
pub(super) mod json;
pub(super) mod states;

/// A text as one line without control characters: what others said must not steer a terminal.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
