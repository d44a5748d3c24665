use std::sync::Arc;

use hivewright_core::{RefusalReason, RefusalReason::*};
use rstest::rstest;
use serde_json::{Value, json};

use super::world::World;
use super::{accepted, refused, server};

/// A server whose profile is what this ConfigMap holds under `p.json`.
fn profiled(spec: &Value, document: &str) -> World {
    let mut world = server(spec);
    world.server.spec.permission_profile =
        serde_json::from_value(json!({"type": "configmap", "name": "profiles", "key": "p.json"}))
            .expect("a fitting object");
    world.around.profile = Some(config_map(&json!({ "p.json": document })));
    world
}

fn config_map(data: &Value) -> Arc<k8s_openapi::api::core::v1::ConfigMap> {
    let map = json!({"metadata": {"name": "profiles"}, "data": data});
    Arc::new(serde_json::from_value(map).expect("a fitting object"))
}

#[rstest]
#[case(json!({"type": "builtin", "name": "root"}), InvalidProfile,
    "spec.permissionProfile.name: there is no built-in profile `root`; use none or network")]
#[case(json!({"type": "magic", "name": "x"}), InvalidProfile,
    "spec.permissionProfile.type: `magic` is no type of profile; use builtin or configmap")]
#[case(json!({"type": "configmap", "name": "No_Such"}), InvalidProfile,
    "spec.permissionProfile.name: `No_Such` cannot be the name of a ConfigMap; use lower-case letters, digits, '-' and '.'")]
#[case(json!({"type": "configmap", "name": "profiles", "key": "a/b"}), InvalidProfile,
    "spec.permissionProfile.key: `a/b` cannot be a key of a ConfigMap; use letters, digits, '-', '_' and '.'")]
#[case(json!({"type": "configmap", "name": "profiles"}), InvalidProfile,
    "spec.permissionProfile.key: ConfigMap `profiles` has the keys `a.json`, `b.json`; say which of them is the profile")]
#[case(json!({"type": "configmap", "name": "profiles", "key": "c.json"}), ProfileNotFound,
    "spec.permissionProfile: ConfigMap `profiles` has no key `c.json`; add it, or name one of those it has: `a.json`, `b.json`")]
fn a_profile_that_is_not_there_is_named(
    #[case] profile: Value,
    #[case] reason: RefusalReason,
    #[case] message: &str,
) {
    let mut world = server(&json!({ "permissionProfile": profile }));
    world.around.profile = Some(config_map(&json!({"a.json": "{}", "b.json": "{}"})));
    refused(&world, reason, message);
}

#[test]
fn a_missing_config_map_is_named_and_its_only_key_needs_no_name() {
    let mut world =
        server(&json!({"permissionProfile": {"type": "configmap", "name": "profiles"}}));
    refused(
        &world,
        ProfileNotFound,
        "spec.permissionProfile: there is no ConfigMap `profiles` in the server's namespace; create it",
    );
    world.around.profile = Some(config_map(&json!({})));
    refused(
        &world,
        ProfileNotFound,
        "spec.permissionProfile: ConfigMap `profiles` is empty; add the profile to it",
    );
    world.around.profile = Some(config_map(&json!({"any": "{}"})));
    accepted(&world);
}

#[rstest]
#[case(
    "{",
    "the profile: EOF while parsing an object at line 1 column 1; correct it"
)]
#[case(
    "[]",
    "the profile: invalid type: sequence, expected an object at line 1 column 0; correct it"
)]
#[case(
    "{} {}",
    "the profile: trailing characters at line 1 column 4; remove what follows it"
)]
#[case(
    r#"{"netwrok": {}}"#,
    "netwrok: unknown field `netwrok`, expected one of `name`, `read`, `write`, `network`, `privileged` at line 1 column 10; correct it"
)]
#[case(
    r#"{"network": {"outbound": {"allow_hosts": []}}}"#,
    "network.outbound.allow_hosts: unknown field `allow_hosts`, expected one of `insecure_allow_all`, `allow_host`, `allow_port` at line 1 column 39; correct it"
)]
#[case(
    r#"{"network": {"inbound": {"allow_port": []}}}"#,
    "network.inbound.allow_port: unknown field `allow_port`, expected `allow_host` at line 1 column 37; correct it"
)]
#[case(
    r#"{"privileged": "yes"}"#,
    "privileged: invalid type: string \"yes\", expected a boolean at line 1 column 20; correct it"
)]
#[case(
    r#"{"network": {"outbound": {"allow_port": ["443"]}}}"#,
    "network.outbound.allow_port[0]: invalid type: string \"443\", expected i64 at line 1 column 46; correct it"
)]
#[case(
    r#"{"network": {"outbound": {"allow_port": [0]}}}"#,
    "network.outbound.allow_port: 0 is no port; choose one from 1 to 65535"
)]
#[case(
    r#"{"network": {"outbound": {"allow_host": ["api.example.com:443"]}}}"#,
    "network.outbound.allow_host: `api.example.com:443` names a port; write the host alone and put the port into allow_port"
)]
#[case(
    r#"{"network": {"outbound": {"allow_host": ["https://api.example.com"]}}}"#,
    "network.outbound.allow_host: `https://api.example.com` is more than a host; write the host alone, without scheme and path"
)]
#[case(
    r#"{"network": {"outbound": {"allow_host": ["*"]}}}"#,
    "network.outbound.allow_host: `*` names no host; name one, or use insecure_allow_all"
)]
#[case(
    r#"{"network": {"outbound": {"allow_host": ["api.*.com"]}}}"#,
    "network.outbound.allow_host: `api.*.com` is no host; write it like api.example.com, .example.com or 192.0.2.1"
)]
#[case(
    r#"{"network": {"inbound": {"allow_host": ["*.example.com"]}}}"#,
    "network.inbound.allow_host: `*.example.com` is no host that a client could name; write it like mcp.example.com, without port and '*'"
)]
#[case(
    r#"{"network": {"mode": "host"}}"#,
    "network.mode: host takes the server out of reach of every network rule; use bridge or none"
)]
#[case(
    r#"{"network": {"mode": "vpn"}}"#,
    "network.mode: there is no mode `vpn`; use bridge or none"
)]
#[case(
    r#"{"network": {"mode": "none", "outbound": {"allow_host": ["a.b"]}}}"#,
    "network.mode: none closes what network.outbound opens; remove one of them"
)]
#[case(
    r#"{"read": ["data"]}"#,
    "read[0]: `data` is no mount; write it like /path, /path/of/node:/path or volume://CLAIM:/path"
)]
#[case(
    r#"{"read": ["/a"], "write": ["/b", "/c:/a"]}"#,
    "write[1]: /a is given twice; remove one of the two"
)]
#[case(
    r#"{"write": ["volume://My_Claim:/a"]}"#,
    "write[0]: `volume://My_Claim:/a` is no mount; write it like /path, /path/of/node:/path or volume://CLAIM:/path"
)]
#[case(
    r#"{"write": ["s3://bucket:/a"]}"#,
    "write[0]: `s3://bucket:/a`: nothing can be mounted by s3://; use a path of the node or volume://CLAIM:/path"
)]
fn a_bad_profile_says_where_and_what(#[case] document: &str, #[case] fault: &str) {
    let message = format!("spec.permissionProfile: key `p.json` of ConfigMap `profiles`: {fault}");
    refused(&profiled(&json!({}), document), InvalidProfile, &message);
}

#[rstest]
#[case(json!({"volumes": [{"name": "v", "mountPath": "/a", "emptyDir": {}}]}), r#"{"read": ["/a"]}"#, InvalidVolume,
    "spec.permissionProfile: `v` and `hivewright-profile-0` are both to be mounted at /a; choose another path for one of them")]
#[case(json!({"env": [{"name": "https_proxy", "value": "http://other"}]}), r#"{"network": {"outbound": {"allow_host": ["a.b"]}}}"#, InvalidEnv,
    "spec.permissionProfile: its egress gateway is told to every container as `https_proxy`, which container `mcp` sets itself; remove the variable")]
fn a_clash_of_spec_and_profile_names_both(
    #[case] spec: Value,
    #[case] document: &str,
    #[case] reason: RefusalReason,
    #[case] message: &str,
) {
    refused(&profiled(&spec, document), reason, message);
}
