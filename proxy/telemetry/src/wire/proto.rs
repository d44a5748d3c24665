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
        self.key(field, Layout::Delimited);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// A message within this one. Its length is one byte in nearly all cases; what is longer is moved.
    pub(super) fn message(&mut self, field: Field, write: impl FnOnce(&mut Self)) {
        self.key(field, Layout::Delimited);
        let begin = self.0.len();
        self.0.push(0);
        write(self);
        let mut length = Self(Vec::new());
        let size = self.0.len() - begin - 1;
        match u8::try_from(size) {
            Ok(size) if size < CONTINUED => self.0[begin] = size,
            Ok(_) | Err(_) => {
                length.varint(size as u64);
                self.0.splice(begin..=begin, length.0);
            }
        }
    }

    fn key(&mut self, field: Field, layout: Layout) {
        self.varint(u64::from(field) << 3 | layout as u64);
    }

    fn varint(&mut self, mut number: u64) {
        while number >= u64::from(CONTINUED) {
            self.0.push(low_bits(number) | CONTINUED);
            number >>= 7;
        }
        self.0.push(low_bits(number));
    }
}

/// The bit of a byte of a varint that says that more follow.
const CONTINUED: u8 = 0x80;

const fn low_bits(number: u64) -> u8 {
    (number & 0x7f) as u8
}
