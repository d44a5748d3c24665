//! What happens past each bound of what clients and servers of 2026-07-28 do.

use super::{visitor::*, *};
use crate::{
    event::Bound,
    limits::{GATHER, LIST_TIMEOUT, MAX_ANNOTATED_TOOLS, MAX_TOOL_PAGES, MAX_VERSION, MAX_WANTS},
    modern::Field,
};

fn overflows(scene: &Scene) -> Vec<Bound> {
    scene.events_of(|event| match event {
        HubEvent::Overflow { bound } => Some(*bound),
        _ => None,
    })
}

fn listen_for(scene: &mut Scene, stream: u64, filter: &str) -> String {
    let params = format!(r#"{{"notifications":{filter},{}}}"#, meta("{}"));
    let body = request("1", "subscriptions/listen", &params);
    visit(scene, stream, head("subscriptions/listen", None), &body);
    scene.said().pop().expect("an answer or an acknowledgement")
}

#[test]
fn one_request_more_than_may_be_open_is_refused_and_there_is_room_after_an_answer() {
    let mut scene = scene_with(|limits| limits.max_visits = 1);
    let (minted, _) = call(&mut scene, 1, "1", "").unwrap();
    assert_eq!(call(&mut scene, 2, "\"b\"", ""), None);
    let said = scene.said();
    assert!(
        said[0].starts_with("2! 503") && said[0].contains(r#""id":"b""#),
        "{said:?}"
    );
    assert_eq!(overflows(&scene), [Bound::Visits]);
    scene.line(&result(minted, "{}"));
    assert!(call(&mut scene, 3, "3", "").is_some());
}

#[test]
fn a_client_that_comes_back_needs_no_other_place() {
    let mut scene = scene_with(|limits| limits.max_visits = 1);
    call(&mut scene, 1, "1", "").unwrap();
    scene.line(&request("9", "elicitation/create", "{}"));
    scene.pass(GATHER);
    let state = state_of(&scene.said()[0]);
    come_back(&mut scene, 2, "2", &back(&state));
    assert_eq!(scene.said(), [format!("server {}", result(9, "{}"))]);
    assert_eq!(overflows(&scene), []);
}

#[test]
fn one_listen_more_than_may_be_open_is_refused() {
    let mut scene = scene_with(|limits| limits.max_listens = 1);
    assert!(listen_for(&mut scene, 1, "{}").contains("acknowledged"));
    assert!(listen_for(&mut scene, 2, "{}").starts_with("2! 503"));
    assert_eq!(overflows(&scene), [Bound::Listens]);
    scene.gone(1);
    assert!(listen_for(&mut scene, 3, "{}").contains("acknowledged"));
}

#[test]
fn a_resource_past_the_bound_of_subscriptions_is_not_acknowledged() {
    let mut scene = scene_with(|limits| limits.max_subscriptions = 1);
    let told = listen_for(&mut scene, 1, r#"{"resourceSubscriptions":["a:1","b:2"]}"#);
    assert!(
        told.contains(r#""resourceSubscriptions":["a:1"]"#),
        "{told}"
    );
    assert_eq!(overflows(&scene), [Bound::Subscriptions]);
}

/// Two calls of which each asks for something, the second one under a name of its own.
fn two_that_ask(scene: &mut Scene) -> Vec<String> {
    for (stream, ask) in [(1, "8"), (2, "9")] {
        let (minted, _) = call(scene, stream, "1", "").unwrap();
        let params = format!(r#"{{"_meta":{{"hivewright.dev/requestId":{minted}}}}}"#);
        scene.line(&request(ask, "elicitation/create", &params));
    }
    scene.said()
}

#[test]
fn one_call_more_than_may_wait_parked_has_its_question_refused() {
    let mut scene = scene_with(|limits| limits.max_parked = 1);
    let said = two_that_ask(&mut scene);
    assert!(
        said[0].contains(r#""id":9,"error":{"code":-32000"#),
        "{said:?}"
    );
    assert_eq!(overflows(&scene), [Bound::Parked]);
    assert_eq!(scene.hub.counts().parked, 1);
}

#[test]
fn what_is_asked_past_the_bytes_that_parked_calls_may_keep_is_refused() {
    let mut scene = scene_with(|limits| limits.max_parked_bytes = 60);
    let said = two_that_ask(&mut scene);
    assert!(said[0].contains(r#""id":9,"error""#), "{said:?}");
    assert_eq!(overflows(&scene), [Bound::ParkedBytes]);
}

#[test]
fn answers_sent_ahead_count_as_kept_and_are_refused_past_the_bytes() {
    let mut scene = scene_with(|limits| limits.max_parked_bytes = 20);
    let long = format!(r#","inputResponses":{{"k":{{"x":"{}"}}}}"#, "x".repeat(30));
    assert_eq!(call(&mut scene, 1, "1", &long), None);
    assert!(scene.said()[0].starts_with("1! 503"));
    assert_eq!(overflows(&scene), [Bound::ParkedBytes]);
    let short = r#","inputResponses":{"k":{"x":1}}"#;
    let (minted, _) = call(&mut scene, 2, "2", short).unwrap();
    scene.line(&result(minted, "{}"));
    assert_eq!(
        scene.hub.visits.kept(),
        0,
        "nothing is kept of what is over"
    );
}

#[test]
fn an_answer_that_is_too_long_to_wait_for_its_client_is_given_up() {
    let mut scene = scene_with(|limits| limits.max_parked_bytes = 100);
    let (minted, _) = call(&mut scene, 1, "1", "").unwrap();
    scene.line(&request("9", "elicitation/create", "{}"));
    scene.pass(GATHER);
    let state = state_of(&scene.said()[0]);
    scene.line(&result(
        minted,
        &format!(r#"{{"x":"{}"}}"#, "x".repeat(100)),
    ));
    assert_eq!(overflows(&scene), [Bound::ParkedBytes]);
    scene.forget();
    come_back(&mut scene, 2, "2", &back(&state));
    assert!(scene.said()[0].starts_with("2! 400"), "its state is over");
    assert_eq!(scene.hub.counts(), Counts::default());
}

#[test]
fn one_thing_more_than_a_call_may_ask_for_is_refused() {
    let mut scene = scene();
    call(&mut scene, 1, "1", "").unwrap();
    for ask in 0..=MAX_WANTS {
        scene.line(&request(&format!("\"{ask}\""), "roots/list", "{}"));
    }
    let lines = scene.lines_out();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(&format!(r#""id":"{MAX_WANTS}","error""#)));
    assert_eq!(overflows(&scene), [Bound::Parked]);
}

#[test]
fn what_waits_in_the_hall_and_what_is_held_share_their_bounds() {
    let mut scene = scene_with(|limits| limits.max_held = 1);
    scene.down(Loss::ProcessExited);
    scene.forget();
    // This one waits for the catalog of the next process, the other for the process alone.
    assert_eq!(call(&mut scene, 1, "1", ""), None);
    let params = format!(r#"{{"name":"p",{}}}"#, meta("{}"));
    let body = request("2", "prompts/get", &params);
    scene.hub.catalog = crate::hub::catalog::Catalog::default();
    visit(&mut scene, 2, head("prompts/get", Some("p")), &body);
    assert!(scene.said()[0].contains("not available"));
    assert_eq!(overflows(&scene), [Bound::HeldCount]);
}

#[test]
fn one_byte_more_than_may_wait_for_the_first_handshake_is_refused() {
    let params = format!("{{{}}}", meta("{}"));
    let body = request("1", "tools/list", &params);
    let mut scene = Scene::with(|limits| limits.max_held_bytes = body.len());
    visit(&mut scene, 1, head("tools/list", None), &body);
    visit(&mut scene, 2, head("tools/list", None), &body);
    let said = scene.said();
    assert!(said.len() == 1 && said[0].starts_with("2! 503"), "{said:?}");
    assert_eq!(overflows(&scene), [Bound::HeldBytes]);
}

/// Answers the bridge's own `tools/list` as often as it comes, each time with another page. How
/// often, and what else went to the server.
fn list_without_end(scene: &mut Scene) -> (usize, Vec<String>) {
    let mut pages = 0;
    let mut others = Vec::new();
    loop {
        let lines = scene.lines_out();
        let (lists, rest): (Vec<_>, Vec<_>) = lines
            .into_iter()
            .partition(|line| line.contains("tools/list"));
        others.extend(rest);
        let Some(list) = lists.first() else {
            return (pages, others);
        };
        pages += 1;
        scene.line(&result(id_of(list), r#"{"tools":[],"nextCursor":"more"}"#));
    }
}

fn call_of_a_tool(scene: &mut Scene, stream: u64) {
    let params = format!(r#"{{"name":"t","arguments":{{}},{}}}"#, meta(ABLE));
    let body = request("1", "tools/call", &params);
    visit(scene, stream, head("tools/call", Some("t")), &body);
}

#[test]
fn a_list_of_tools_without_end_is_read_for_so_many_pages_and_the_call_goes_out() {
    let mut scene = scene();
    call_of_a_tool(&mut scene, 1);
    let (pages, others) = list_without_end(&mut scene);
    assert_eq!(pages, MAX_TOOL_PAGES);
    assert!(others.len() == 1 && others[0].contains("tools/call"));
    assert_eq!(overflows(&scene), [Bound::ToolCatalog]);
}

#[test]
fn tools_past_the_bound_are_not_remembered() {
    let mut scene = scene();
    call_of_a_tool(&mut scene, 1);
    let tools: Vec<_> = (0..=MAX_ANNOTATED_TOOLS)
        .map(|at| {
            format!(
                r#"{{"name":"t{at}","inputSchema":{{"properties":{{"a":{{"x-mcp-header":"A"}}}}}}}}"#
            )
        })
        .collect();
    let list = id_of(&scene.lines_out()[0]);
    scene.line(&result(
        list,
        &format!(r#"{{"tools":[{}]}}"#, tools.join(",")),
    ));
    assert_eq!(overflows(&scene), [Bound::ToolCatalog]);
    assert!(scene.lines_out()[0].contains("tools/call"));
}

#[test]
fn a_call_does_not_wait_longer_for_a_list_of_tools_than_its_bound() {
    let mut scene = scene();
    call_of_a_tool(&mut scene, 1);
    assert!(scene.lines_out()[0].contains("tools/list"));
    scene.pass(LIST_TIMEOUT.saturating_sub(INSTANT));
    assert_eq!(scene.lines_out(), [""; 0]);
    scene.pass(INSTANT);
    assert!(scene.lines_out()[0].contains("tools/call"));
    assert_eq!(overflows(&scene), [Bound::ToolCatalog]);
}

#[test]
fn the_name_of_a_revision_is_cut_in_its_refusal() {
    let mut scene = scene();
    let long = "v".repeat(2 * MAX_VERSION);
    let params = format!("{{{}}}", meta("{}").replace("2026-07-28", &long));
    let mut asked = head("tools/list", None);
    asked.version = Field::Value(long.into());
    visit(&mut scene, 1, asked, &request("1", "tools/list", &params));
    let cut = format!(r#""requested":"{}""#, "v".repeat(MAX_VERSION));
    assert!(scene.said()[0].contains(&cut));
}
