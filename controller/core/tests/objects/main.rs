//! What each field of a spec becomes, object by object.
//!
//! ```text
//!  transports.rs  sse and streamable-http        volumes.rs    volumes and pod templates
//!  scale.rs       how many pods                  profiles.rs   permission profiles as packets
//!  secrets.rs     Secrets and their changes      overrides.rs  what is added to the proxy's objects
//!  upgrades.rs    what must not restart a pod
//! ```

mod overrides;
mod profiles;
mod scale;
mod secrets;
mod transports;
mod upgrades;
mod volumes;
#[path = "../world/mod.rs"]
mod world;

use hivewright_core::Part;
use serde_json::{Value, json};
use world::World;

/// Passes after which every object is there.
const PASSES: usize = 3;

/// A world in which a server with this spec, beside its image, has been made.
fn made(spec: &Value) -> World {
    let mut whole = json!({"image": "example.com/server:1"});
    for (field, value) in spec.as_object().expect("a spec is a map") {
        whole[field] = value.clone();
    }
    let manifest = json!({"apiVersion": "toolhive.stacklok.dev/v1alpha1", "kind": "MCPServer",
        "metadata": {"name": "any", "namespace": "ns"}, "spec": whole});
    settled(World::new(world::stored(&manifest.to_string())))
}

fn settled(mut world: World) -> World {
    for _ in 0..PASSES {
        world.pass();
    }
    assert_eq!(world.plan(), vec![]);
    world
}

/// The main container of the server's pods.
fn container(world: &World) -> &Value {
    &pod(world, Part::StatefulSet)["containers"][0]
}

fn pod(world: &World, part: Part) -> &Value {
    &world.objects[&part]["spec"]["template"]["spec"]
}

/// The value of a variable of the main container.
fn variable<'a>(world: &'a World, name: &str) -> Option<&'a str> {
    let env = container(world)["env"].as_array()?;
    env.iter().find(|found| found["name"] == name)?["value"].as_str()
}

/// A document of the proxy's ConfigMap.
fn document(world: &World, key: &str) -> Value {
    let text = world.objects[&Part::ConfigMap]["data"][key].as_str();
    serde_json::from_str(text.expect("the key is there")).expect("JSON")
}

/// What the next plan does, in words.
fn steps(world: &World) -> Vec<(&'static str, Part)> {
    let plan = world.plan();
    plan.iter()
        .map(|write| (write.verb(), write.part()))
        .collect()
}
