//! What is asked, read from the words after `?`.

use axum::extract::Query as Words;
use axum::http::Uri;
use jiff::Timestamp;
use serde::Deserialize;

use super::Refusal;
use crate::auth::Ask;
use crate::journal::read::MAX_ENTRIES;
use crate::journal::{About, Query};
use crate::key::Key;

/// The words of every endpoint; what one does not know it refuses, so that a misspelt bound is not
/// taken for none.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    subject: Option<String>,
    namespace: Option<String>,
    after: Option<u64>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    at: Option<Timestamp>,
    limit: Option<usize>,
    newest: Option<bool>,
    follow: Option<bool>,
}

/// What `/events` is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Events {
    pub(super) query: Query,
    pub(super) follow: bool,
}

/// What `/state` is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) about: About,
    pub(super) at: Option<Timestamp>,
}

impl Events {
    pub(super) fn read(uri: &Uri) -> Result<Self, Refusal> {
        let asked = words(uri)?;
        none("at", asked.at.is_some(), "since or until")?;
        let limit = asked.limit.unwrap_or(MAX_ENTRIES);
        if limit == 0 || limit > MAX_ENTRIES {
            return Err(Refusal::Limit { limit });
        }
        Ok(Self {
            query: Query {
                about: about(asked.subject.as_deref(), asked.namespace)?,
                after: asked.after,
                since: asked.since,
                until: asked.until,
                newest: asked.newest.unwrap_or_default(),
                limit,
                ..Query::default()
            },
            follow: asked.follow.unwrap_or_default(),
        })
    }

    /// The right that this needs.
    pub(super) fn ask(&self) -> Ask {
        let ask = right(&self.query.about);
        if self.follow { ask.followed() } else { ask }
    }
}

impl At {
    pub(super) fn read(uri: &Uri) -> Result<Self, Refusal> {
        let asked = words(uri)?;
        only_time(&asked)?;
        Ok(Self {
            about: about(asked.subject.as_deref(), asked.namespace)?,
            at: asked.at,
        })
    }

    /// The right that this needs.
    pub(super) fn ask(&self) -> Ask {
        right(&self.about)
    }
}

/// The server that `/why` is asked about, and the right that this needs.
pub(super) fn server(uri: &Uri) -> Result<(Key, Ask), Refusal> {
    let asked = words(uri)?;
    only_time(&asked)?;
    none("at", asked.at.is_some(), "/state")?;
    match about(asked.subject.as_deref(), asked.namespace)? {
        About::Server(server) => {
            let ask = Ask::get(&server.namespace, &server.name);
            Ok((server, ask))
        }
        About::All | About::Namespace(_) => Err(Refusal::NoSubject),
    }
}

fn words(uri: &Uri) -> Result<Asked, Refusal> {
    let words = Words::<Asked>::try_from_uri(uri);
    words
        .map(|Words(asked)| asked)
        .map_err(|refusal| Refusal::Words(refusal.body_text()))
}

fn only_time(asked: &Asked) -> Result<(), Refusal> {
    none("after", asked.after.is_some(), "/events")?;
    none("since", asked.since.is_some(), "/events")?;
    none("until", asked.until.is_some(), "/events")?;
    none("limit", asked.limit.is_some(), "/events")?;
    none("newest", asked.newest.is_some(), "/events")?;
    none("follow", asked.follow.is_some(), "/events")
}

const fn none(word: &'static str, given: bool, instead: &'static str) -> Result<(), Refusal> {
    if given {
        Err(Refusal::Elsewhere { word, instead })
    } else {
        Ok(())
    }
}

fn about(subject: Option<&str>, namespace: Option<String>) -> Result<About, Refusal> {
    match (subject, namespace) {
        (None, None) => Ok(About::All),
        (None, Some(namespace)) => Ok(About::Namespace(namespace)),
        (Some(subject), None) => Ok(About::Server(key(subject)?)),
        (Some(_), Some(_)) => Err(Refusal::Both),
    }
}

fn key(subject: &str) -> Result<Key, Refusal> {
    match subject.split_once('/') {
        Some((namespace, name))
            if !namespace.is_empty() && !name.is_empty() && !name.contains('/') =>
        {
            Ok(Key::new(namespace, name))
        }
        Some(_) | None => Err(Refusal::Subject),
    }
}

fn right(about: &About) -> Ask {
    match about {
        About::All => Ask::list(None),
        About::Namespace(namespace) => Ask::list(Some(namespace)),
        About::Server(server) => Ask::get(&server.namespace, &server.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(words: &str) -> Result<Events, Refusal> {
        Events::read(&format!("/events?{words}").parse().unwrap())
    }

    #[test]
    fn a_question_needs_the_right_to_what_it_is_about() {
        let right = |words: &str| events(words).unwrap().ask();
        assert_eq!(right(""), Ask::list(None));
        assert_eq!(right("namespace=team"), Ask::list(Some("team")));
        assert_eq!(right("subject=team/osv"), Ask::get("team", "osv"));
        let followed = Ask::get("team", "osv").followed();
        assert_eq!(right("subject=team%2Fosv&follow=true"), followed);
    }

    #[test]
    fn bounds_are_read() {
        let asked = events("after=7&since=2026-11-23T12:00:00Z&limit=5&newest=true").unwrap();
        assert_eq!((asked.query.after, asked.query.limit), (Some(7), 5));
        assert!(asked.query.since.is_some() && asked.query.newest && !asked.follow);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_and_named() {
        for (words, named) in [
            ("sicne=2026-11-23T12:00:00Z", "sicne"),
            ("since=yesterday", "since"),
            ("limit=0", "0"),
            ("limit=1001", "1001"),
            ("subject=osv", "NAMESPACE/NAME"),
            ("subject=a/b/c", "NAMESPACE/NAME"),
            ("subject=a/b&namespace=a", "namespace"),
            ("at=2026-11-23T12:00:00Z", "at"),
        ] {
            let refusal = events(words).unwrap_err().to_string();
            assert!(refusal.contains(named), "{words}: {refusal}");
        }
        let why = |words: &str| server(&format!("/why?{words}").parse().unwrap());
        assert!(
            why("").is_err() && why("namespace=a").is_err() && why("subject=a/b&limit=1").is_err()
        );
        assert_eq!(why("subject=a/b").unwrap().0, Key::new("a", "b"));
    }
}
