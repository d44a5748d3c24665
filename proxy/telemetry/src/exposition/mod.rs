//! What `/metrics` answers: the classic text, or OpenMetrics with exemplars if the scraper asks for
//! it.

mod exemplars;
mod negotiate;
mod openmetrics;

use prometheus::{TextEncoder, proto::MetricFamily};

pub(crate) use exemplars::Exemplar;
pub use exemplars::{Exemplars, FamilyExemplars, MAX_SERIES};
pub use negotiate::Format;
pub(crate) use openmetrics::unit;

/// Writes families in a format.
///
/// # Errors
/// When a family cannot be written as text.
pub fn encode(
    families: &[MetricFamily],
    format: Format,
    exemplars: &Exemplars,
) -> Result<String, prometheus::Error> {
    match format {
        Format::Text => TextEncoder::new().encode_to_string(families),
        Format::OpenMetrics => Ok(openmetrics::encode(families, exemplars)),
    }
}
