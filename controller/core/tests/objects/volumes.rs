use hivewright_core::Part;
use rstest::rstest;
use serde_json::{Value, json};

use super::{container, made, pod};

#[rstest]
#[case(json!({"hostPath": "/srv/data/"}), json!({"hostPath": {"path": "/srv/data"}}))]
#[case(json!({"persistentVolumeClaim": {"claimName": "c"}}), json!({"persistentVolumeClaim": {"claimName": "c"}}))]
#[case(json!({"configMap": {"name": "c", "items": [{"key": "k", "path": "p"}]}}), json!({"configMap": {"name": "c", "items": [{"key": "k", "path": "p"}]}}))]
#[case(json!({"secret": {"secretName": "s"}}), json!({"secret": {"secretName": "s"}}))]
#[case(json!({"emptyDir": {}}), json!({"emptyDir": {}}))]
#[case(json!({"csi": {"driver": "d.example.com"}}), json!({"csi": {"driver": "d.example.com"}}))]
#[case(json!({"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}), json!({"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}))]
fn a_volume_of_any_source_is_mounted_into_the_main_container(
    #[case] source: Value,
    #[case] expected: Value,
) {
    let mut volume = json!({"name": "v", "mountPath": "/data", "readOnly": true});
    for (kind, source) in source.as_object().unwrap() {
        volume[kind] = source.clone();
    }
    let world = made(&json!({"volumes": [volume]}));
    let mut whole = expected;
    whole["name"] = json!("v");
    assert_eq!(pod(&world, Part::StatefulSet)["volumes"], json!([whole]));
    assert_eq!(
        container(&world)["volumeMounts"],
        json!([{"name": "v", "mountPath": "/data", "readOnly": true}])
    );
}

#[test]
fn a_volume_is_writable_unless_the_spec_says_otherwise() {
    let world = made(&json!({"volumes": [{"name": "v", "mountPath": "/v", "emptyDir": {}}]}));
    assert!(container(&world)["volumeMounts"][0]["readOnly"].is_null());
}

#[test]
fn a_pod_template_keeps_what_it_says_beside_what_the_spec_says() {
    let template = json!({"metadata": {"labels": {"team": "a"}}, "spec": {
        "initContainers": [{"name": "init", "image": "init:1"}],
        "containers": [
            {"name": "mcp", "env": [{"name": "A", "value": "theirs"}, {"name": "B", "value": "2"}],
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]},
            {"name": "side", "image": "side:1", "volumeMounts": [{"name": "data", "mountPath": "/in"}]}],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "imagePullSecrets": [{"name": "pull"}], "nodeSelector": {"disk": "fast"}}});
    let world = made(
        &json!({"env": [{"name": "A", "value": "ours"}, {"name": "C", "value": "3"}],
        "volumes": [{"name": "data", "mountPath": "/data", "hostPath": "/srv"}], "podTemplateSpec": template}),
    );
    let pod = pod(&world, Part::StatefulSet);
    insta::assert_yaml_snapshot!("merged_pod", pod);
}

#[test]
fn a_server_with_an_account_of_its_own_gets_the_token_and_no_other_does() {
    let world = made(&json!({"serviceAccount": "reader"}));
    let with = pod(&world, Part::StatefulSet);
    assert_eq!(with["serviceAccountName"], "reader");
    assert_eq!(with["automountServiceAccountToken"], true);
    let world = made(&json!({}));
    let without = pod(&world, Part::StatefulSet);
    assert_eq!(without["automountServiceAccountToken"], false);
}
