//! The rules of the transports that are the hub's to keep, and the tests that claim them. What HTTP
//! itself has to do with them is tested at the doors (`proxy/tests/doors`).
//!
//! | Rule (MCP 2026-07-28 unless another revision is named) | Tests |
//! |---|---|
//! | One message a line, nothing else on stdin (stdio) | `calls`: only id and progress token change; `byte_for_byte` |
//! | What is no message is skipped and counted (stdio) | `handshake`: garbage before the answer |
//! | In-flight calls of a lost process fail, listens are sent again (stdio) | `loss`, `upstream`: a fresh process |
//! | Which era a server is of (Versioning) | `probing`, `beside` |
//! | An answer reaches only who asked (2024-11-05) | `sse`: two connections; `world` |
//! | Batches in 2025-03-26 alone | `batches` |
//! | A disconnection is no cancellation (2025-11-25) | `calls`: the call goes on; `cancel` |
//! | No answer on a GET stream, each message on one stream (2025-11-25) | `calls`, `notes`: told once; `sessions`: a newer listener |
//! | An unknown session is not found, DELETE ends one (2025-11-25) | `sessions` |
//! | The version header in a session (2025-11-25) | `sessions`: a revision header |
//! | `initialize` is answered with the version asked for (2025-11-25) | `handshake` |
//! | `ping` is answered at once, both ways (2025-11-25) | `calls`, `handshake`, `health` |
//! | Progress tokens are unique among active calls (2025-11-25) | `notes` |
//! | A late call is cancelled at the server (2025-11-25) | `cancel`: a call that takes too long |
//! | Headers mirror the body | here; `modern::mirrored` |
//! | Codes and statuses of refusals | `visits`: what the headers or the metadata lack; `refusal` |
//! | `server/discover` is implemented | here; `modern::offer` |
//! | No requests to clients: `input_required` | `parked`; the other way `rounds` |
//! | Every result has its type | `visits`, `modern::decorate` |
//! | Closing the stream cancels | `visits`: a client that leaves |
//! | Listens: acknowledged first, opted-in kinds, tagged, closed with a result | `visits` |
//! | Log messages by `logLevel`, progress on its request's stream | here |
//! | Results say how long they hold; -32002 is of earlier revisions | here; `modern::decorate` |
//! | Both eras share a process | here; `beside` |

use super::{visitor::*, *};
use crate::modern::{Field, ModernHead};

/// Sends a request of this method with these headers; what became of it.
fn mirrored(method: &str, params: &str, change: impl FnOnce(&mut ModernHead)) -> String {
    let mut scene = scene();
    let mut head = head(method, Some("a b"));
    change(&mut head);
    let params = format!("{{{params},{}}}", meta("{}"));
    visit(&mut scene, 1, head, &request("7", method, &params));
    scene.said().pop().expect("it is refused or goes on")
}

#[rstest::rstest]
#[case("tools/call", r#""name":"a b""#)]
#[case("prompts/get", r#""name":"a b""#)]
#[case("resources/read", r#""uri":"a b""#)]
fn the_name_header_says_what_the_body_says(#[case] method: &str, #[case] params: &str) {
    let mismatch = |said: String| {
        assert!(
            said.starts_with("1! 400") && said.contains("-32020") && said.contains("Mcp-Name"),
            "{said}"
        );
    };
    mismatch(mirrored(method, params, |head| head.name = Field::Absent));
    mismatch(mirrored(method, params, |head| {
        head.name = Field::Unreadable;
    }));
    for wrong in ["A b", "a", "=?base64?YSBj?=", "=?base64?YSBi"] {
        mismatch(mirrored(method, params, |head| {
            head.name = Field::Value(wrong.into());
        }));
    }
    for right in ["a b", "=?base64?YSBi?="] {
        let said = mirrored(method, params, |head| {
            head.name = Field::Value(right.into());
        });
        assert!(said.starts_with("server "), "{said}");
    }
}

#[test]
fn the_version_and_the_method_are_mirrored_letter_by_letter() {
    type Change = fn(&mut ModernHead);
    let changes: [(Change, &str); 4] = [
        (|head| head.version = Field::Absent, "MCP-Protocol-Version"),
        (
            |head| head.version = Field::Value("2025-11-25".into()),
            "MCP-Protocol-Version",
        ),
        (|head| head.method = Field::Absent, "Mcp-Method"),
        (
            |head| head.method = Field::Value("Tools/list".into()),
            "Mcp-Method",
        ),
    ];
    for (change, header) in changes {
        let said = mirrored("tools/list", r#""x":1"#, change);
        assert!(
            said.starts_with("1! 400") && said.contains("-32020") && said.contains(header),
            "{said}"
        );
    }
}

#[test]
fn a_parameter_is_mirrored_if_its_tool_says_so_and_unknown_ones_are_ignored() {
    for era in [LEGACY, MODERN] {
        let mut scene = scene_of_none();
        if era == LEGACY {
            scene.bring_up(era);
        } else {
            scene.bring_up_modern(era);
        }
        scene.forget();
        let params = format!(
            r#"{{"name":"t","arguments":{{"region":"x"}},{}}}"#,
            meta("{}")
        );
        let ask = |scene: &mut Scene, stream, param: Option<&str>| {
            let mut head = head("tools/call", Some("t"));
            let unknown = Field::Value("1".into());
            head.params.push(("nobody".into(), unknown));
            if let Some(value) = param {
                head.params
                    .push(("region".into(), Field::Value(value.into())));
            }
            visit(scene, stream, head, &request("7", "tools/call", &params));
        };
        ask(&mut scene, 1, None);
        let list = scene.lines_out().pop().expect("the tools are asked for");
        assert_eq!(list.contains("clientCapabilities"), era == MODERN, "{list}");
        let schema = r#"{"properties":{"region":{"type":"string","x-mcp-header":"Region"}}}"#;
        let tools = format!(r#"{{"tools":[{{"name":"t","inputSchema":{schema}}}]}}"#);
        scene.line(&result(id_of(&list), &tools));
        ask(&mut scene, 2, Some("y"));
        ask(&mut scene, 3, Some("x"));
        let said = scene.said();
        assert!(said[0].starts_with("1! 400") && said[0].contains("-32020"));
        assert!(said[1].starts_with("2! 400") && said[1].contains("-32020"));
        assert!(
            said[2].starts_with("server ") && said.len() == 3,
            "{said:?}"
        );
    }
}

#[test]
fn discovery_names_the_revisions_of_the_bridge_and_what_its_server_offers() {
    let mut scene = scene();
    let params = format!("{{{}}}", meta("{}"));
    let body = request("\"d\"", "server/discover", &params);
    visit(&mut scene, 1, head("server/discover", None), &body);
    let said = scene.said().pop().expect("an answer");
    let answer: Value =
        serde_json::from_str(said.strip_prefix("1! ").expect("it is the last")).expect("JSON");
    let result = &answer["result"];
    assert_eq!(answer["id"], "d");
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["supportedVersions"][0], "2026-07-28");
    assert!(result["capabilities"]["prompts"].is_object(), "{result}");
    assert_eq!(result["ttlMs"], 0);
    assert_eq!(result["cacheScope"], "private");
    let info = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(info["name"], "echo");
}

#[test]
fn a_request_hears_its_own_progress_and_the_log_at_its_level() {
    let mut scene = scene();
    call(&mut scene, 1, "1", "").unwrap();
    scene.gone(1);
    scene.pass(crate::limits::CANCEL_GRACE);
    scene.forget();
    let mut own = meta("{}").replacen('{', r#"{"progressToken":"p","#, 1);
    own = own.replacen('{', r#"{"io.modelcontextprotocol/logLevel":"warning","#, 1);
    let params = format!(r#"{{"name":"t",{own}}}"#);
    let body = request("2", "tools/call", &params);
    visit(&mut scene, 2, head("tools/call", Some("t")), &body);
    let lines = scene.lines_out();
    assert!(lines[0].contains(r#""level":"warning""#), "{lines:?}");
    let minted = id_of(lines.last().expect("the call"));
    for level in ["info", "error"] {
        let params = format!(r#"{{"level":"{level}","data":1}}"#);
        scene.line(&note("notifications/message", &params));
    }
    let progress = format!(r#"{{"progressToken":{minted},"progress":1}}"#);
    scene.line(&note("notifications/progress", &progress));
    let said = scene.said();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("2 ") && said[0].contains("error"));
    assert!(said[1].starts_with("2 ") && said[1].contains(r#""progressToken":"p""#));
}

#[test]
fn a_resource_that_is_not_there_is_an_invalid_parameter_and_a_list_says_how_long_it_holds() {
    let mut scene = scene();
    let read = format!(r#"{{"uri":"a",{}}}"#, meta("{}"));
    let body = request("1", "resources/read", &read);
    visit(&mut scene, 1, head("resources/read", Some("a")), &body);
    let minted = id_of(&scene.lines_out()[0]);
    scene.line(&format!(
        r#"{{"jsonrpc":"2.0","id":{minted},"error":{{"code":-32002,"message":"no"}}}}"#
    ));
    let said = scene.said();
    assert!(said[0].contains("-32602") && !said[0].contains("-32002"));
    let list = format!("{{{}}}", meta("{}"));
    let body = request("2", "prompts/list", &list);
    visit(&mut scene, 2, head("prompts/list", None), &body);
    let minted = id_of(&scene.lines_out()[0]);
    scene.line(&result(minted, r#"{"prompts":[]}"#));
    let said = scene.said();
    assert!(
        said[0].contains(r#""ttlMs":0"#) && said[0].contains(r#""cacheScope":"private""#),
        "{said:?}"
    );
}

#[test]
fn a_session_and_requests_without_one_share_a_process_each_in_its_manner() {
    let mut scene = scene();
    scene.session("a", "2025-06-18", "{}");
    let (visit, line) = call(&mut scene, 1, "7", "").unwrap();
    assert!(!line.contains("protocolVersion"));
    let session = scene.call("a", 2, "7", "tools/call");
    scene.line(&result(session, "{}"));
    scene.line(&result(visit, "{}"));
    assert_eq!(
        scene.said(),
        [
            format!("2! {}", result("7", "{}")),
            format!("1! {}", result("7", r#"{"resultType":"complete"}"#)),
        ]
    );
    // Closing its stream cancels the one and not the other.
    call(&mut scene, 3, "8", "").unwrap();
    scene.call("a", 4, "8", "tools/call");
    scene.gone(3);
    scene.gone(4);
    let lines = scene.lines_out();
    assert!(lines.len() == 1 && lines[0].contains("notifications/cancelled"));
}

#[test]
fn what_is_parked_for_one_principal_is_given_to_no_other() {
    let mut scene = scene();
    let body = |rest: &str| {
        let params = format!(r#"{{"name":"t"{rest},{}}}"#, meta(ABLE));
        request("1", "tools/call", &params)
    };
    let as_one = |principal: Option<[u8; 32]>| ModernHead {
        principal,
        ..head("tools/call", Some("t"))
    };
    visit(&mut scene, 1, as_one(Some([1; 32])), &body(""));
    let list = id_of(&scene.lines_out()[0]);
    scene.line(&result(list, r#"{"tools":[]}"#));
    scene.line(&request("9", "elicitation/create", "{}"));
    scene.forget();
    scene.pass(crate::limits::GATHER);
    let state = state_of(&scene.said()[0]);
    for other in [None, Some([2; 32])] {
        visit(&mut scene, 2, as_one(other), &body(&back(&state)));
        let said = scene.said();
        assert!(
            said.len() == 1 && said[0].contains("was not made for this request"),
            "{said:?}"
        );
    }
    visit(&mut scene, 3, as_one(Some([1; 32])), &body(&back(&state)));
    assert_eq!(scene.said(), [format!("server {}", result(9, "{}"))]);
}

#[test]
fn what_is_said_for_a_call_that_is_over_goes_to_no_other() {
    let mut scene = scene();
    let (first, _) = call(&mut scene, 1, "1", "").unwrap();
    scene.line(&result(first, "{}"));
    scene.session("a", "2025-06-18", ABLE);
    scene.call("a", 2, "2", "tools/call");
    scene.forget();
    let named = format!(r#"{{"_meta":{{"hivewright.dev/requestId":{first}}}}}"#);
    scene.line(&note("notifications/message", &named));
    scene.line(&request("9", "elicitation/create", &named));
    let said = scene.said();
    assert!(
        said.len() == 1 && said[0].contains(r#""id":9,"error""#),
        "{said:?}"
    );
}
