//! Batches: several messages in one JSON array (JSON-RPC 2.0, section 6; MCP 2025-03-26 only).

use std::fmt;

use bytes::Bytes;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Raw;
use crate::{limits::MAX_BATCH, refusal::Refusal};

/// Why an array is no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Not UTF-8.
    #[error("the batch is not UTF-8")]
    NotUtf8,
    /// Not one complete JSON array.
    #[error("the batch is not JSON")]
    NotJson,
    /// It has no element.
    #[error("the batch is empty")]
    Empty,
    /// It has more than [`MAX_BATCH`] elements.
    #[error("the batch is too long")]
    TooLong,
}

impl From<BatchError> for Refusal {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::NotUtf8 => Self::NotUtf8,
            BatchError::NotJson => Self::NotJson,
            BatchError::Empty => Self::BatchEmpty,
            BatchError::TooLong => Self::BatchTooLong { limit: MAX_BATCH },
        }
    }
}

/// Whether the body is an array rather than one message.
pub fn is_batch(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'[')
}

/// The elements of a batch as slices of its body.
///
/// # Errors
/// If the body is no JSON array of 1 to [`MAX_BATCH`] elements.
pub fn elements(body: &Bytes) -> Result<Vec<Bytes>, BatchError> {
    let text = std::str::from_utf8(body).map_err(|_| BatchError::NotUtf8)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let array = reader
        .deserialize_seq(Elements)
        .map_err(|_| BatchError::NotJson)?;
    let Some(array) = array else {
        return Err(BatchError::TooLong);
    };
    reader.end().map_err(|_| BatchError::NotJson)?;
    if array.is_empty() {
        return Err(BatchError::Empty);
    }
    let whole = Raw::whole(text);
    Ok(array
        .into_iter()
        .map(|element| body.slice(whole.inner(element).span()))
        .collect())
}

/// Collects up to [`MAX_BATCH`] raw elements; none if there are more. A longer array is read to its
/// end all the same, so that text that is no JSON is told as that.
struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of JSON-RPC messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        let mut too_long = false;
        while let Some(element) = array.next_element::<&RawValue>()? {
            if elements.len() == MAX_BATCH {
                too_long = true;
            } else {
                elements.push(element);
            }
        }
        Ok((!too_long).then_some(elements))
    }
}
