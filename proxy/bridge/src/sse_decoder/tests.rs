use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::{line::KEPT_ENDS, sse};

/// Everything that comes out when these chunks go in.
fn decode(
    decoder: &mut Decoder,
    chunks: impl IntoIterator<Item = impl Into<Vec<u8>>>,
) -> Vec<Decoded> {
    let mut out = Vec::new();
    for chunk in chunks {
        decoder.feed(chunk.into().into());
        while let Some(decoded) = decoder.next() {
            out.push(decoded);
        }
    }
    out
}

fn all(text: &str) -> Vec<Decoded> {
    decode(&mut Decoder::default(), [text])
}

fn message(data: &str) -> Decoded {
    Decoded::Event(EventKind::Message, Bytes::copy_from_slice(data.as_bytes()))
}

#[rstest]
#[case::named("event: message\ndata: {}\n\n", &["{}"])]
#[case::without_name("data: {}\n\n", &["{}"])]
#[case::one_space_is_skipped("data:  x\n\ndata:y\n\n", &[" x", "y"])]
#[case::crlf("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"])]
#[case::cr("data: a\r\rdata: b\r\r", &["a", "b"])]
#[case::mixed("data: a\n\r\ndata: b\r\n\n", &["a", "b"])]
#[case::lines_are_joined_by_a_space("data: {\ndata:  \"a\":\ndata: 1}\n\n", &["{  \"a\": 1}"])]
#[case::comments_keep_nothing_back(": ping\n\n:\n\ndata: a\n: between\n\n", &["a"])]
#[case::unknown_fields_are_skipped("foo: 1\ndatax: 2\ndat: 3\ndata: a\n\n", &["a"])]
#[case::no_data_is_no_event("event: message\n\nid: 1\n\n", &[])]
#[case::data_without_colon_is_empty("data\n\n", &[""])]
#[case::a_second_data_line_without_colon("data: a\ndata\n\n", &["a "])]
#[case::an_unfinished_event_is_none("data: a\n\ndata: b\n", &["a"])]
#[case::one_byte_order_mark("\u{feff}data: a\n\n", &["a"])]
#[case::colons_belong_to_the_value("data: a:b: c\n\n", &["a:b: c"])]
#[case::no_line_break("data: a\u{2028}b\u{85}\n\n", &["a\u{2028}b\u{85}"])]
fn events_are_read_as_the_standard_says(#[case] text: &str, #[case] expected: &[&str]) {
    let expected: Vec<_> = expected.iter().map(|data| message(data)).collect();
    assert_eq!(all(text), expected);
    let bytes = text.as_bytes().chunks(1).map(<[u8]>::to_vec);
    assert_eq!(decode(&mut Decoder::default(), bytes), expected);
}

#[test]
fn names_hold_for_one_event_only() {
    let endpoint = Decoded::Event(EventKind::Endpoint, Bytes::from_static(b"/m"));
    let other = Decoded::Event(EventKind::Other, Bytes::from_static(b"x"));
    assert_eq!(
        all("event: endpoint\ndata: /m\n\nevent: ping\ndata: x\n\ndata: y\n\n"),
        [endpoint, other, message("y")]
    );
}

#[test]
fn an_id_counts_once_its_event_is_complete_and_until_the_next() {
    let mut decoder = Decoder::default();
    decode(&mut decoder, ["id: 7\ndata: a\n\ndata: b\n\nid: 8\n"]);
    assert_eq!(decoder.last_id().map(|id| &**id), Some("7"));
    decode(&mut decoder, ["\n"]);
    assert_eq!(decoder.last_id().map(|id| &**id), Some("8"));
    decode(&mut decoder, ["id: with\0nul\n\n"]);
    assert_eq!(decoder.last_id().map(|id| &**id), Some("8"));
    decode(&mut decoder, ["id\n\n"]);
    assert_eq!(decoder.last_id(), None);
}

#[test]
fn an_id_past_the_bound_makes_the_stream_one_that_cannot_be_resumed() {
    let mut decoder = Decoder::default();
    let longest = "x".repeat(MAX_VALUE);
    decode(&mut decoder, [format!("id: {longest}\n\n")]);
    assert_eq!(decoder.last_id().map(|id| id.len()), Some(MAX_VALUE));
    decode(&mut decoder, [format!("id: {longest}x\n\n")]);
    assert_eq!(decoder.last_id(), None);
}

#[test]
fn a_wait_is_digits_only() {
    let mut decoder = Decoder::default();
    decode(&mut decoder, ["retry: 1500\nretry: 2s\nretry:\n"]);
    assert_eq!(decoder.retry(), Some(Duration::from_millis(1500)));
}

#[test]
fn data_past_the_bound_is_told_by_its_ends_and_the_next_event_comes_whole() {
    let long = "x".repeat(1000);
    for size in [1, 7, 4096] {
        let text = format!("data: head\ndata: {long}\ndata: tail\n\ndata: next\n\n");
        let chunks = text.as_bytes().chunks(size).map(<[u8]>::to_vec);
        let out = decode(&mut Decoder::with_max(64), chunks);
        let [Decoded::Oversized(oversized), next] = &out[..] else {
            panic!("{out:?}");
        };
        assert_eq!(oversized.bytes, "head ".len() + 1000 + " tail".len());
        assert!(oversized.head.starts_with(b"head x") && oversized.head.len() <= KEPT_ENDS);
        assert!(oversized.tail.ends_with(b"x tail"));
        assert_eq!(*next, message("next"));
    }
}

#[test]
fn fields_without_end_keep_nothing() {
    let mut decoder = Decoder::default();
    for field in ["event: ", "id: ", ": ", "unknown: ", "nameless"] {
        decode(&mut decoder, [field]);
        for _ in 0..64 {
            decode(&mut decoder, ["x".repeat(MAX_VALUE)]);
            assert!(decoder.value.len() <= MAX_VALUE + 1);
            assert!(decoder.chunk.is_empty());
        }
        decode(&mut decoder, ["\n"]);
    }
    assert_eq!(decode(&mut decoder, ["\ndata: a\n\n"]), [message("a")]);
}

/// The standard's own words, over the whole text at once.
fn model(text: &str) -> Vec<(String, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let Some((text, _)) = text.rsplit_once('\n') else {
        return Vec::new();
    };
    let (mut out, mut name, mut data) = (Vec::new(), String::new(), None::<String>);
    for line in text.split('\n') {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" if line.is_empty() => {
                let name = mem::take(&mut name);
                out.extend(data.take().map(|data| (name, data)));
            }
            "event" => value.clone_into(&mut name),
            "data" => {
                data = Some(match data {
                    Some(before) => format!("{before} {value}"),
                    None => value.to_owned(),
                });
            }
            _ => {}
        }
    }
    out
}

fn kind(name: &str) -> EventKind {
    match name {
        "" | "message" => EventKind::Message,
        "endpoint" => EventKind::Endpoint,
        _ => EventKind::Other,
    }
}

proptest! {
    #[test]
    fn chunks_cut_anywhere_give_what_the_standard_says(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "data", "event", "id", ":", " ", "\n", "\r", "\r\n", "\n\n", "message", "endpoint",
                "{\"a\":1}", "data: x\n\n", "\u{e4}", "\u{feff}",
            ]),
            0..40,
        ),
        cuts in prop::collection::vec(1usize..9, 1..20),
    ) {
        let text = pieces.concat();
        let expected: Vec<_> = model(&text)
            .into_iter()
            .map(|(name, data)| Decoded::Event(kind(&name), data.into()))
            .collect();
        let (mut rest, mut chunks, mut cuts) = (text.as_bytes(), Vec::new(), cuts.iter().cycle());
        while !rest.is_empty() {
            let (chunk, next) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            chunks.push(chunk.to_vec());
            rest = next;
        }
        prop_assert_eq!(decode(&mut Decoder::default(), chunks), expected);
    }

    #[test]
    fn what_we_encode_is_what_we_decode(payload in "[a-z{}\":\\\\ ]{0,60}", size in 1usize..20) {
        let encoded = sse::message(payload.as_bytes());
        let chunks = encoded.chunks(size).map(<[u8]>::to_vec);
        prop_assert_eq!(decode(&mut Decoder::default(), chunks), [message(&payload)]);
    }
}
