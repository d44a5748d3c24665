use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn vector(length: usize, body: &[u8]) -> Vec<u8> {
    let all = u32::try_from(body.len()).expect("a short body");
    let mut vector = all.to_be_bytes()[4 - length..].to_vec();
    vector.extend_from_slice(body);
    vector
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [kind.to_be_bytes().to_vec(), vector(2, body)].concat()
}

fn server_name(names: &[&str]) -> Vec<u8> {
    let entry = |name: &&str| [vec![0], vector(2, name.as_bytes())].concat();
    let list: Vec<u8> = names.iter().flat_map(entry).collect();
    extension(0, &vector(2, &list))
}

/// The handshake message.
fn client_hello(extensions: Option<&[u8]>) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend(vector(1, &[9; 32]));
    body.extend(vector(2, &[0x13, 1, 0x13, 2]));
    body.extend(vector(1, &[0]));
    body.extend(extensions.map(|all| vector(2, all)).unwrap_or_default());
    [vec![1], vector(3, &body)].concat()
}

/// The message in records of at most `size` bytes.
fn records(message: &[u8], size: usize) -> Vec<u8> {
    let record = |part: &[u8]| [vec![22, 3, 1], vector(2, part)].concat();
    message.chunks(size).flat_map(record).collect()
}

fn named(names: &[&str]) -> Vec<u8> {
    let key_share = extension(51, &[1; 1200]);
    let all = [key_share, server_name(names), extension(43, &[2, 3, 4])].concat();
    records(&client_hello(Some(&all)), 1 << 14)
}

#[test]
fn the_name_is_found_behind_other_extensions() {
    let name = Hello::Name("api.example.com".to_owned());
    assert_eq!(read(&named(&["api.example.com"])), Ok(name));
}

#[test]
fn what_follows_the_message_does_not_matter() {
    let mut bytes = named(&["api.example.com"]);
    // Early data of TLS 1.3: a change of cipher spec, then application data.
    bytes.extend([20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 5, 1, 2, 3, 4, 5]);
    let name = Hello::Name("api.example.com".to_owned());
    assert_eq!(read(&bytes), Ok(name));
}

#[test]
fn a_handshake_without_the_extension_is_nameless() {
    let others = extension(43, &[2, 3, 4]);
    for extensions in [None, Some(&[][..]), Some(&others)] {
        let bytes = records(&client_hello(extensions), 1 << 14);
        assert_eq!(read(&bytes), Ok(Hello::Nameless));
    }
}

#[rstest]
#[case(b"GET / HTTP/1.1\r\n")]
#[case(b"SSH-2.0-OpenSSH_9.6\r\n")]
#[case(&[22, 5, 1])]
#[case(&[0x80, 0x2e, 1, 3, 1])]
#[case(&[21, 3, 3, 0, 2, 1, 0])]
fn what_is_not_tls_is_told_apart(#[case] bytes: &[u8]) {
    assert_eq!(read(bytes), Ok(Hello::NotTls));
}

#[test]
fn every_part_of_a_handshake_needs_more() {
    let bytes = named(&["api.example.com"]);
    for end in 0..bytes.len() {
        assert_eq!(read(&bytes[..end]), Err(Unread::Partial), "{end} bytes");
    }
}

#[test]
fn a_name_cannot_be_hidden_by_many_small_records() {
    let message = client_hello(Some(&server_name(&["evil.org"])));
    for size in 1..message.len() {
        let name = Hello::Name("evil.org".to_owned());
        assert_eq!(read(&records(&message, size)), Ok(name), "{size} bytes");
    }
}

#[test]
fn a_name_cannot_be_hidden_behind_another() {
    let twice = [server_name(&["x.com"]), server_name(&["evil.org"])].concat();
    let twice = records(&client_hello(Some(&twice)), 1 << 14);
    let list = named(&["x.com", "evil.org"]);
    let empty = records(&client_hello(Some(&extension(0, &[]))), 1 << 14);
    for bytes in [twice, list, empty] {
        assert_eq!(read(&bytes), Err(Unread::Malformed));
    }
}

#[rstest]
#[case::server_hello(&[22, 3, 3, 0, 4, 2, 0, 0, 0])]
#[case::empty_record(&[22, 3, 3, 0, 0])]
#[case::alert_between(&[22, 3, 3, 0, 2, 1, 0, 21, 3, 3, 0, 2, 1, 0])]
#[case::short_message(&[22, 3, 3, 0, 5, 1, 0, 0, 1, 3])]
fn what_is_no_client_hello_is_malformed(#[case] bytes: &[u8]) {
    assert_eq!(read(bytes), Err(Unread::Malformed));
}

#[test]
fn a_handshake_past_the_bound_is_malformed() {
    let padded = |length| {
        let all = extension(21, &vec![0; length]);
        records(&client_hello(Some(&all)), 1 << 14)
    };
    let overhead = padded(0).len();
    let exact = padded(MAX_HELLO - overhead);
    assert_eq!(exact.len(), MAX_HELLO);
    assert_eq!(read(&exact), Ok(Hello::Nameless));
    let more = padded(MAX_HELLO - overhead + 1);
    assert_eq!(read(&more[..MAX_HELLO]), Err(Unread::Malformed));
}

proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes).ok();
        read(&[&[22, 3, 1][..], &bytes].concat()).ok();
        read(&records(&[&[1, 0, 0][..], &bytes].concat(), 64)).ok();
    }

    #[test]
    fn a_changed_byte_never_brings_the_reader_down(at in 0_usize..200, to: u8) {
        let mut bytes = records(&client_hello(Some(&server_name(&["api.example.com"]))), 1 << 14);
        if let Some(byte) = bytes.get_mut(at) {
            *byte = to;
        }
        read(&bytes).ok();
    }
}
