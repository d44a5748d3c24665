//! Values of attributes.

use std::{borrow::Cow, sync::Arc};

/// A value of an attribute, or the body of a log record.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text; a constant costs no allocation.
    Text(Cow<'static, str>),
    /// Text that somebody else holds too.
    Shared(Arc<str>),
    /// A whole number.
    Int(i64),
    /// Any number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
}

/// One attribute: its name, which is a constant of a convention, and its value.
pub type Attribute = (&'static str, Value);

impl Value {
    /// Roughly the bytes that this takes in memory and on the wire, beside its name.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Shared(text) => text.len(),
            Self::Int(_) | Self::Float(_) | Self::Bool(_) => 8,
        }
    }
}

/// Bytes that an attribute takes beside its text.
const ATTRIBUTE: usize = 48;

/// Roughly the bytes that these take.
pub(crate) fn weight(attributes: &[Attribute]) -> usize {
    let each = attributes
        .iter()
        .map(|(_, value)| ATTRIBUTE + value.weight());
    each.sum()
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::Shared(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// Past the largest whole number that OTLP has, that one.
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Past the largest whole number that OTLP has, that one.
impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Int(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}
