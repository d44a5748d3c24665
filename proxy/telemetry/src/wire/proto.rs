//! Writes protobuf as it goes along.
//!
//! A traced call has half a dozen spans with some ten attributes each. As messages of
//! opentelemetry-proto they would be a hundred small allocations, which cost as much as the call;
//! written like this they are none. What is written is read back by opentelemetry-proto's own types in
//! the tests.
//!
//! <https://protobuf.dev/programming-guides/encoding/>

/// Number of a field in its message.
pub(super) type Field = u32;

/// How a field is laid out (wire types).
#[derive(Clone, Copy)]
enum Layout {
    Varint = 0,
    Fixed64 = 1,
    Delimited = 2,
    Fixed32 = 5,
}

/// A message that grows. Fields with their default values are left out, as proto3 has it.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// A number of type int64, uint64, enum or bool.
    pub(super) fn number(&mut self, field: Field, number: u64) {
        if number != 0 {
            self.present_number(field, number);
        }
    }

    /// As [`Writer::number`], in a `oneof`: there even a zero says something.
    pub(super) fn present_number(&mut self, field: Field, number: u64) {
        self.key(field, Layout::Varint);
        self.varint(number);
    }

    pub(super) fn fixed64(&mut self, field: Field, number: u64) {
        if number != 0 {
            self.present_fixed64(field, number);
        }
    }

    /// As [`Writer::fixed64`], in a `oneof`.
    pub(super) fn present_fixed64(&mut self, field: Field, number: u64) {
        self.key(field, Layout::Fixed64);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn fixed32(&mut self, field: Field, number: u32) {
        if number != 0 {
            self.key(field, Layout::Fixed32);
            self.0.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// Bytes or text.
    pub(super) fn bytes(&mut self, field: Field, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.present_bytes(field, bytes);
        }
    }

    /// As [`Writer::bytes`], in a `oneof`.
    pub(super) fn present_bytes(&mut self, field: Field, bytes: &[u8]) {
        self.announce(field, bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// What stands before the bytes of a text or of a message whose length is known.
    #[inline]
    pub(super) fn announce(&mut self, field: Field, length: usize) {
        if let (Some(key), Some(length)) = (short(u64::from(field) << 3), short(length as u64)) {
            // Nearly always, and then in one piece.
            let key = key | Layout::Delimited as u8;
            self.0.extend_from_slice(&[key, length]);
        } else {
            self.key(field, Layout::Delimited);
            self.varint(length as u64);
        }
    }

    /// A message within this one, of a length that is known afterwards: room is left for one byte of
    /// it, and what follows is moved if it takes more.
    pub(super) fn message(&mut self, field: Field, write: impl FnOnce(&mut Self)) {
        self.key(field, Layout::Delimited);
        let begin = self.0.len();
        self.0.push(0);
        write(self);
        let end = self.0.len();
        let size = (end - begin - 1) as u64;
        let more = varint(size) - 1;
        if more > 0 {
            self.0.resize(end + more, 0);
            self.0.copy_within(begin + 1..end, begin + 1 + more);
        }
        for (at, byte) in self.0[begin..=begin + more].iter_mut().enumerate() {
            let next = if at < more { CONTINUED } else { 0 };
            *byte = low_bits(size >> (7 * at)) | next;
        }
    }

    #[inline]
    fn key(&mut self, field: Field, layout: Layout) {
        self.varint(u64::from(field) << 3 | layout as u64);
    }

    #[inline]
    fn varint(&mut self, mut number: u64) {
        while number >= u64::from(CONTINUED) {
            self.0.push(low_bits(number) | CONTINUED);
            number >>= 7;
        }
        self.0.push(low_bits(number));
    }
}

/// Bytes of a text or message with its key, whose field is below 16, and its length.
pub(super) const fn delimited(length: usize) -> usize {
    1 + varint(length as u64) + length
}

/// Bytes of a number.
pub(super) const fn varint(number: u64) -> usize {
    // Seven bits in each byte, and one byte for zero.
    (64 - (number | 1).leading_zeros() as usize).div_ceil(7)
}

/// The bit of a byte of a varint that says that more follow.
const CONTINUED: u8 = 0x80;

/// The number, if one byte says it.
#[inline]
fn short(number: u64) -> Option<u8> {
    let byte = u8::try_from(number).ok();
    byte.filter(|byte| *byte < CONTINUED)
}

const fn low_bits(number: u64) -> u8 {
    (number & 0x7f) as u8
}
