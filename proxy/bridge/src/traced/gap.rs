//! Finds in one pass where a request can say its trace.
//!
//! Every traced call comes by here, and to parse it as a whole would cost more than all of its spans.
//! So only what has to be known is looked at, and whatever is unusual is left to the parser: keys
//! with escapes, keys that are there twice, a trace that has to be replaced. Text that is no JSON may
//! pass; it is none with a member more either, so that the hub refuses it as it would have.

use memchr::memchr2;

use super::{TRACEPARENT, TRACESTATE};

/// Where members can be put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// Just behind the brace that opens the object.
    pub(super) at: usize,
    /// Whether the object is `_meta`, or else `params`, which has none.
    pub(super) in_meta: bool,
    /// Whether the object has no members yet.
    pub(super) empty: bool,
}

/// The place in this body; none if it is no request, or one that only the parser can judge.
pub(super) fn find(body: &[u8]) -> Option<Gap> {
    let mut scan = Scan { body, at: 0 };
    let (mut id, mut method, mut params) = (false, false, None);
    scan.object(|scan, key| {
        match key {
            b"id" => id = true,
            b"method" => method = true,
            b"params" if params.is_none() => {
                params = Some(scan.params()?);
                return Some(());
            }
            b"params" | b"result" | b"error" => return None,
            _ => {}
        }
        scan.value()
    })?;
    params.filter(|_| id && method)
}

struct Scan<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn params(&mut self) -> Option<Gap> {
        let mut meta = None;
        let (at, empty) = self.object(|scan, key| match key {
            b"_meta" if meta.is_none() => {
                meta = Some(scan.meta()?);
                Some(())
            }
            b"_meta" => None,
            _ => scan.value(),
        })?;
        let in_meta = false;
        Some(meta.unwrap_or(Gap { at, in_meta, empty }))
    }

    fn meta(&mut self) -> Option<Gap> {
        let ours = [TRACEPARENT.as_bytes(), TRACESTATE.as_bytes()];
        let (at, empty) = self.object(|scan, key| {
            // What has to be taken out is the parser's.
            let stays = !ours.contains(&key);
            stays.then(|| scan.value())?
        })?;
        let in_meta = true;
        Some(Gap { at, in_meta, empty })
    }

    /// Crosses an object; `each` crosses the value of each key. Gives where its inside begins, and
    /// whether there is nothing in it.
    fn object(
        &mut self,
        mut each: impl FnMut(&mut Self, &'a [u8]) -> Option<()>,
    ) -> Option<(usize, bool)> {
        self.take(b'{')?;
        let start = self.at;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some((start, true));
        }
        loop {
            let key = self.key()?;
            each(self, key)?;
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => {}
                b'}' => return Some((start, false)),
                _ => return None,
            }
        }
    }

    fn key(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let start = self.at;
        let length = memchr2(b'"', b'\\', &self.body[start..])?;
        let key = &self.body[start..start + length];
        self.at += length;
        self.take(b'"')?;
        self.take(b':')?;
        Some(key)
    }

    /// Crosses any value.
    fn value(&mut self) -> Option<()> {
        self.peek()?;
        let mut depth = 0_usize;
        loop {
            let byte = *self.body.get(self.at)?;
            match byte {
                b'"' => self.string()?,
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' if depth == 0 => return Some(()),
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Crosses a string up to the quote that ends it.
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += memchr2(b'"', b'\\', self.body.get(self.at..)?)?;
            if self.body[self.at] == b'"' {
                return Some(());
            }
            self.at += 2;
        }
    }

    /// The next byte that is no space, which is not crossed.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.body.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(body: &str) -> Option<(&str, bool, bool)> {
        let gap = find(body.as_bytes())?;
        Some((&body[gap.at..], gap.in_meta, gap.empty))
    }

    #[rstest::rstest]
    #[case(r#"{"id":1,"method":"x","params":{}}"#, ("}}", false, true))]
    #[case(r#" { "params" : { "a" : [{"_meta":{}},"\"}"] } , "method":"x","id":1}"#, (r#" "a" : [{"_meta":{}},"\"}"] } , "method":"x","id":1}"#, false, false))]
    #[case(r#"{"id":1,"method":"x","params":{"a":"\\","_meta":{"b":1}}}"#, (r#""b":1}}}"#, true, false))]
    #[case(r#"{"id":1,"method":"x","params":{"_meta":{ }}}"#, (" }}}", true, true))]
    fn a_usual_request_has_a_place(#[case] body: &str, #[case] expected: (&str, bool, bool)) {
        assert_eq!(gap(body), Some(expected));
    }

    #[rstest::rstest]
    #[case::no_id(r#"{"method":"x","params":{}}"#)]
    #[case::no_method(r#"{"id":1,"params":{}}"#)]
    #[case::an_answer(r#"{"id":1,"method":"x","params":{},"result":{}}"#)]
    #[case::no_parameters(r#"{"id":1,"method":"x"}"#)]
    #[case::parameters_in_order(r#"{"id":1,"method":"x","params":[1]}"#)]
    #[case::parameters_twice(r#"{"id":1,"method":"x","params":{},"params":{}}"#)]
    #[case::meta_twice(r#"{"id":1,"method":"x","params":{"_meta":{},"_meta":{}}}"#)]
    #[case::meta_is_no_object(r#"{"id":1,"method":"x","params":{"_meta":1}}"#)]
    #[case::an_escape_in_a_key(r#"{"id":1,"method":"x","params":{"\u005fmeta":{}}}"#)]
    #[case::a_trace_already(r#"{"id":1,"method":"x","params":{"_meta":{"traceparent":"O"}}}"#)]
    #[case::a_batch(r#"[{"id":1,"method":"x","params":{}}]"#)]
    #[case::cut_short(r#"{"id":1,"method":"x","params":{"a":"\"#)]
    #[case::nothing("")]
    fn what_is_unusual_is_the_parsers(#[case] body: &str) {
        assert_eq!(gap(body), None);
    }
}
