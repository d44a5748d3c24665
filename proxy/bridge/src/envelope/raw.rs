//! A piece of JSON text and where it stands in its message.

use std::{borrow::Cow, ops::Range};

use serde_json::value::RawValue;

/// The raw text of one JSON value inside a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    /// The text, without white space around it.
    pub text: &'a str,
    /// Where it starts in the message, in bytes.
    pub start: usize,
}

impl<'a> Raw<'a> {
    /// The whole message.
    pub(crate) const fn whole(text: &'a str) -> Self {
        Self { text, start: 0 }
    }

    /// A value that serde_json borrowed from this text. Its place follows from the addresses, since
    /// both are slices of one buffer.
    pub(crate) fn inner(self, value: &'a RawValue) -> Self {
        let text = value.get();
        let offset = text.as_ptr().addr() - self.text.as_ptr().addr();
        Self {
            text,
            start: self.start + offset,
        }
    }

    /// Its place in the message, in bytes.
    pub const fn span(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// The bytes of the text.
    pub const fn bytes(self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Whether the value is an object.
    pub fn is_object(self) -> bool {
        self.text.trim_ascii_start().starts_with('{')
    }

    /// Whether the value is `null`.
    pub fn is_null(self) -> bool {
        self.text == "null"
    }

    /// The value of a string; none if it is another value or holds a lone surrogate.
    pub fn string(self) -> Option<Cow<'a, str>> {
        let inside = self.text.strip_prefix('"')?.strip_suffix('"')?;
        if memchr::memchr(b'\\', inside.as_bytes()).is_none() {
            return Some(Cow::Borrowed(inside));
        }
        serde_json::from_str(self.text).ok().map(Cow::Owned)
    }

    /// The value of a non-negative integer that is written as digits only.
    pub fn integer(self) -> Option<u64> {
        let digits = self.text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { self.text.parse().ok() } else { None }
    }
}
