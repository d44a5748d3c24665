//! Who sends a request, as far as a session needs to know.

use http::{HeaderMap, header::AUTHORIZATION};

use super::rejection::Rejection;
use crate::driver::Owner;

/// The sender, if it says who it is.
pub(super) fn sender(headers: &HeaderMap) -> Result<Option<Owner>, Rejection> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => Ok(Some(Owner::of(value.as_bytes()))),
        (Some(_), Some(_)) => Err(Rejection::BadHeader("Authorization")),
    }
}
