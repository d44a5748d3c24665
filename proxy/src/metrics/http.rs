//! Counters of HTTP exchanges, by door and status class.

use http::StatusCode;
use prometheus::IntCounter;

use super::families::HttpFamilies;
use crate::http::Door;

/// The classes, in the order of [`class`]. `gone`: the client left before it had an answer.
const CLASSES: [&str; 6] = ["gone", "1xx", "2xx", "3xx", "4xx", "5xx"];

#[derive(Debug)]
struct DoorCounters {
    classes: [IntCounter; CLASSES.len()],
    bytes_in: IntCounter,
    bytes_out: IntCounter,
}

/// All handles, resolved once.
#[derive(Debug)]
pub(super) struct HttpCounters([DoorCounters; Door::ALL.len()]);

impl HttpCounters {
    pub(super) fn new(all: &HttpFamilies) -> Self {
        Self(Door::ALL.map(|door| DoorCounters {
            classes: CLASSES.map(|class| all.requests.with_label_values(&[door.label(), class])),
            bytes_in: all.bytes_in.with_label_values(&[door.label()]),
            bytes_out: all.bytes_out.with_label_values(&[door.label()]),
        }))
    }

    pub(super) fn count(
        &self,
        door: Door,
        status: Option<StatusCode>,
        bytes_in: usize,
        bytes_out: usize,
    ) {
        let counters = &self.0[door as usize];
        counters.classes[class(status)].inc();
        counters.bytes_in.inc_by(bytes_in as u64);
        counters.bytes_out.inc_by(bytes_out as u64);
    }
}

fn class(status: Option<StatusCode>) -> usize {
    status.map_or(0, |status| {
        usize::from(status.as_u16() / 100).min(CLASSES.len() - 1)
    })
}
