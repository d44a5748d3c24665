//! What the controller is to write: the output of [`plan`](crate::plan()).

use serde_json::Value;

use crate::part::Part;

/// One write. They are done in order. One that fails stops only later ones of the same part: the
/// seed of a StatefulSet must not reach one that somebody else made.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Server-side apply of the whole desired object, with force, as field manager
    /// [`MANAGER`](hivewright_api::names::MANAGER).
    Apply {
        /// Which object.
        part: Part,
        /// The object, with `apiVersion`, `kind`, name and namespace.
        object: Value,
    },
    /// Server-side apply of `spec.replicas: 0` of the StatefulSet and nothing else, to begin with or to
    /// stop it, with force, as
    /// field manager [`SCALE_SEED_MANAGER`](hivewright_api::names::SCALE_SEED_MANAGER).
    SeedReplicas {
        /// The object, with `apiVersion`, `kind`, name, namespace and `spec.replicas`.
        object: Value,
    },
    /// Deletion of an object that is no longer wanted, if it is still the one observed.
    Delete {
        /// Which object.
        part: Part,
        /// Its name.
        name: String,
        /// Its UID, to be sent as a precondition.
        uid: Option<String>,
    },
}

impl Write {
    /// Which object it writes.
    pub const fn part(&self) -> Part {
        match self {
            Self::Apply { part, .. } | Self::Delete { part, .. } => *part,
            Self::SeedReplicas { .. } => Part::StatefulSet,
        }
    }

    /// Its word in metrics and logs.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Apply { .. } => "apply",
            Self::SeedReplicas { .. } => "seed",
            Self::Delete { .. } => "delete",
        }
    }
}
