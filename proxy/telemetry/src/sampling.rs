//! Which traces are recorded. Decided before anything is allocated for one.

use crate::{
    context::Context,
    ids::{SpanId, TraceId, random},
};

/// All values of 63 bits: what a ratio is a ratio of.
const ALL: u64 = 1 << 63;

/// Decides for each trace that begins here, and follows the caller for others.
///
/// The names are those of `OTEL_TRACES_SAMPLER` of the OpenTelemetry specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampler {
    /// Traces of which 63 bits of the id are below this are recorded, as in OpenTelemetry's
    /// `TraceIdRatioBased`: every process with the same ratio chooses the same ones.
    below: u64,
    follows: bool,
}

impl Sampler {
    /// `parentbased_traceidratio`: what the caller decided; this share of the traces, 0 to 1, that
    /// begin here. A number outside is taken for the nearer end.
    pub fn parent_based(ratio: f64) -> Self {
        Self {
            below: below(ratio),
            follows: true,
        }
    }

    /// `traceidratio`: this share of the traces, 0 to 1, whatever the caller decided.
    pub fn ratio(ratio: f64) -> Self {
        Self {
            below: below(ratio),
            follows: false,
        }
    }

    /// Decides for a request that came with `parent`. `Some` is the place of a span that is to be
    /// recorded; `None`: nothing is, and what came is passed on as it is.
    #[inline]
    pub fn decide(&self, parent: Option<&Context>) -> Option<Context> {
        match parent {
            Some(parent) if self.follows => parent.sampled.then(|| parent.child()),
            Some(parent) => self.chooses(low(parent.trace)).then(|| Context {
                sampled: true,
                ..parent.child()
            }),
            None => self.begin(),
        }
    }

    #[inline]
    fn begin(&self) -> Option<Context> {
        if self.below == 0 {
            return None;
        }
        let low = random();
        self.chooses(low).then(|| Context {
            trace: TraceId::ending_with(low),
            span: SpanId::random(),
            sampled: true,
        })
    }

    const fn chooses(&self, low: u64) -> bool {
        low >> 1 < self.below
    }
}

fn low(trace: TraceId) -> u64 {
    let bytes = trace.bytes();
    let mut low = [0; 8];
    low.copy_from_slice(&bytes[8..]);
    u64::from_be_bytes(low)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 2^63, which a double holds exactly; the last bits of a share do not matter"
)]
fn below(ratio: f64) -> u64 {
    (ratio.clamp(0.0, 1.0) * ALL as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(sampled: bool) -> Context {
        let trace = TraceId::ending_with(u64::MAX);
        let span = SpanId::random();
        Context {
            trace,
            span,
            sampled,
        }
    }

    #[test]
    fn the_callers_decision_is_followed_either_way() {
        let all = Sampler::parent_based(1.0);
        assert_eq!(all.decide(Some(&caller(false))), None);
        let none = Sampler::parent_based(0.0);
        let parent = caller(true);
        let own = none.decide(Some(&parent)).unwrap();
        assert_eq!(own.trace, parent.trace);
        assert_ne!(own.span, parent.span);
    }

    #[test]
    fn a_share_of_the_traces_that_begin_here_is_recorded() {
        let tenth = Sampler::parent_based(0.1);
        let recorded = (0..100_000)
            .filter(|_| tenth.decide(None).is_some())
            .count();
        // Six standard deviations of a binomial distribution are 570.
        assert!((9_430..=10_570).contains(&recorded), "{recorded}");
    }

    #[test]
    fn all_and_none_are_all_and_none() {
        for _ in 0..1_000 {
            assert!(
                Sampler::parent_based(1.0)
                    .decide(None)
                    .is_some_and(|own| own.sampled)
            );
            assert!(Sampler::parent_based(0.0).decide(None).is_none());
        }
    }

    #[test]
    fn another_process_with_the_same_ratio_chooses_the_same_traces() {
        let half = Sampler::ratio(0.5);
        for _ in 0..1_000 {
            let began = half.decide(None);
            let trace = began.map_or_else(|| TraceId::ending_with(u64::MAX), |own| own.trace);
            let seen = Context {
                trace,
                ..caller(false)
            };
            assert_eq!(half.decide(Some(&seen)).is_some(), began.is_some());
        }
    }
}
