//! The profile as JSON.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Fault, Profile, mounts, reach};

/// The document. What it does not know is refused: a rule that is not followed must not look as
/// if it were.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// For people only.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    #[serde(default)]
    read: Option<Vec<String>>,
    #[serde(default)]
    write: Option<Vec<String>>,
    #[serde(default)]
    network: Option<Object<Network>>,
    #[serde(default)]
    privileged: Option<bool>,
}

/// What may pass, either way.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Network {
    #[serde(default)]
    pub(super) mode: Option<String>,
    #[serde(default)]
    pub(super) outbound: Option<Object<Outbound>>,
    #[serde(default)]
    pub(super) inbound: Option<Object<Inbound>>,
}

/// What the server may reach.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outbound {
    #[serde(default)]
    pub(super) insecure_allow_all: Option<bool>,
    #[serde(default)]
    pub(super) allow_host: Option<Vec<String>>,
    #[serde(default)]
    pub(super) allow_port: Option<Vec<i64>>,
}

/// Under which names clients may reach the server.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inbound {
    #[serde(default)]
    pub(super) allow_host: Option<Vec<String>>,
}

/// A JSON object and nothing else: serde takes a list for a struct too, field by field, and what
/// was meant by one nobody knows.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// Reads a profile.
pub(crate) fn parse(json: &str) -> Result<Profile, Fault> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let Object(document): Object<Document> = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| {
            let path = match error.path().to_string().as_str() {
                "." | "?" => "the profile".to_owned(),
                path => path.to_owned(),
            };
            Fault::new(path, format!("{}; correct it", error.inner()))
        })?;
    reader
        .end()
        .map_err(|error| Fault::new("the profile", format!("{error}; remove what follows it")))?;
    let network = document.network.map(|Object(network)| network);
    let network = network.unwrap_or_default();
    Ok(Profile {
        egress: reach::egress(&network)?,
        inbound: reach::inbound(&network)?,
        mounts: mounts::parse(
            document.read.as_deref().unwrap_or_default(),
            document.write.as_deref().unwrap_or_default(),
        )?,
        privileged: document.privileged.unwrap_or_default(),
    })
}
