//! How these tests speak as clients of 2026-07-28.

use super::*;
use crate::{
    limits::GATHER,
    modern::{Field, ModernHead, Secret},
};

const SECRET: Secret = Secret::new([7; 32]);

pub(super) const LEGACY: &str = r#"{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"prompts":{},"resources":{"subscribe":true},"logging":{}},"serverInfo":{"name":"echo","version":"1.2"}}"#;

pub(super) fn meta(capabilities: &str) -> String {
    format!(
        r#""_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{capabilities}}}"#
    )
}

pub(super) fn head(method: &str, name: Option<&str>) -> ModernHead {
    ModernHead {
        version: Field::Value("2026-07-28".into()),
        method: Field::Value(method.into()),
        name: name.map_or(Field::Absent, |name| Field::Value(name.into())),
        ..ModernHead::default()
    }
}

/// A scene with a legacy server whose tools mirror nothing.
pub(super) fn scene() -> Scene {
    scene_with(|_| {})
}

/// A scene without a server.
pub(super) fn scene_of_none() -> Scene {
    let mut scene = Scene::new();
    scene.hub.config.secret = Some(SECRET);
    scene
}

/// The same with other bounds.
pub(super) fn scene_with(change: impl FnOnce(&mut Limits)) -> Scene {
    let mut scene = Scene::with(change);
    scene.hub.config.secret = Some(SECRET);
    scene.bring_up(LEGACY);
    scene.forget();
    scene
}

pub(super) fn visit(scene: &mut Scene, stream: u64, head: ModernHead, body: &str) {
    scene.client(FromClient::Visit {
        stream: StreamKey(stream),
        head,
        body: Bytes::copy_from_slice(body.as_bytes()),
    });
}

/// Calls the tool `t`; gives the minted id and the line.
pub(super) fn call(scene: &mut Scene, stream: u64, id: &str, rest: &str) -> Option<(u64, String)> {
    let params = format!(
        r#"{{"name":"t","arguments":{{"n":1.50}}{rest},{}}}"#,
        meta(ABLE)
    );
    visit(
        scene,
        stream,
        head("tools/call", Some("t")),
        &request(id, "tools/call", &params),
    );
    let mut lines = scene.lines_out();
    if lines.last().is_some_and(|line| line.contains("tools/list")) {
        let own = id_of(&lines.pop().unwrap());
        scene.line(&result(own, r#"{"tools":[{"name":"t","inputSchema":{}}]}"#));
        lines = scene.lines_out();
    }
    lines.pop().map(|line| (id_of(&line), line))
}

/// Calls the tool `t` with what was asked.
pub(super) fn come_back(scene: &mut Scene, stream: u64, id: &str, rest: &str) {
    let params = format!(
        r#"{{"name":"t","arguments":{{"n":1.50}}{rest},{}}}"#,
        meta(ABLE)
    );
    let body = request(id, "tools/call", &params);
    visit(scene, stream, head("tools/call", Some("t")), &body);
}

pub(super) fn state_of(message: &str) -> String {
    let message: Value = serde_json::from_str(message.split_once(' ').unwrap().1).unwrap();
    assert_eq!(
        message["result"]["resultType"], "input_required",
        "{message}"
    );
    message["result"]["requestState"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A parked call with its minted id and state.
pub(super) fn parked() -> (Scene, u64, String) {
    let mut scene = scene();
    let (minted, _) = call(&mut scene, 1, "1", "").unwrap();
    scene.line(&request("9", "elicitation/create", "{}"));
    scene.pass(GATHER);
    let state = state_of(&scene.said()[0]);
    scene.forget();
    (scene, minted, state)
}

pub(super) fn back(state: &str) -> String {
    format!(r#","inputResponses":{{"elicitation-1":{{}}}},"requestState":"{state}""#)
}
