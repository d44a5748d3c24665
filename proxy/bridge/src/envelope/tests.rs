use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::message::{self, Edit};

fn request(text: &str) -> Request<'_> {
    match peek(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("not a request: {other:?}"),
    }
}

#[test]
fn a_request_shows_its_id_method_and_params_where_they_stand() {
    let text =
        r#"{ "params" : {"a":[1,{}]} , "id" : "x\"y", "method":"tools/call","jsonrpc":"2.0"}"#;
    let request = request(text);
    assert_eq!(request.method, MethodLabel::ToolsCall);
    assert_eq!(&text[request.id.span()], r#""x\"y""#);
    assert_eq!(&text[request.params.unwrap().span()], r#"{"a":[1,{}]}"#);
}

#[rstest]
#[case::not_utf8(b"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}", PeekError::NotUtf8)]
#[case::empty(b"", PeekError::NotJson)]
#[case::cut_off(b"{\"jsonrpc\":\"2.0\"", PeekError::NotJson)]
#[case::two_values(b"{} {}", PeekError::NotJson)]
#[case::nul_in_a_string(b"{\"jsonrpc\":\"2.0\",\"method\":\"a\0\"}", PeekError::NotJson)]
#[case::nul_after_the_value(b"{}\0", PeekError::NotJson)]
#[case::byte_order_mark(b"\xef\xbb\xbf{}", PeekError::NotJson)]
#[case::an_array(b"[\"2.0\",1,\"ping\"]", PeekError::NotJsonRpc(Malformed::NotAnObject))]
#[case::no_version(
    b"{\"id\":1,\"method\":\"ping\"}",
    PeekError::NotJsonRpc(Malformed::Version)
)]
#[case::old_version(
    b"{\"jsonrpc\":\"1.0\",\"id\":1}",
    PeekError::NotJsonRpc(Malformed::Version)
)]
fn bad_bytes_are_told_apart(#[case] bytes: &[u8], #[case] expected: PeekError) {
    assert_eq!(peek(bytes), Err(expected));
}

#[rstest]
#[case::null_id(r#""id":null,"method":"ping""#, Malformed::Id)]
#[case::object_id(r#""id":{},"method":"ping""#, Malformed::Id)]
#[case::two_ids(r#""id":1,"id":2,"method":"ping""#, Malformed::DuplicateKey)]
#[case::escaped_second_id(r#""id":1,"\u0069d":2,"method":"ping""#, Malformed::DuplicateKey)]
#[case::method_number(r#""id":1,"method":7"#, Malformed::Method)]
#[case::result_and_error(r#""id":1,"result":{},"error":{}"#, Malformed::Shape)]
#[case::method_and_result(r#""id":1,"method":"ping","result":{}"#, Malformed::Shape)]
#[case::result_without_id(r#""result":{}"#, Malformed::Shape)]
#[case::nothing(r#""id":1"#, Malformed::Shape)]
fn objects_that_are_no_messages_are_told_apart(#[case] rest: &str, #[case] expected: Malformed) {
    let text = format!("{{\"jsonrpc\":\"2.0\",{rest}}}");
    assert_eq!(peek(text.as_bytes()), Err(PeekError::NotJsonRpc(expected)));
}

#[test]
fn an_id_of_the_longest_length_is_taken_and_one_more_byte_is_refused() {
    let with_id = |length: usize| {
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":\"{}\",\"method\":\"ping\"}}",
            "i".repeat(length - 2)
        )
    };
    assert!(peek(with_id(MAX_ID).as_bytes()).is_ok());
    let refused = Err(PeekError::NotJsonRpc(Malformed::Id));
    assert_eq!(peek(with_id(MAX_ID + 1).as_bytes()), refused);
}

#[test]
fn nesting_as_deep_as_a_body_can_hold_costs_no_stack() {
    let depth = 1_000_000;
    let (open, close) = ("[".repeat(depth), "]".repeat(depth));
    let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":{open}{close}}}}}"#);
    let request = request(&text);
    assert_eq!(Params::peek(request.params), Ok(Params::default()));
}

#[test]
fn an_error_response_may_have_a_null_id_and_then_answers_nothing() {
    let peeked = peek(br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":""}}"#);
    assert!(matches!(
        peeked,
        Ok(Message::Response(Response { id: None, .. }))
    ));
}

#[rstest]
#[case("17", Some(17))]
#[case("17.0", None)]
#[case("-1", None)]
#[case("\"17\"", None)]
#[case("99999999999999999999999", None)]
fn only_plain_digits_are_a_minted_id(#[case] id: &str, #[case] expected: Option<u64>) {
    let text = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{}}}}");
    let Ok(Message::Response(response)) = peek(text.as_bytes()) else {
        panic!("no response")
    };
    assert_eq!(response.minted_id(), expected);
}

#[test]
fn the_progress_token_is_found_where_it_stands() {
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"progressToken":0,"_meta":{"a":1, "progressToken" : "t"}}}"#;
    let params = Params::peek(request(text).params).unwrap();
    assert_eq!(&text[params.meta_token.unwrap().span()], "\"t\"");
}

#[test]
fn a_repeated_key_that_the_bridge_reads_is_refused_and_any_other_is_not() {
    let peeked = |params: &str| {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{params}}}"#);
        Params::peek(request(&text).params).is_ok()
    };
    assert!(!peeked(r#"{"_meta":{},"_meta":{}}"#));
    assert!(!peeked(
        r#"{"_meta":{"progressToken":1,"progressToken":2}}"#
    ));
    assert!(peeked(r#"{"a":1,"a":2,"_meta":{"b":1,"b":2}}"#));
    assert!(peeked("[1,2]"));
}

#[rstest]
#[case(r#"{"content":[],"isError":true}"#, true)]
#[case(r#"{"content":[],"isError" : true }"#, true)]
#[case(r#"{"content":[],"isError":false}"#, false)]
#[case(r#"{"content":[{"isError":true}]}"#, false)]
#[case(r#"{"content":[]}"#, false)]
fn a_tool_error_is_the_flag_of_the_result_itself(#[case] result: &str, #[case] expected: bool) {
    assert_eq!(is_tool_error(Raw::whole(result)), expected);
}

#[test]
fn only_an_object_with_version_and_capabilities_is_an_answer_to_initialize() {
    let good = r#"{"capabilities":{},"protocolVersion":"2025-03-26","serverInfo":{"name":"a\n"}}"#;
    let peeked = InitializeResult::peek(good).unwrap();
    assert_eq!(&good[peeked.protocol_version.span()], "\"2025-03-26\"");
    assert_eq!(peeked.name.unwrap().string().unwrap(), "a\n");
    for bad in [
        "{}",
        "[]",
        "1",
        r#"{"protocolVersion":3,"capabilities":{}}"#,
        r#"{"protocolVersion":"2025-03-26"}"#,
        r#"{"protocolVersion":"2025-03-26","capabilities":[]}"#,
    ] {
        assert_eq!(InitializeResult::peek(bad), None, "{bad}");
    }
}

#[test]
fn a_batch_is_cut_into_its_elements_unchanged() {
    let body = Bytes::from_static(b" [ {\"a\" : 1.0} , [] ,3 ] ");
    assert!(is_batch(&body));
    let elements = elements(&body).unwrap();
    assert_eq!(elements, [&b"{\"a\" : 1.0}"[..], b"[]", b"3"]);
}

#[rstest]
#[case("[]", BatchError::Empty)]
#[case("[1,]", BatchError::NotJson)]
#[case("[1] 2", BatchError::NotJson)]
fn bad_batches_are_told_apart(#[case] body: &'static str, #[case] expected: BatchError) {
    assert_eq!(
        elements(&Bytes::from_static(body.as_bytes())),
        Err(expected)
    );
}

#[test]
fn a_batch_of_the_longest_length_is_taken_and_one_more_message_is_refused() {
    let batch = |length: usize| Bytes::from(format!("[{}]", vec!["1"; length].join(",")));
    assert_eq!(
        elements(&batch(crate::limits::MAX_BATCH)).map(|all| all.len()),
        Ok(128)
    );
    assert_eq!(
        elements(&batch(crate::limits::MAX_BATCH + 1)),
        Err(BatchError::TooLong)
    );
}

/// JSON text with everything that a parser could be tempted to tidy up.
fn wild_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("12345678901234567890123456789.50e+00".to_owned()),
        Just("-0.0".to_owned()),
        Just("\"\\ud800 \\u0000 \\/ \u{2028}\u{200d}\u{feff}\"".to_owned()),
        "\"[ a-z\u{a0}\u{e9}\u{1f600}]{0,8}\"",
        any::<i64>().prop_map(|number| number.to_string()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|all| format!("[ {} ]", all.join(" ,"))),
            prop::collection::vec(("[a-c]{1,2}", inner), 0..4).prop_map(|all| {
                let all: Vec<_> = all
                    .iter()
                    .map(|(key, value)| format!("\"{key}\" :{value}"))
                    .collect();
                format!("{{{}}}", all.join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn a_spliced_id_changes_no_other_byte(
        params in wild_json(),
        id in prop_oneof!["0|[1-9][0-9]{0,29}", "\"[a-z\u{e9}]{0,9}\""],
        order in 0..3_usize,
        space in "[ \t\r\n]{0,3}",
        minted in any::<u64>(),
    ) {
        let mut parts = [
            format!("\"id\"{space}:{id}"),
            format!("\"params\":{space}{params}"),
            "\"method\":\"tools/list\",\"jsonrpc\":\"2.0\"".to_owned(),
        ];
        parts.rotate_left(order);
        let text = format!("{{{space}{}}}{space}", parts.join(","));
        let request = request(&text);
        prop_assert_eq!(request.id.text, &id);
        prop_assert_eq!(request.params.map(|raw| raw.text), Some(params.as_str()));

        let minted = minted.to_string();
        let edit = Edit { span: request.id.span(), with: minted.as_bytes() };
        let spliced = message::splice(text.as_bytes(), std::slice::from_ref(&edit), 0);
        let expected = text.replacen(&format!("\"id\"{space}:{id}"), &format!("\"id\"{space}:{minted}"), 1);
        prop_assert_eq!(std::str::from_utf8(&spliced), Ok(expected.as_str()));

        let line = message::line(text.as_bytes(), &[edit]);
        let expected = format!("{}\n", expected.replace(['\r', '\n'], " "));
        prop_assert_eq!(std::str::from_utf8(&line), Ok(expected.as_str()));
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(Message::Request(request)) = peek(&bytes) {
            let _ = Params::peek(request.params);
        }
        let _ = elements(&Bytes::from(bytes));
    }

    #[test]
    fn random_json_like_text_never_panics(text in "[\\[\\]{}\":,a0\\\\u ]{0,60}") {
        let wrapped = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":{text}}}");
        for text in [text.as_str(), wrapped.as_str()] {
            if let Ok(Message::Request(request)) = peek(text.as_bytes()) {
                let _ = Params::peek(request.params);
            }
            let _ = InitializeResult::peek(text);
            let _ = elements(&Bytes::copy_from_slice(text.as_bytes()));
        }
    }
}
