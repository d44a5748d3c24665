//! Every right that the controller needs in the cluster, in one table.
//!
//! The chart's rules are compared with it, and so is what the code asks of an API server while the
//! tests run: a right that is missing, or that nobody uses, fails a test.

mod request;

pub use request::Request;

/// What is done with a resource; the words of Kubernetes RBAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// Read one object.
    Get,
    /// Read many.
    List,
    /// Follow changes.
    Watch,
    /// Make one; also what server-side apply needs for an object that is not there yet.
    Create,
    /// Replace one.
    Update,
    /// Change a part of one; server-side apply is a patch.
    Patch,
    /// Remove one.
    Delete,
}

impl Verb {
    /// The word as RBAC and the metric label write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

/// Where a right is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// In every namespace that is watched.
    Watched,
    /// In the controller's own namespace.
    Own,
    /// In the cluster: the resource has no namespaces.
    Cluster,
}

/// Who uses a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum User {
    /// The controller itself calls it.
    Controller,
    /// A proxy does. The API server lets nobody write a Role with more rights than they hold
    /// (privilege escalation prevention in the RBAC authorizer), so the controller has to hold
    /// what it hands out. The alternatives, the verbs `escalate` and `bind`, would let it write a
    /// Role with any right at all, reading Secrets included.
    Proxy,
    /// Nobody calls it. Where the admission plugin `OwnerReferencesPermissionEnforcement` is on (as
    /// in OpenShift), the API server asks for it when an object is written whose owner reference
    /// blocks the owner's deletion.
    Admission,
}

/// When a right is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum When {
    /// Always.
    Always,
    /// Only if Secrets are looked at (`--watch-secrets`).
    WatchSecrets,
    /// Only if readers are answered (`--readers`).
    Readers,
}

/// A resource and what may be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// Plural name, with `/` and the subresource where one is meant.
    pub resource: &'static str,
    /// All that is done with it.
    pub verbs: &'static [Verb],
    /// Where.
    pub place: Place,
    /// By whom.
    pub user: User,
    /// When.
    pub when: When,
}

const fn right(group: &'static str, resource: &'static str, verbs: &'static [Verb]) -> Right {
    Right {
        group,
        resource,
        verbs,
        place: Place::Watched,
        user: User::Controller,
        when: When::Always,
    }
}

const fn handed(group: &'static str, resource: &'static str, verbs: &'static [Verb]) -> Right {
    Right {
        group,
        resource,
        verbs,
        place: Place::Watched,
        user: User::Proxy,
        when: When::Always,
    }
}

/// To ask the API server about somebody else: shows nothing but the answer.
const fn review(group: &'static str, resource: &'static str) -> Right {
    Right {
        place: Place::Cluster,
        when: When::Readers,
        ..right(group, resource, &[Verb::Create])
    }
}

const FOLLOW: &[Verb] = &[Verb::List, Verb::Watch];
const OWN: &[Verb] = &[Verb::List, Verb::Watch, Verb::Create, Verb::Patch];
const OWN_AND_DELETE: &[Verb] = &[
    Verb::List,
    Verb::Watch,
    Verb::Create,
    Verb::Patch,
    Verb::Delete,
];
const RBAC: &str = "rbac.authorization.k8s.io";

/// The table.
pub const RIGHTS: &[Right] = &[
    right(hivewright_api::names::GROUP, "mcpservers", FOLLOW),
    right(
        hivewright_api::names::GROUP,
        "mcpservers/status",
        &[Verb::Patch],
    ),
    Right {
        user: User::Admission,
        ..right(
            hivewright_api::names::GROUP,
            "mcpservers/finalizers",
            &[Verb::Update],
        )
    },
    right("", "pods", FOLLOW),
    right("", "configmaps", OWN),
    // Deleted when the server no longer listens itself: the headless Service is left over.
    right("", "services", OWN_AND_DELETE),
    right("", "serviceaccounts", OWN),
    right("apps", "deployments", OWN),
    // Deleted when another transport needs another `serviceName`, which cannot be changed.
    right("apps", "statefulsets", OWN_AND_DELETE),
    right(RBAC, "roles", OWN),
    right(RBAC, "rolebindings", OWN),
    right("networking.k8s.io", "networkpolicies", OWN),
    right("events.k8s.io", "events", &[Verb::Create, Verb::Patch]),
    // Why the API server refuses the pods of a StatefulSet is told nowhere else.
    right("", "events", FOLLOW),
    // Metadata only is asked for; RBAC knows no such right. No `get`: a list or watch that asks
    // for content is not a request that this code can make.
    Right {
        when: When::WatchSecrets,
        ..right("", "secrets", FOLLOW)
    },
    Right {
        place: Place::Own,
        ..right(
            "coordination.k8s.io",
            "leases",
            &[Verb::Get, Verb::Create, Verb::Update],
        )
    },
    review("authentication.k8s.io", "tokenreviews"),
    review("authorization.k8s.io", "subjectaccessreviews"),
    handed("apps", "statefulsets/scale", &[Verb::Get, Verb::Patch]),
    handed(
        "",
        "pods",
        &[Verb::Get, Verb::List, Verb::Watch, Verb::Delete],
    ),
    handed("", "configmaps", &[Verb::Get, Verb::List, Verb::Watch]),
    handed("", "pods/attach", &[Verb::Get, Verb::Create]),
    handed("", "pods/log", &[Verb::Get]),
    handed("", "pods/status", &[Verb::Patch]),
];

/// What a reader needs to read about an MCPServer, and to follow it: the right to the MCPServer. The
/// chart's ServiceAccount for readers has these and no other.
pub const READER: &[Right] = &[right(
    hivewright_api::names::GROUP,
    "mcpservers",
    &[Verb::Get, Verb::List, Verb::Watch],
)];

/// The table's own text for a resource, for metric labels: what is not in the table is `other`.
pub fn resource_label(group: &str, resource: &str) -> &'static str {
    RIGHTS
        .iter()
        .find(|right| right.group == group && right.resource == resource)
        .map_or("other", |right| right.resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_followed_if_that_is_switched_on_and_never_handed_out() {
        let of_secrets = |right: &&Right| right.resource.starts_with("secrets");
        let all: Vec<_> = RIGHTS.iter().filter(of_secrets).collect();
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((all[0].verbs, all[0].user), (FOLLOW, User::Controller));
        assert_eq!(all[0].when, When::WatchSecrets);
    }

    #[test]
    fn the_table_names_no_escalation() {
        for right in RIGHTS {
            assert!(right.resource != "pods/exec", "{right:?}");
        }
    }
}
