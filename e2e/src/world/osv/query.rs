//! One question to the database.

use serde::Deserialize;
use serde_json::Value;

use super::advisory::{ADVISORIES, affects};

/// Types of package URLs and the ecosystems they stand for.
const TYPES: [(&str, &str); 3] = [("npm", "npm"), ("pypi", "PyPI"), ("maven", "Maven")];

/// A query as the API takes it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    commit: Option<String>,
    version: Option<String>,
    #[serde(default)]
    package: Package,
}

#[derive(Debug, Default, Deserialize)]
struct Package {
    name: Option<String>,
    ecosystem: Option<String>,
    purl: Option<String>,
}

/// What a query is about.
struct Subject {
    ecosystem: String,
    name: String,
    version: Option<String>,
}

impl Query {
    /// The advisories that answer it; `None` if it asks for nothing.
    pub(super) fn answer(&self) -> Option<Vec<&'static Value>> {
        // No advisory here names commits.
        if self.commit.is_some() {
            return Some(Vec::new());
        }
        let subject = self.subject()?;
        let Subject {
            ecosystem,
            name,
            version,
        } = &subject;
        let fits = |advisory: &&Value| affects(advisory, ecosystem, name, version.as_deref());
        Some(ADVISORIES.iter().filter(fits).collect())
    }

    fn subject(&self) -> Option<Subject> {
        let Package {
            name,
            ecosystem,
            purl,
        } = &self.package;
        match (purl, name, ecosystem) {
            (Some(purl), None, None) => parse(purl, self.version.clone()),
            (None, Some(name), Some(ecosystem)) => Some(Subject {
                ecosystem: ecosystem.clone(),
                name: name.clone(),
                version: self.version.clone(),
            }),
            _ => None,
        }
    }
}

/// `pkg:TYPE/NAME@VERSION`, or `pkg:maven/GROUP/NAME@VERSION`. A version may be in the URL or beside
/// it, not both.
fn parse(purl: &str, version: Option<String>) -> Option<Subject> {
    let (kind, rest) = purl.strip_prefix("pkg:")?.split_once('/')?;
    let (_, ecosystem) = TYPES.iter().find(|(name, _)| *name == kind)?;
    let (name, inside) = match rest.rsplit_once('@') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (rest, None),
    };
    if inside.is_some() && version.is_some() {
        return None;
    }
    let name = match *ecosystem {
        "Maven" => name.replacen('/', ":", 1),
        _ => name.to_owned(),
    };
    Some(Subject {
        ecosystem: (*ecosystem).to_owned(),
        name,
        version: inside.or(version),
    })
}
