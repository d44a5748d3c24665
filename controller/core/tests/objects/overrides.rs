use hivewright_core::Part;
use serde_json::json;

use super::{made, pod, settled, steps};

#[test]
fn what_the_spec_adds_to_the_proxys_objects_is_added_and_taken_away_again() {
    let plain = made(&json!({}));
    let mut world = made(&json!({"resourceOverrides": {
        "proxyDeployment": {
            "labels": {"team": "a"}, "annotations": {"example.com/owner": "b"},
            "podTemplateMetadataOverrides": {"labels": {"zone": "c"}, "annotations": {"example.com/sidecar": "true"}},
            "env": [{"name": "RUST_LOG", "value": "debug"}],
            "imagePullSecrets": [{"name": "pull"}]},
        "proxyService": {"labels": {"team": "d"}, "annotations": {"example.com/lb": "internal"}}}}));
    let deployment = &world.objects[&Part::Deployment];
    assert_eq!(deployment["metadata"]["labels"]["team"], "a");
    assert_eq!(
        deployment["metadata"]["annotations"]["example.com/owner"],
        "b"
    );
    let template = &deployment["spec"]["template"]["metadata"];
    assert_eq!(template["labels"]["zone"], "c");
    assert_eq!(template["annotations"]["example.com/sidecar"], "true");
    assert_eq!(template["annotations"]["prometheus.io/scrape"], "true");
    let proxy = pod(&world, Part::Deployment);
    assert_eq!(
        proxy["containers"][0]["env"],
        json!([{"name": "RUST_LOG", "value": "debug"}])
    );
    assert_eq!(proxy["imagePullSecrets"], json!([{"name": "pull"}]));
    let service = &world.objects[&Part::ProxyService]["metadata"];
    assert_eq!(service["labels"]["team"], "d");
    assert_eq!(service["annotations"]["example.com/lb"], "internal");
    assert!(
        service["labels"]["zone"].is_null(),
        "what is for one object is for no other"
    );

    world.server.spec.resource_overrides = None;
    assert_eq!(
        steps(&world),
        [("apply", Part::Deployment), ("apply", Part::ProxyService)]
    );
    let world = settled(world);
    let labels = |world: &super::World, part| world.objects[&part]["metadata"]["labels"].clone();
    for part in [Part::Deployment, Part::ProxyService] {
        assert_eq!(labels(&world, part), labels(&plain, part));
    }
}
