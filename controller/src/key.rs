//! Namespace and name: what caches are asked by.

use std::fmt;

use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;

use crate::watch::Server;

/// One object of a kind that the context tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Key {
    /// The object of this name.
    pub fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Where `object` is.
    pub fn of(object: &impl ResourceExt) -> Self {
        Self {
            namespace: object.namespace().unwrap_or_default(),
            name: object.name_any(),
        }
    }

    /// The MCPServer of this name.
    pub fn server(&self) -> ObjectRef<Server> {
        ObjectRef::new(&self.name).within(&self.namespace)
    }
}

impl From<&ObjectRef<Server>> for Key {
    fn from(server: &ObjectRef<Server>) -> Self {
        Self::new(
            server.namespace.as_deref().unwrap_or_default(),
            &server.name,
        )
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}
