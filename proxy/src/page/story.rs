//! The last things that happened, in memory: what concerns the server, and what concerns clients. Each
//! has room of its own, so that a flood of clients does not drive out why the server died.

use std::{collections::VecDeque, sync::Arc};

use hivewright_page::model::Entry;
use jiff::Timestamp;
use parking_lot::Mutex;

use super::telling::{About, Told, tell};
use crate::driver::{Observer, Seen};

/// Things kept that concern the server.
pub const MAX_SERVER: usize = 100;
/// Things kept that concern clients.
pub const MAX_CLIENTS: usize = 100;

/// Keeps what it sees. Clones keep together.
#[derive(Clone, Debug, Default)]
pub struct Story(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    sequence: u64,
    server: VecDeque<Entry>,
    clients: VecDeque<Entry>,
}

impl Observer for Story {
    fn saw(&self, _pod: usize, seen: Seen<'_>) {
        if let Some(told) = tell(seen) {
            self.0.lock().keep(Timestamp::now(), told);
        }
    }
}

impl Story {
    /// All that is kept, the newest first.
    pub(super) fn newest(&self) -> Vec<Entry> {
        let kept = self.0.lock();
        let mut all: Vec<Entry> = kept.server.iter().chain(&kept.clients).cloned().collect();
        drop(kept);
        all.sort_by_key(|entry| std::cmp::Reverse(entry.sequence));
        all
    }
}

impl Kept {
    fn keep(&mut self, time: Timestamp, told: Told) {
        self.sequence += 1;
        let (kept, most) = match told.about {
            About::Server => (&mut self.server, MAX_SERVER),
            About::Client => (&mut self.clients, MAX_CLIENTS),
        };
        if kept.len() == most {
            kept.pop_front();
        }
        kept.push_back(Entry {
            sequence: self.sequence,
            time,
            tone: told.tone,
            reason: told.reason.to_owned(),
            text: told.text,
        });
    }
}

#[cfg(test)]
mod tests {
    use hivewright_page::model::Tone;

    use super::*;

    fn told(about: About, text: String) -> Told {
        Told {
            about,
            tone: Tone::Plain,
            reason: "Test",
            text,
        }
    }

    #[test]
    fn a_flood_of_clients_does_not_drive_out_what_happened_to_the_server() {
        let story = Story::default();
        let keep = |about, text| {
            story
                .0
                .lock()
                .keep(Timestamp::UNIX_EPOCH, told(about, text));
        };
        keep(About::Server, "it died".to_owned());
        for n in 0..10 * MAX_CLIENTS {
            keep(About::Client, n.to_string());
        }
        let all = story.newest();
        assert_eq!(all.len(), MAX_CLIENTS + 1);
        assert_eq!(
            all.first().unwrap().text,
            (10 * MAX_CLIENTS - 1).to_string()
        );
        assert_eq!(all.last().unwrap().text, "it died");
    }

    #[test]
    fn of_the_server_too_only_the_last_is_kept() {
        let story = Story::default();
        for n in 0..=MAX_SERVER {
            let told = told(About::Server, n.to_string());
            story.0.lock().keep(Timestamp::UNIX_EPOCH, told);
        }
        let all = story.newest();
        assert_eq!(all.len(), MAX_SERVER);
        assert_eq!(all.last().unwrap().text, "1");
    }
}
