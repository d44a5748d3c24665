use hivewright_core::{RefusalReason::InvalidPodTemplate, validate};
use rstest::rstest;
use serde_json::{Value, json};

use super::{accepted, refused, server};

#[rstest]
#[case::wrong_container_name(json!({"spec": {"containers": [{"name": "server"}]}}),
    "container `server` has no image; the main container must be named `mcp`: rename it, or give it an image if it is a sidecar")]
#[case::the_servers_image_under_another_name(json!({"spec": {"containers": [{"name": "server", "image": "example.com/server:1"}]}}),
    "container `server` runs the server's own image; the main container must be named `mcp`: rename it")]
#[case::a_sidecar_alone(json!({"spec": {"containers": [{"name": "side", "image": "s:1"}]}}),
    "containers are listed without the main one; add a container named `mcp`, with nothing else if nothing of it is to change")]
#[case::misspelt_field(json!({"spec": {"containers": [{"name": "mcp", "securityContxt": {}}]}}),
    "spec.containers[0].securityContxt is not a field of a pod template; correct its name")]
#[case::misspelt_deep_down(json!({"spec": {"initContainers": [{"name": "i", "image": "i:1", "env": [{"name": "A", "valueFrom": {"secretKeyRf": {}}}]}]}}),
    "spec.initContainers[0].env[0].valueFrom.secretKeyRf is not a field of a pod template; correct its name")]
#[case::a_field_of_a_deployment(json!({"replicas": 2}),
    "replicas is not a field of a pod template; correct its name")]
#[case::main_container_deleted(json!({"spec": {"containers": [{"name": "mcp", "$patch": "delete"}]}}),
    "the main container `mcp` cannot be removed")]
#[case::all_containers_replaced(json!({"spec": {"containers": [{"$patch": "replace"}, {"name": "side", "image": "s:1"}]}}),
    "the main container `mcp` cannot be removed")]
#[case::no_stdin(json!({"spec": {"containers": [{"name": "mcp", "stdin": false}]}}),
    "container `mcp` is spoken to over stdin; remove stdin, stdinOnce and tty")]
#[case::a_terminal(json!({"spec": {"containers": [{"name": "mcp", "tty": true}]}}),
    "container `mcp` is spoken to over stdin; remove stdin, stdinOnce and tty")]
#[case::bad_quantity(json!({"spec": {"containers": [{"name": "mcp", "resources": {"limits": {"cpu": "lots"}}}]}}),
    "`lots` is no quantity of cpu in container `mcp`; write it like 100m, 2 or 128Mi")]
#[case::host_network(json!({"spec": {"hostNetwork": true}}),
    "hostNetwork takes the pod out of reach of the permission profile; remove it")]
#[case::restart_policy(json!({"spec": {"restartPolicy": "Never"}}), "restartPolicy can only be Always; remove it")]
#[case::debugging(json!({"spec": {"ephemeralContainers": [{"name": "debug", "image": "d:1"}]}}),
    "ephemeralContainers cannot be part of a template; remove them")]
#[case::own_label(json!({"metadata": {"labels": {"hivewright.dev/mcpserver": "other"}}}),
    "label hivewright.dev/mcpserver is Hivewright's own; remove it")]
#[case::own_annotation(json!({"metadata": {"annotations": {"hivewright.dev/secrets-checksum": "0"}}}),
    "annotation hivewright.dev/secrets-checksum is Hivewright's own; remove it")]
#[case::nameless_variable(json!({"spec": {"containers": [{"name": "mcp", "env": [{"value": "1"}]}]}}),
    "spec.containers[mcp].env: each element needs `name`, by which it is merged")]
#[case::portless_port(json!({"spec": {"containers": [{"name": "mcp", "ports": [{"name": "web"}]}]}}),
    "spec.containers[mcp].ports: each element needs `containerPort`, by which it is merged")]
#[case::order(json!({"spec": {"$setElementOrder/containers": []}}),
    "spec.$setElementOrder/containers is a merge directive that Hivewright does not follow; write the wanted result")]
#[case::retained_keys(json!({"spec": {"volumes": [{"name": "v", "$retainKeys": ["name"]}]}}),
    "spec.volumes[v].$retainKeys is a merge directive that Hivewright does not follow; write the wanted result")]
#[case::unknown_verb(json!({"spec": {"nodeSelector": {"$patch": "mix"}}}),
    "spec.nodeSelector: `$patch` can only be merge, replace or delete")]
#[case::two_of_a_name(json!({"spec": {"containers": [{"name": "mcp"}, {"name": "a", "image": "a:1"}], "initContainers": [{"name": "a", "image": "b:1"}]}}),
    "`a` is the name of two containers; rename one of them")]
#[case::no_such_volume(json!({"spec": {"containers": [{"name": "mcp", "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}]}}),
    "container `mcp` mounts volume `tmp`, which the pod does not have; add it to spec.volumes here")]
#[case::wrong_type(json!({"spec": {"hostNetwork": "yes"}}),
    "a value has the wrong type; correct it: spec.hostNetwork: invalid type: string \"yes\", expected a boolean")]
#[case::wrong_type_deep_down(json!({"spec": {"containers": [{"name": "mcp", "args": "-v"}]}}),
    "a value has the wrong type; correct it: spec.containers[0].args: invalid type: string \"-v\", expected a sequence")]
fn a_bad_pod_template_is_refused(#[case] template: Value, #[case] sentence: &str) {
    refused(
        &server(&json!({ "podTemplateSpec": template })),
        InvalidPodTemplate,
        &format!("spec.podTemplateSpec: {sentence}"),
    );
}

#[rstest]
#[case::nothing(json!({}))]
#[case::only_metadata(json!({"metadata": {"labels": {"team": "a"}}}))]
#[case::an_init_container_alone(json!({"spec": {"initContainers": [{"name": "i", "image": "i:1"}]}}))]
#[case::a_sidecar_that_restarts(json!({"spec": {"initContainers": [{"name": "i", "image": "i:1", "restartPolicy": "Always"}]}}))]
#[case::an_init_container_of_the_servers_own_image(json!({"spec": {"initContainers": [{"name": "copy", "image": "example.com/server:1"}]}}))]
#[case::a_sidecar_of_the_servers_own_image(json!({"spec": {"containers": [{"name": "mcp"}, {"name": "worker", "image": "example.com/server:1"}]}}))]
#[case::one_number_two_protocols(json!({"spec": {"containers": [{"name": "mcp", "ports": [{"containerPort": 53, "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP"}]}]}}))]
fn a_good_pod_template_is_accepted(#[case] template: Value) {
    accepted(&server(&json!({ "podTemplateSpec": template })));
}

#[test]
fn only_a_server_of_stdio_needs_its_stdin() {
    let template = json!({"spec": {"containers": [{"name": "mcp", "tty": true}]}});
    let spec = json!({"transport": "sse", "podTemplateSpec": template});
    assert!(validate(&server(&spec).observe()).is_ok());
}
