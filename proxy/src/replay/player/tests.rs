use super::*;
use crate::record::{Body, End, Entry, FORMAT, Header, Line, What};

fn to(text: &str) -> What {
    What::ToServer {
        line: Body::of(text.as_bytes()),
    }
}

fn from(text: &str) -> What {
    What::FromServer {
        line: Body::of(text.as_bytes()),
    }
}

fn player(whats: Vec<What>) -> Player {
    let lines = whats.into_iter().zip(2..).map(|(what, number)| Line {
        number,
        entry: Entry {
            at: 0,
            pod: 0,
            what,
        },
    });
    Player::new(&Recording {
        header: Header {
            format: FORMAT,
            proxy: String::new(),
            started: String::new(),
            redacted: false,
        },
        lines: lines.collect(),
        end: Some(End::Finished),
        lost: 0,
    })
}

fn call(id: u64, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#)
}

fn said(actions: &[Action]) -> Vec<String> {
    let text = |action: &Action| match action {
        Action::Say(line) => String::from_utf8(line.clone()).unwrap(),
        Action::Die => "die".to_owned(),
        Action::Alike(line) => format!("alike {line}"),
    };
    actions.iter().map(text).collect()
}

#[test]
fn a_recorded_answer_comes_byte_for_byte_under_the_new_id() {
    let mut player = player(vec![
        to(&call(4, r#"{"name":"a"}"#)),
        from("{\"jsonrpc\":\"2.0\",\"id\":4,\"result\": {\"x\": 1.0e400 }}"),
    ]);
    let out = player.take(call(77, r#"{ "name" : "a" }"#).as_bytes());
    assert_eq!(
        said(&out),
        ["{\"jsonrpc\":\"2.0\",\"id\":77,\"result\": {\"x\": 1.0e400 }}"]
    );
}

#[test]
fn answers_come_in_the_order_of_the_recording_and_the_last_one_again() {
    let answer = |id: u64, x: u64| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"x":{x}}}}}"#);
    let params = r#"{"name":"a"}"#;
    let mut player = player(vec![
        to(&call(1, params)),
        from(&answer(1, 10)),
        to(&call(2, params)),
        from(&answer(2, 20)),
    ]);
    let results: Vec<String> = [5, 6, 7]
        .iter()
        .flat_map(|id| said(&player.take(call(*id, params).as_bytes())))
        .collect();
    assert_eq!(results, [answer(5, 10), answer(6, 20), answer(7, 20)]);
}

#[test]
fn a_question_waits_for_its_answer_and_progress_has_the_new_token() {
    let question = r#"{"jsonrpc":"2.0","id":"q","method":"roots/list"}"#;
    let progress = |token: u64| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{token},"progress":1}}}}"#
        )
    };
    let done = |id: u64| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
    let reply = r#"{"jsonrpc":"2.0","id":"q","result":{"roots":[]}}"#;
    let mut player = player(vec![
        to(&call(3, r#"{"name":"a","_meta":{"progressToken":3}}"#)),
        from(&progress(3)),
        from(question),
        to(reply),
        from(&done(3)),
    ]);
    let asked = call(9, r#"{"name":"a","_meta":{"progressToken":9}}"#);
    assert_eq!(
        said(&player.take(asked.as_bytes())),
        [&progress(9), question]
    );
    assert_eq!(said(&player.take(reply.as_bytes())), [done(9)]);
    assert_eq!(said(&player.take(reply.as_bytes())), [""; 0]);
}

#[test]
fn other_arguments_are_answered_as_the_nearest_call_and_that_is_told() {
    let mut player = player(vec![
        to(&call(1, r#"{"name":"a","arguments":{"x":1}}"#)),
        from(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#),
    ]);
    let out = player.take(call(5, r#"{"name":"a","arguments":{"x":2}}"#).as_bytes());
    assert_eq!(
        said(&out),
        ["alike 2", r#"{"jsonrpc":"2.0","id":5,"result":{}}"#]
    );
}

#[test]
fn what_was_not_recorded_is_an_error_that_says_so_and_a_ping_is_answered() {
    let mut player = player(vec![]);
    let out = said(&player.take(call(5, r#"{"name":"b"}"#).as_bytes()));
    assert!(
        out[0].contains("the recording holds no answer to tools/call b"),
        "{out:?}"
    );
    let ping = r#"{"jsonrpc":"2.0","id":6,"method":"ping"}"#;
    assert_eq!(
        said(&player.take(ping.as_bytes())),
        [r#"{"jsonrpc":"2.0","id":6,"result":{}}"#]
    );
}

#[test]
fn a_process_that_ended_during_a_call_ends_again() {
    let reason = "process_exited".to_owned();
    let mut player = player(vec![
        to(&call(1, r#"{"name":"a"}"#)),
        What::ServerDown { reason },
    ]);
    assert_eq!(
        said(&player.take(call(1, r#"{"name":"a"}"#).as_bytes())),
        ["die"]
    );
}

fn listen(id: &str, filter: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"subscriptions/listen","params":{{"_meta":{{"x":{id}}},"notifications":{filter}}}}}"#
    )
}

fn told(method: &str, id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/{method}","params":{{"_meta":{{"io.modelcontextprotocol/subscriptionId":{id}}}}}}}"#
    )
}

#[test]
fn what_a_listen_was_told_names_the_listen_of_now_and_comes_where_it_came() {
    let filter = r#"{"toolsListChanged":true}"#;
    let ack = |id| told("subscriptions/acknowledged", id);
    let changed = |id| told("tools/list_changed", id);
    let mut player = player(vec![
        to(&listen("4", filter)),
        to(&call(5, r#"{"name":"a"}"#)),
        from(&ack("4")),
        from(&changed("4")),
        from(r#"{"jsonrpc":"2.0","id":5,"result":{}}"#),
        from(r#"{"jsonrpc":"2.0","id":4,"result":{"resultType":"complete"}}"#),
    ]);
    let call = |id| call(id, r#"{"name":"a"}"#);
    let done = |id| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
    assert_eq!(
        said(&player.take(call(8).as_bytes())),
        [done(8)],
        "nobody listens"
    );
    assert_eq!(
        said(&player.take(listen("9", filter).as_bytes())),
        [ack("9")],
        "it lasts"
    );
    assert_eq!(
        said(&player.take(call(10).as_bytes())),
        [changed("9"), done(10)]
    );
    player.restart();
    assert_eq!(said(&player.take(call(11).as_bytes())), [done(11)]);
}

#[test]
fn a_listen_that_was_replaced_speaks_to_the_one_in_its_place() {
    let (narrow, wide) = (
        r#"{"toolsListChanged":true}"#,
        r#"{"promptsListChanged":true}"#,
    );
    let mut player = player(vec![
        to(&listen("1", narrow)),
        to(&call(2, r#"{"name":"a"}"#)),
        from(&told("tools/list_changed", "1")),
        from(r#"{"jsonrpc":"2.0","id":2,"result":{}}"#),
        to(&listen("3", wide)),
    ]);
    assert_eq!(said(&player.take(listen("7", wide).as_bytes())), [""; 0]);
    let out = said(&player.take(call(8, r#"{"name":"a"}"#).as_bytes()));
    assert_eq!(out[0], told("tools/list_changed", "7"));
}

#[test]
fn a_listen_that_was_refused_is_refused_again() {
    let refused =
        |id| format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"no"}}}}"#);
    let mut player = player(vec![to(&listen("1", "{}")), from(&refused(1))]);
    assert_eq!(
        said(&player.take(listen("6", "{}").as_bytes())),
        [refused(6)]
    );
}
