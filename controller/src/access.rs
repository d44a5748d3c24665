//! Every right that the controller needs in the cluster, in one table.
//!
//! The chart's rules are compared with it, and so is what the code asks of an API server while the
//! tests run: a right that is missing, or that nobody uses, fails a test.

use http::{Method, Uri};

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
}

const fn right(group: &'static str, resource: &'static str, verbs: &'static [Verb]) -> Right {
    Right {
        group,
        resource,
        verbs,
        place: Place::Watched,
        user: User::Controller,
    }
}

const fn handed(group: &'static str, resource: &'static str, verbs: &'static [Verb]) -> Right {
    Right {
        group,
        resource,
        verbs,
        place: Place::Watched,
        user: User::Proxy,
    }
}

const FOLLOW: &[Verb] = &[Verb::List, Verb::Watch];
const OWN: &[Verb] = &[Verb::List, Verb::Watch, Verb::Create, Verb::Patch];
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
    right(
        "",
        "services",
        &[
            Verb::List,
            Verb::Watch,
            Verb::Create,
            Verb::Patch,
            Verb::Delete,
        ],
    ),
    right("", "serviceaccounts", OWN),
    right("apps", "deployments", OWN),
    right("apps", "statefulsets", OWN),
    right(RBAC, "roles", OWN),
    right(RBAC, "rolebindings", OWN),
    right("networking.k8s.io", "networkpolicies", OWN),
    right("events.k8s.io", "events", &[Verb::Create, Verb::Patch]),
    Right {
        group: "coordination.k8s.io",
        resource: "leases",
        verbs: &[Verb::Get, Verb::Create, Verb::Update],
        place: Place::Own,
        user: User::Controller,
    },
    handed("apps", "statefulsets/scale", &[Verb::Get, Verb::Patch]),
    handed(
        "",
        "pods",
        &[Verb::Get, Verb::List, Verb::Watch, Verb::Delete],
    ),
    handed("", "pods/attach", &[Verb::Get, Verb::Create]),
    handed("", "pods/log", &[Verb::Get]),
    handed("", "pods/status", &[Verb::Patch]),
];

/// One request, as RBAC sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Request {
    /// API group, empty for the core group.
    pub group: String,
    /// Plural name, with `/` and the subresource where one is meant.
    pub resource: String,
    /// What is done.
    pub verb: Verb,
}

impl Request {
    /// Reads the request line as the API server does (its request info resolver). `None` for a
    /// path that names no resource, or a method that no verb stands for.
    pub fn of(method: &Method, uri: &Uri) -> Option<Self> {
        let mut parts = uri.path().split('/').filter(|part| !part.is_empty());
        let group = match parts.next()? {
            "api" => String::new(),
            "apis" => parts.next()?.to_owned(),
            _ => return None,
        };
        let _version = parts.next()?;
        let rest: Vec<&str> = parts.collect();
        let (plural, named, subresource) = match rest.as_slice() {
            ["namespaces", _, plural, tail @ ..] | [plural, tail @ ..] => {
                (*plural, !tail.is_empty(), tail.get(1))
            }
            [] => return None,
        };
        let resource =
            subresource.map_or_else(|| plural.to_owned(), |sub| format!("{plural}/{sub}"));
        Some(Self {
            group,
            resource,
            verb: verb(method, uri, named)?,
        })
    }

    /// Its resource as a metric label.
    pub fn resource_label(&self) -> &'static str {
        resource_label(&self.group, &self.resource)
    }
}

/// The table's own text for a resource, for metric labels: what is not in the table is `other`.
pub fn resource_label(group: &str, resource: &str) -> &'static str {
    RIGHTS
        .iter()
        .find(|right| right.group == group && right.resource == resource)
        .map_or("other", |right| right.resource)
}

fn verb(method: &Method, uri: &Uri, named: bool) -> Option<Verb> {
    let follows = uri.query().is_some_and(|query| {
        query
            .split('&')
            .any(|pair| matches!(pair, "watch=true" | "watch=1"))
    });
    match (method.as_str(), named) {
        ("GET", true) => Some(Verb::Get),
        ("GET", false) if follows => Some(Verb::Watch),
        ("GET", false) => Some(Verb::List),
        ("POST", _) => Some(Verb::Create),
        ("PUT", _) => Some(Verb::Update),
        ("PATCH", _) => Some(Verb::Patch),
        ("DELETE", _) => Some(Verb::Delete),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: &Method, uri: &str) -> Option<(String, String, &'static str)> {
        let request = Request::of(method, &uri.parse().unwrap())?;
        Some((request.group, request.resource, request.verb.as_str()))
    }

    fn named(group: &str, resource: &str, verb: &'static str) -> (String, String, &'static str) {
        (group.to_owned(), resource.to_owned(), verb)
    }

    #[test]
    fn request_lines_are_read_as_rbac_reads_them() {
        assert_eq!(
            of(&Method::GET, "/api/v1/pods?limit=500"),
            Some(named("", "pods", "list"))
        );
        assert_eq!(
            of(&Method::GET, "/api/v1/namespaces/a/pods?watch=true"),
            Some(named("", "pods", "watch"))
        );
        assert_eq!(
            of(&Method::GET, "/api/v1/namespaces/a/pods/p"),
            Some(named("", "pods", "get"))
        );
        assert_eq!(
            of(&Method::POST, "/api/v1/namespaces/a/pods/p/attach"),
            Some(named("", "pods/attach", "create"))
        );
        assert_eq!(
            of(
                &Method::PATCH,
                "/apis/apps/v1/namespaces/a/statefulsets/s?fieldManager=x"
            ),
            Some(named("apps", "statefulsets", "patch"))
        );
        assert_eq!(
            of(
                &Method::PUT,
                "/apis/coordination.k8s.io/v1/namespaces/a/leases/l"
            ),
            Some(named("coordination.k8s.io", "leases", "update"))
        );
    }

    #[test]
    fn paths_that_name_no_resource_are_no_request() {
        assert_eq!(of(&Method::GET, "/version"), None);
        assert_eq!(of(&Method::GET, "/apis/apps/v1"), None);
    }

    #[test]
    fn an_unknown_resource_is_labelled_other() {
        let request = Request::of(&Method::GET, &"/api/v1/secrets".parse().unwrap()).unwrap();
        assert_eq!(request.resource_label(), "other");
    }

    #[test]
    fn the_table_names_no_secret_and_no_escalation() {
        for right in RIGHTS {
            assert!(!right.resource.starts_with("secrets"), "{right:?}");
            assert!(right.resource != "pods/exec", "{right:?}");
        }
    }
}
