//! For each bucket of a histogram the newest trace that fell into it.
//!
//! Only traces that are recorded leave one, so that an unsampled call costs nothing here.

use std::{collections::HashMap, sync::Arc, time::SystemTime};

use parking_lot::Mutex;
use prometheus::proto::LabelPair;

use crate::{
    context::Context,
    ids::{SpanId, TraceId},
};

/// Most rows of one family that keep exemplars: as many as methods and tools have at most. Rows past
/// that have none; their numbers are counted all the same.
pub const MAX_SERIES: usize = 512;

/// A value and the trace that it was seen in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) value: f64,
    pub(crate) time: SystemTime,
    pub(crate) trace: TraceId,
    pub(crate) span: SpanId,
}

/// One slot for each bucket, the one without an upper bound last.
pub(crate) type Slots = Box<[Option<Exemplar>]>;

#[derive(Debug)]
struct Family {
    bounds: &'static [f64],
    rows: Mutex<HashMap<String, Slots>>,
}

/// The exemplars of all families of a process. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Exemplars(Arc<Mutex<HashMap<&'static str, Arc<Family>>>>);

/// The exemplars of one histogram family.
#[derive(Clone, Debug)]
pub struct FamilyExemplars(Arc<Family>);

impl Exemplars {
    /// Exemplars of the histogram family of this name, whose buckets end at `bounds`.
    pub fn family(&self, name: &'static str, bounds: &'static [f64]) -> FamilyExemplars {
        let mut families = self.0.lock();
        let family = families.entry(name).or_insert_with(|| {
            Arc::new(Family {
                bounds,
                rows: Mutex::default(),
            })
        });
        FamilyExemplars(Arc::clone(family))
    }

    /// The slots of one row of a family; none if it has none.
    pub(crate) fn of(&self, family: &str, labels: &[LabelPair]) -> Slots {
        let family = self.0.lock().get(family).cloned();
        let found = family.and_then(|family| {
            let labels = labels.iter().map(|label| (label.name(), label.value()));
            family.rows.lock().get(&key(labels)).cloned()
        });
        found.unwrap_or_default()
    }
}

impl FamilyExemplars {
    /// This value was observed in that span: the newest of its bucket from now on. `labels` are all
    /// of the row, by name, in alphabetical order, as the registry has them.
    pub fn record(&self, labels: &[(&str, &str)], value: f64, context: &Context) {
        let key = key(labels.iter().copied());
        let mut rows = self.0.rows.lock();
        if rows.len() >= MAX_SERIES && !rows.contains_key(&key) {
            return;
        }
        let bounds = self.0.bounds;
        let bucket = bounds.partition_point(|bound| *bound < value);
        let empty = || vec![None; bounds.len() + 1].into_boxed_slice();
        rows.entry(key).or_insert_with(empty)[bucket] = Some(Exemplar {
            value,
            time: SystemTime::now(),
            trace: context.trace,
            span: context.span,
        });
    }
}

/// Ends each name and value: a control character, which names of labels and tools do without.
const BETWEEN: char = '\u{1f}';

/// Bytes of most keys, so that they need not grow.
const KEY: usize = 128;

/// One text for a row. Labels without a value are absent, as in Prometheus.
fn key<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut key = String::with_capacity(KEY);
    for (name, value) in labels.filter(|(_, value)| !value.is_empty()) {
        // A tool whose name held this character could at worst show another row its trace.
        for text in [name, value] {
            key.push_str(text);
            key.push(BETWEEN);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::Sampler;

    fn label(name: &str, value: &str) -> LabelPair {
        let mut pair = LabelPair::default();
        pair.set_name(name.to_owned());
        pair.set_value(value.to_owned());
        pair
    }

    fn context() -> Context {
        Sampler::parent_based(1.0).decide(None).unwrap()
    }

    #[test]
    fn each_bucket_keeps_its_newest() {
        let all = Exemplars::default();
        let family = all.family("f", &[1.0, 2.0]);
        let newest = context();
        family.record(&[("a", "x")], 1.5, &context());
        family.record(&[("a", "x")], 2.0, &newest);
        family.record(&[("a", "x")], 9.0, &context());
        let slots = all.of("f", &[label("a", "x")]);
        let values: Vec<_> = slots
            .iter()
            .map(|slot| slot.map(|kept| kept.value))
            .collect();
        assert_eq!(values, [None, Some(2.0), Some(9.0)]);
        assert_eq!(slots[1].unwrap().trace, newest.trace);
    }

    #[test]
    fn another_row_or_family_has_its_own() {
        let all = Exemplars::default();
        all.family("f", &[1.0])
            .record(&[("a", "x"), ("b", "")], 0.5, &context());
        assert_eq!(all.of("f", &[label("a", "x"), label("b", "")]).len(), 2);
        assert!(all.of("f", &[label("a", "y")]).is_empty());
        assert!(all.of("g", &[label("a", "x")]).is_empty());
    }

    #[test]
    fn rows_past_the_bound_keep_none() {
        let all = Exemplars::default();
        let family = all.family("f", &[1.0]);
        for row in 0..=MAX_SERIES {
            family.record(&[("a", &row.to_string())], 0.5, &context());
        }
        assert!(
            all.of("f", &[label("a", &MAX_SERIES.to_string())])
                .is_empty()
        );
        assert!(!all.of("f", &[label("a", "0")]).is_empty());
    }
}
