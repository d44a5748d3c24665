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
pub(super) struct Document {
    /// A name, for people only.
    #[serde(default, rename = "name")]
    pub(super) _name: Option<String>,
    /// Paths that the server may read: `/path`, `/path/of/node:/path` or `volume://CLAIM:/path`.
    #[serde(default)]
    pub(super) read: Option<Vec<String>>,
    /// Paths that the server may read and write, in the same forms.
    #[serde(default)]
    pub(super) write: Option<Vec<String>>,
    /// What may pass between the server and the network. Default: nothing out, the usual names in.
    #[serde(default)]
    pub(super) network: Option<Object<Network>>,
    /// Whether the server's container is privileged. Default false.
    #[serde(default)]
    pub(super) privileged: Option<bool>,
}

/// What may pass between a server and the network.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Network {
    /// `bridge` (the default), or `none`: nothing out, whatever else is said is a fault. `host` is
    /// refused.
    #[serde(default)]
    pub(super) mode: Option<String>,
    /// What the server may reach.
    #[serde(default)]
    pub(super) outbound: Option<Object<Outbound>>,
    /// Under which names clients may reach the server.
    #[serde(default)]
    pub(super) inbound: Option<Object<Inbound>>,
}

/// What a server may reach.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outbound {
    /// Everything but the cloud's metadata addresses. The lists below then say nothing.
    #[serde(default)]
    pub(super) insecure_allow_all: Option<bool>,
    /// Hosts: `api.example.com` alone, `.example.com` or `*.example.com` with all under it, or an IP
    /// address. They are reached through the proxy's egress gateway, and nothing beside them.
    #[serde(default)]
    pub(super) allow_host: Option<Vec<String>>,
    /// TCP ports. With hosts: of these hosts, 80 and 443 if there are none. Without: of every address
    /// but the cloud's metadata addresses, and DNS.
    #[serde(default)]
    pub(super) allow_port: Option<Vec<i64>>,
}

/// Under which names clients may reach a server.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inbound {
    /// The `Host` values that the proxy takes, and no others. Default: the names of its Service.
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
