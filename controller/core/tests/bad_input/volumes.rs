use hivewright_core::{RefusalReason, RefusalReason::*};
use rstest::rstest;
use serde_json::{Value, json};

use super::{accepted, refused, server};

#[rstest]
#[case(json!([{"name": "My_Secret", "key": "k"}]),
    "`My_Secret` cannot be the name of a Secret; use lower-case letters, digits, '-' and '.'")]
#[case(json!([{"name": "s", "key": "a/b"}]),
    "`a/b` cannot be a key of Secret `s`; use letters, digits, '-', '_' and '.'")]
#[case(json!([{"name": "s", "key": ""}]),
    "`` cannot be a key of Secret `s`; use letters, digits, '-', '_' and '.'")]
#[case(json!([{"name": "s", "key": "k", "targetEnvName": "A B"}]),
    "targetEnvName `A B` cannot be the name of a variable; use letters, digits and '_'")]
#[case(json!([{"name": "s", "key": "k"}, {"name": "t", "key": "k"}]),
    "`k` is to come from key `k` of Secret `s` and from key `k` of Secret `t`; choose another targetEnvName for one of them")]
#[case(json!([{"name": "s", "key": "a", "targetEnvName": "T"}, {"name": "s", "key": "b", "targetEnvName": "T"}]),
    "`T` is to come from key `a` of Secret `s` and from key `b` of Secret `s`; choose another targetEnvName for one of them")]
#[case(json!([{"name": "s", "key": "k", "targetEnvName": "GIVEN"}]),
    "`GIVEN` is to come from key `k` of Secret `s` and from spec.env; remove one of them, or choose another targetEnvName")]
fn a_bad_secret_is_refused(#[case] secrets: Value, #[case] sentence: &str) {
    let spec = json!({"env": [{"name": "GIVEN", "value": "1"}], "secrets": secrets});
    refused(
        &server(&spec),
        InvalidSecret,
        &format!("spec.secrets: {sentence}"),
    );
}

#[rstest]
#[case::several_keys_of_one(json!([{"name": "s", "key": "a"}, {"name": "s", "key": "b"}]))]
#[case::one_key_under_two_names(json!([{"name": "s", "key": "a"}, {"name": "s", "key": "a", "targetEnvName": "B"}]))]
#[case::none(json!([]))]
fn secrets_of_every_shape_are_accepted(#[case] secrets: Value) {
    accepted(&server(&json!({ "secrets": secrets })));
}

#[rstest]
#[case(json!([{"name": "My_Data", "mountPath": "/d", "hostPath": "/d"}]),
    "`My_Data` cannot be the name of a volume; use lower-case letters, digits and '-'")]
#[case(json!([{"name": "v", "mountPath": "data", "hostPath": "/d"}]),
    "`v` cannot be mounted at `data`; choose an absolute path without ':' and '..', such as /data")]
#[case(json!([{"name": "v", "mountPath": "/", "hostPath": "/d"}]),
    "`v` cannot be mounted at `/`; choose an absolute path without ':' and '..', such as /data")]
#[case(json!([{"name": "v", "mountPath": "/a:b", "hostPath": "/d"}]),
    "`v` cannot be mounted at `/a:b`; choose an absolute path without ':' and '..', such as /data")]
#[case(json!([{"name": "v", "mountPath": "/d", "hostPath": "/srv/../etc"}]),
    "`v` has the hostPath `/srv/../etc`; choose an absolute path of the node without ':' and '..', such as /srv/data")]
#[case(json!([{"name": "v", "mountPath": "/d"}]),
    "`v` has no source; add hostPath, or a source that Kubernetes knows, such as persistentVolumeClaim")]
#[case(json!([{"name": "v", "mountPath": "/d", "hostPath": "/d", "emptyDir": {}}]),
    "`v` has several sources, such as hostPath and emptyDir; keep one of them")]
#[case(json!([{"name": "v", "mountPath": "/d", "emptyDir": {}, "configMap": {"name": "c"}}]),
    "`v` has several sources, such as configMap and emptyDir; keep one of them")]
#[case(json!([{"name": "v", "mountPath": "/d", "persistentVolumeClam": {"claimName": "c"}}]),
    "`v`: persistentVolumeClam is not a field of a volume; correct its name")]
#[case(json!([{"name": "v", "mountPath": "/d", "persistentVolumeClaim": {"claim": "c"}}]),
    "`v`: persistentVolumeClaim.claim is not a field of a volume; correct its name")]
#[case(json!([{"name": "v", "mountPath": "/d", "subPath": "x", "emptyDir": {}}]),
    "`v`: subPath is not a field of a volume; correct its name")]
#[case(json!([{"name": "v", "mountPath": "/d", "emptyDir": {"medium": 3}}]),
    "`v`: a value has the wrong type; correct it: emptyDir.medium: invalid type: integer `3`, expected a string")]
#[case(json!([{"name": "v", "mountPath": "/a", "emptyDir": {}}, {"name": "v", "mountPath": "/b", "emptyDir": {}}]),
    "`v` is the name of two volumes; rename one of them")]
#[case(json!([{"name": "v", "mountPath": "/a", "emptyDir": {}}, {"name": "w", "mountPath": "/a/", "emptyDir": {}}]),
    "`v` and `w` are both to be mounted at /a; choose another path for one of them")]
fn a_bad_volume_is_refused(#[case] volumes: Value, #[case] sentence: &str) {
    refused(
        &server(&json!({ "volumes": volumes })),
        InvalidVolume,
        &format!("spec.volumes: {sentence}"),
    );
}

#[rstest]
#[case(json!({"volumes": [{"name": "data", "emptyDir": {}}]}), InvalidVolume,
    "spec.volumes: `data` is the name of a volume in podTemplateSpec too; rename one of them")]
#[case(json!({"containers": [{"name": "mcp", "volumeMounts": [{"name": "tmp", "mountPath": "/data"}]}],
        "volumes": [{"name": "tmp", "emptyDir": {}}]}), InvalidVolume,
    "spec.volumes: `data` and `tmp` of podTemplateSpec are both to be mounted at /data; choose another path for one of them")]
#[case(json!({"containers": [{"name": "mcp", "env": [{"name": "TOKEN", "value": "1"}]}]}), InvalidPodTemplate,
    "spec.podTemplateSpec: variable `TOKEN` of container `mcp` has both a value and a source; remove it here, or from spec.env or spec.secrets")]
fn a_clash_with_the_pod_template_names_both(
    #[case] pod: Value,
    #[case] reason: RefusalReason,
    #[case] message: &str,
) {
    let spec = json!({"podTemplateSpec": {"spec": pod},
        "volumes": [{"name": "data", "mountPath": "/data", "hostPath": "/srv"}],
        "secrets": [{"name": "s", "key": "k", "targetEnvName": "TOKEN"}]});
    refused(&server(&spec), reason, message);
}

#[test]
fn a_sidecar_may_mount_a_volume_of_the_spec_wherever_it_likes() {
    let side = json!({"name": "side", "image": "s:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]});
    accepted(&server(
        &json!({"podTemplateSpec": {"spec": {"containers": [{"name": "mcp"}, side]}},
            "volumes": [{"name": "data", "mountPath": "/data", "persistentVolumeClaim": {"claimName": "c"}}]}),
    ));
}
