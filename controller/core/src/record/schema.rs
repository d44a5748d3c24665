//! The JSON Schemas of the events: one for each thing, of the whole CloudEvent. `docs/events` holds
//! what was released; a comparison with it keeps a release from breaking those who read.
//!
//! ```text
//!  Thing ──> kinds, struct of data ──schemars──> schema ──> docs/events/mcpserver.THING.v1.json
//! ```

use std::collections::BTreeSet;

use hivewright_api::cloud_event::CloudEvent;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use super::data::{
    ComponentV1, DeletionV1, EndpointV1, GenerationV1, JournalV1, ObjectV1, PodsV1, RestartsV1,
    ServerV1, SnapshotV1, SpecV1,
};
use super::kind::{Thing, kebab};
use crate::detail::Detail;
use crate::state::{Backend, Component, Egress, Policy, Presence, Proxy};

/// One schema, and what is said of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventSchema {
    /// Name of its file: `mcpserver.backend.v1.json`.
    pub file: String,
    /// What the events say, in a sentence.
    pub title: &'static str,
    /// The types that it describes.
    pub kinds: Vec<String>,
    /// The schema.
    pub schema: Value,
}

/// Every schema, in the order of the things.
pub fn all() -> Vec<EventSchema> {
    Thing::ALL.into_iter().map(of).collect()
}

/// The types of the events about this thing, in order.
pub fn kinds(thing: Thing) -> Vec<String> {
    let states: BTreeSet<String> = match thing {
        Thing::Snapshot | Thing::Deleted => return vec![thing.kind(None)],
        Thing::Generation => words(&["observed"]),
        Thing::Spec => words(&["accepted", "refused", "unjudged"]),
        Thing::Deletion => words(&["begun", "withdrawn"]),
        Thing::Object => objects(),
        Thing::Policy => states::<Policy>(),
        Thing::Egress => states::<Egress>(),
        Thing::Backend => states::<Backend>(),
        Thing::Proxy => states::<Proxy>(),
        Thing::Pods | Thing::Restarts => words(&["counted"]),
        Thing::Endpoint => words(&["published", "withdrawn"]),
        Thing::Server => words(&["not-ready", "ready"]),
        Thing::Journal => words(&["available", "off", "unavailable"]),
    };
    states.iter().map(|state| thing.kind(Some(state))).collect()
}

fn words(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn objects() -> BTreeSet<String> {
    let mut states = words(&["applied", "deleted", "gone"]);
    states.extend(Presence::all(&Detail::default()).map(|presence| kebab(presence.as_str())));
    states
}

fn states<C: Component>() -> BTreeSet<String> {
    C::all(&Detail::default(), 0)
        .iter()
        .map(|state| kebab(state.reason().as_str()))
        .collect()
}

impl EventSchema {
    /// The schema of CloudEvents with data of type `D`, of these types, in a file of this name.
    pub fn new<D: JsonSchema>(file: String, title: &'static str, kinds: Vec<String>) -> Self {
        let generator = SchemaSettings::draft2020_12().into_generator();
        let mut schema = generator.into_root_schema_for::<CloudEvent<D>>().to_value();
        schema["$id"] = json!(file);
        schema["title"] = json!(title);
        schema["description"] = json!("A CloudEvent 1.0, in structured mode.");
        schema["properties"]["type"]["enum"] = json!(kinds);
        Self {
            file,
            title,
            kinds,
            schema,
        }
    }
}

fn of(thing: Thing) -> EventSchema {
    let file = format!("mcpserver.{}.{}.json", thing.as_str(), thing.version());
    let make = match thing {
        Thing::Generation => EventSchema::new::<GenerationV1>,
        Thing::Spec => EventSchema::new::<SpecV1>,
        Thing::Deletion | Thing::Deleted => EventSchema::new::<DeletionV1>,
        Thing::Object => EventSchema::new::<ObjectV1>,
        Thing::Policy | Thing::Egress | Thing::Backend | Thing::Proxy => {
            EventSchema::new::<ComponentV1>
        }
        Thing::Pods => EventSchema::new::<PodsV1>,
        Thing::Restarts => EventSchema::new::<RestartsV1>,
        Thing::Endpoint => EventSchema::new::<EndpointV1>,
        Thing::Server => EventSchema::new::<ServerV1>,
        Thing::Journal => EventSchema::new::<JournalV1>,
        Thing::Snapshot => EventSchema::new::<SnapshotV1>,
    };
    make(file, title(thing), kinds(thing))
}

const fn title(thing: Thing) -> &'static str {
    match thing {
        Thing::Generation => "A new generation of an MCPServer's spec was read",
        Thing::Spec => "Whether an MCPServer's spec is accepted",
        Thing::Deletion => "Whether an MCPServer is being deleted",
        Thing::Object => "An object made for an MCPServer, and what the controller did with it",
        Thing::Policy => "Whether an MCPServer's permission profile holds",
        Thing::Egress => "What an MCP server reached for and must not reach",
        Thing::Backend => "An MCP server's pod; of several, the one that is worst off",
        Thing::Pods => "How many pods an MCP server has, and how many of them answer",
        Thing::Proxy => "The proxy's pod of an MCPServer",
        Thing::Restarts => "Restarts of an MCP server's container",
        Thing::Endpoint => "Where clients find an MCP server",
        Thing::Server => "Whether an MCP client is answered",
        Thing::Journal => "Whether the events of an MCPServer are written down",
        Thing::Snapshot => {
            "The whole status of an MCPServer, where it does not follow from the events before"
        }
        Thing::Deleted => "An MCPServer is gone",
    }
}
