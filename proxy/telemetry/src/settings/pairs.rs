//! `NAME=VALUE` lists of the OpenTelemetry specification, which are those of the W3C Baggage: parts
//! between commas, white space around each part counts for nothing, `%` before two digits stands for
//! a byte.

/// Reads a list; `None` if it is none.
pub(super) fn read(list: &str) -> Option<Vec<(String, String)>> {
    let parts = list.split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(pair).collect()
}

/// Reads one pair.
pub(super) fn pair(part: &str) -> Option<(String, String)> {
    let (name, value) = part.split_once('=')?;
    let name = decode(name.trim())?;
    (!name.is_empty()).then_some((name, decode(value.trim())?))
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_without_the_space_around_them() {
        let read = read(" a = 1 ,b=two%20words,, c= ").unwrap();
        let pairs: Vec<_> = read.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(pairs, [("a", "1"), ("b", "two words"), ("c", "")]);
    }

    #[test]
    fn what_is_no_pair_is_none() {
        for wrong in ["a", "=1", "a=%2", "a=%zz", "a=%ff"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
