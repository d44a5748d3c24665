use hivewright_api::{audit::Server, proxy_config::AuditConfig};

use super::{super::Place, *};

fn settings(name: &str) -> Settings {
    Settings {
        server: Server {
            namespace: None,
            name: name.to_owned(),
        },
        data: AuditConfig::default(),
        to: Place::Stdout,
    }
}

fn who(settings: &Settings, authorization: &str) -> Who {
    let value = HeaderValue::from_str(authorization).expect("a header value");
    let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
    Who::new(settings, &headers, &HeaderValue::from_static("id-1"))
}

#[test]
fn a_token_says_whose_it_is_and_is_nowhere_itself() {
    let payload = URL_SAFE_NO_PAD.encode(r#"{"sub":"ada","iss":"https://i","exp":1}"#);
    let who = who(&settings("s"), &format!("Bearer e30.{payload}.c2ln"));
    let caller = who.caller(None, None);
    assert_eq!(caller.claimed_subject.as_deref(), Some("ada"));
    assert_eq!(caller.claimed_issuer.as_deref(), Some("https://i"));
    assert_eq!(
        caller.credentials_digest.map(|digest| digest.len()),
        Some(DIGITS)
    );
    assert!(!format!("{who:?}").contains(&payload));
}

#[rstest::rstest]
#[case("Bearer opaque")]
#[case("Bearer a.b")]
#[case("Bearer a.b.c.d")]
#[case("Bearer a.!.c")]
#[case("Basic YTpi")]
#[case("")]
fn other_credentials_claim_nothing_but_have_a_digest(#[case] authorization: &str) {
    let caller = who(&settings("s"), authorization).caller(None, None);
    assert_eq!(
        (caller.claimed_subject, caller.claimed_issuer),
        (None, None)
    );
    assert!(caller.credentials_digest.is_some());
}

#[test]
fn the_same_credentials_have_the_same_digest_on_the_same_server_only() {
    let digest = |server, credentials| who(&settings(server), credentials).digest;
    assert_eq!(digest("a", "Bearer x"), digest("a", "Bearer x"));
    assert_ne!(digest("a", "Bearer x"), digest("b", "Bearer x"));
    assert_ne!(digest("a", "Bearer x"), digest("a", "Bearer y"));
}

#[test]
fn arguments_are_kept_only_where_that_is_switched_on_and_then_cut() {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"t","arguments":{{"a":"{}"}}}}}}"#,
        "é".repeat(MAX_DATA)
    );
    let mut settings = settings("s");
    assert_eq!(who(&settings, "x").with_body(body.as_bytes()).params, None);
    settings.data.request_data = true;
    let (text, cut) = who(&settings, "x")
        .with_body(body.as_bytes())
        .params
        .expect("switched on");
    assert!(cut && text.len() <= MAX_DATA && text.starts_with(r#"{"name":"t","#));
}

#[test]
fn a_program_introduces_itself_in_either_era() {
    let introduced = |params: &str| {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{params}}}"#);
        who(&settings("s"), "x").with_body(body.as_bytes()).program
    };
    let expected = Program {
        name: "c".to_owned(),
        version: Some("1".to_owned()),
    };
    let legacy = r#"{"clientInfo":{"name":"c","version":"1","title":"C"}}"#;
    assert_eq!(introduced(legacy).as_deref(), Some(&expected));
    let modern = r#"{"_meta":{"io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"}}}"#;
    assert_eq!(introduced(modern).as_deref(), Some(&expected));
    assert_eq!(introduced(r#"{"clientInfo":7}"#), None);
}

#[test]
fn what_a_client_calls_itself_is_cut() {
    let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{}"}}"#, "x".repeat(9_999)));
    let caller = who(&settings("s"), &format!("Bearer e30.{payload}.c2ln")).caller(None, None);
    assert_eq!(
        caller.claimed_subject.map(|subject| subject.len()),
        Some(MAX_NAME)
    );
}
