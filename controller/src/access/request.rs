//! Requests as the API server's authorizer sees them.

use http::{Method, Uri};

use super::{Verb, resource_label};

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
        let request = Request::of(&Method::GET, &"/api/v1/nodes".parse().unwrap()).unwrap();
        assert_eq!(request.resource_label(), "other");
    }
}
