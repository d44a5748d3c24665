//! Bad specs: each is refused with the reason, the field and the sentence that its user will read.
//!
//! ```text
//!  fields.rs     image, ports, environment, resources, words        volumes.rs    Secrets and volumes
//!  template.rs   podTemplateSpec                                    profiles.rs   permission profiles
//!  overrides.rs  what is added to the proxy's objects, and scale    later.rs      what does not work yet
//!  heal.rs       what runs is left alone, and a mended spec heals   isolation.rs  isolation and pool
//! ```

mod fields;
mod heal;
mod isolation;
mod later;
mod overrides;
mod profiles;
mod template;
mod volumes;
#[path = "../world/mod.rs"]
mod world;

use hivewright_core::{Refusal, RefusalReason, validate};
use serde_json::{Value, json};
use world::World;

/// A world with nothing but a server of this name, whose spec is this and an image.
fn named(name: &str, spec: &Value) -> World {
    let mut whole = json!({"image": "example.com/server:1"});
    for (field, value) in spec.as_object().expect("a spec is a map") {
        whole[field] = value.clone();
    }
    let manifest = json!({"apiVersion": "toolhive.stacklok.dev/v1alpha1", "kind": "MCPServer",
        "metadata": {"name": name, "namespace": "ns"}, "spec": whole});
    World::new(world::stored(&manifest.to_string()))
}

fn server(spec: &Value) -> World {
    named("any", spec)
}

#[track_caller]
fn refused(world: &World, reason: RefusalReason, message: &str) {
    let refusal = validate(&world.observe()).expect_err("the spec is bad");
    assert_eq!(
        (refusal.reason, refusal.to_string().as_str()),
        (reason, message)
    );
    let read_back = Refusal::parse(&refusal.reason.to_string(), &refusal.to_string());
    assert_eq!(
        read_back,
        Some(refusal),
        "the condition must be readable again"
    );
    assert_eq!(world.plan(), vec![], "nothing is made of a bad spec");
    let mut world = world.clone();
    world.pass();
    let accepted = world.condition("Accepted");
    assert_eq!(
        (accepted.status, accepted.reason),
        ("False".to_owned(), reason.to_string())
    );
    assert!(
        accepted.message.contains(message.trim_end_matches('.')),
        "{} does not say {message}",
        accepted.message
    );
}

#[track_caller]
fn accepted(world: &World) {
    let refusal = validate(&world.observe()).err();
    assert_eq!(refusal, None, "the spec is good");
}
