//! Paths that a profile gives to the server, `read` or `write`.

use super::Fault;
use crate::valid::{is_subdomain, mount_path};

/// A path given to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// Where it comes from.
    pub(crate) from: Place,
    /// Where the server finds it.
    pub(crate) path: String,
    /// Whether the server may change it.
    pub(crate) writable: bool,
}

/// Where a mount comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A path of the node.
    Node(String),
    /// A PersistentVolumeClaim in the server's namespace.
    Claim(String),
}

/// Reads both lists: `/path`, `/path/of/node:/path`, `volume://CLAIM:/path`.
pub(super) fn parse(read: &[String], write: &[String]) -> Result<Vec<Mount>, Fault> {
    let mut mounts: Vec<Mount> = Vec::new();
    for (list, entries, writable) in [("read", read, false), ("write", write, true)] {
        for (i, entry) in entries.iter().enumerate() {
            let place = format!("{list}[{i}]");
            let (from, path) =
                declaration(entry).map_err(|sentence| Fault::new(&place, sentence))?;
            if mounts.iter().any(|other| other.path == path) {
                return Err(Fault::new(
                    place,
                    format!("{path} is given twice; remove one of the two"),
                ));
            }
            mounts.push(Mount {
                from,
                path,
                writable,
            });
        }
    }
    Ok(mounts)
}

fn declaration(entry: &str) -> Result<(Place, String), String> {
    let wrong = || {
        format!(
            "`{entry}` is no mount; write it like /path, /path/of/node:/path or volume://CLAIM:/path"
        )
    };
    match entry.split_once("://") {
        Some(("volume", rest)) => {
            let (claim, path) = rest.split_once(':').ok_or_else(wrong)?;
            let path = mount_path(path).ok_or_else(wrong)?;
            if is_subdomain(claim) {
                Ok((Place::Claim(claim.to_owned()), path))
            } else {
                Err(wrong())
            }
        }
        Some((scheme, _)) => Err(format!(
            "`{entry}`: nothing can be mounted by {scheme}://; use a path of the node or volume://CLAIM:/path"
        )),
        None => {
            let (node, path) = entry.split_once(':').unwrap_or((entry, entry));
            let node = mount_path(node).ok_or_else(wrong)?;
            Ok((Place::Node(node), mount_path(path).ok_or_else(wrong)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_mount_is_understood() {
        let read = ["/etc/ssl/".to_owned(), "/srv/data:/data".to_owned()];
        let write = ["volume://claim:/work".to_owned()];
        let mounts = parse(&read, &write).unwrap();
        let node = |path: &str| Place::Node(path.to_owned());
        let claim = Place::Claim("claim".to_owned());
        let expected = [
            (node("/etc/ssl"), "/etc/ssl", false),
            (node("/srv/data"), "/data", false),
            (claim, "/work", true),
        ];
        assert_eq!(
            mounts,
            expected.map(|(from, path, writable)| Mount {
                from,
                path: path.to_owned(),
                writable
            })
        );
    }
}
