//! The id of a response of which only the two ends are known.

/// The minted id of a response whose line was cut out between these ends. Servers write it right
/// after `jsonrpc` at the beginning, or as the last member: both places are outside of any nested
/// value of a good message, so that no payload can feign it.
pub fn id_at_the_ends(head: &[u8], tail: &[u8]) -> Option<u64> {
    at_the_beginning(head).or_else(|| at_the_end(tail))
}

fn at_the_beginning(head: &[u8]) -> Option<u64> {
    let rest = token(token(head, b"{")?, b"\"jsonrpc\"")?;
    let rest = token(token(token(rest, b":")?, b"\"2.0\"")?, b",")?;
    let rest = token(token(rest, b"\"id\"")?, b":")?.trim_ascii_start();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // A cut number would be another number.
    token(&rest[digits..], b",")?;
    number(&rest[..digits])
}

fn at_the_end(tail: &[u8]) -> Option<u64> {
    let rest = tail.trim_ascii_end().strip_suffix(b"}")?.trim_ascii_end();
    let start = rest.iter().rposition(|byte| !byte.is_ascii_digit())? + 1;
    let before = rest[..start]
        .trim_ascii_end()
        .strip_suffix(b":")?
        .trim_ascii_end();
    before
        .strip_suffix(b"\"id\"")?
        .trim_ascii_end()
        .strip_suffix(b",")?;
    number(&rest[start..])
}

/// What follows this token, if it comes next.
fn token<'a>(text: &'a [u8], token: &[u8]) -> Option<&'a [u8]> {
    text.trim_ascii_start().strip_prefix(token)
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::first(br#"{"jsonrpc": "2.0", "id": 17, "result": {"a"#, b"", Some(17))]
    #[case::last(
        br#"{"result":{"a":"#,
        br#""x"}],"y":[]},"jsonrpc":"2.0","id":17}"#,
        Some(17)
    )]
    #[case::last_with_spaces(b"{", b"} , \"id\" : 17 }\r", Some(17))]
    #[case::cut_number(br#"{"jsonrpc":"2.0","id":17"#, b"", None)]
    #[case::text(br#"{"jsonrpc":"2.0","id":"17","result":"#, b"", None)]
    #[case::nested(br#"{"jsonrpc":"2.0","result":{"id":17,"#, br#"{"id":17}}"#, None)]
    #[case::other_key(b"{", br#","my\"id":17}"#, None)]
    #[case::nothing(b"", b"", None)]
    fn the_id_is_found_where_servers_write_it_and_nowhere_else(
        #[case] head: &[u8],
        #[case] tail: &[u8],
        #[case] expected: Option<u64>,
    ) {
        assert_eq!(id_at_the_ends(head, tail), expected);
    }
}
