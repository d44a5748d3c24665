//! One event of the journal, as the page has it.

use hivewright_core::Reason;
use hivewright_core::record::data::{Severity, Told};
use hivewright_page::model::{self, Tone};

use crate::journal::Entry;

/// What means that something works, or works again.
const GOOD: [Reason; 4] = [
    Reason::Ready,
    Reason::Initialized,
    Reason::ProxyReady,
    Reason::JournalAvailable,
];

/// An event that says what no event of ours says is passed over: the rest of the page is true.
pub(super) fn entry(entry: &Entry) -> Option<model::Entry> {
    let told = entry.told().ok()?;
    Some(model::Entry {
        sequence: entry.sequence,
        time: entry.time,
        tone: tone(&told),
        reason: told.reason,
        text: told.message,
    })
}

fn tone(told: &Told) -> Tone {
    match told.severity {
        Severity::Warning => Tone::Warning,
        Severity::Normal if GOOD.iter().any(|good| good.as_str() == told.reason) => Tone::Good,
        Severity::Normal => Tone::Plain,
    }
}
