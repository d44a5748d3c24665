//! The elements of a batch are slices of it, in order, each one JSON value, and not too many.

use bytes::Bytes;
use hivewright_bridge::{envelope, limits::MAX_BATCH};
use serde_json::value::RawValue;

/// See the module.
pub(crate) fn target(data: &[u8]) {
    let body = Bytes::copy_from_slice(data);
    let Ok(elements) = envelope::elements(&body) else {
        return;
    };
    assert!(envelope::is_batch(&body));
    assert!((1..=MAX_BATCH).contains(&elements.len()));
    let mut end = body.as_ptr().addr();
    for element in &elements {
        let start = element.as_ptr().addr();
        assert!(start >= end, "in order, and not copied");
        end = start + element.len();
        assert!(serde_json::from_slice::<&RawValue>(element).is_ok());
    }
    assert!(end <= body.as_ptr().addr() + body.len());
}
