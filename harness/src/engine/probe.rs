//! Is there an engine, and is it new enough?

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::command::CommandError;
use crate::docker::docker;
use crate::place::Place;

/// The oldest API that works: testcontainers 0.28 asks for 1.44 (Docker 25).
pub const OLDEST_API: Api = Api {
    major: 1,
    minor: 44,
};

/// An engine that takes longer than this for its version hangs.
const PROBE_BOUND: Duration = Duration::from_secs(10);

/// A version of Docker's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Api {
    /// Before the dot.
    pub major: u32,
    /// After the dot.
    pub minor: u32,
}

impl Api {
    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self {
            major: major.parse().ok()?,
            minor: minor.parse().ok()?,
        })
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Engine {
    /// The engine told its version.
    Answers {
        /// Its own version.
        version: String,
        /// The newest API that it speaks.
        api: Api,
    },
    /// The client found no engine, or one that hangs.
    Silent,
    /// There is not even a client.
    NoClient,
}

pub(super) async fn engine(place: &Place) -> Result<Engine, CommandError> {
    let query = docker(place, ["version", "--format", "{{json .}}"]).bound(PROBE_BOUND);
    match query.output().await {
        Ok(output) => Ok(parse(&output.stdout)),
        Err(CommandError::TimedOut { .. }) => Ok(Engine::Silent),
        Err(CommandError::Missing { .. }) => Ok(Engine::NoClient),
        Err(error) => Err(error),
    }
}

/// Reads `docker version --format '{{json .}}'`; `Server` is null when no engine answered.
fn parse(json: &str) -> Engine {
    let server = serde_json::from_str::<Value>(json).unwrap_or_default();
    let server = &server["Server"];
    let api = server["ApiVersion"].as_str().and_then(Api::parse);
    match (server["Version"].as_str(), api) {
        (Some(version), Some(api)) => Engine::Answers {
            version: version.to_owned(),
            api,
        },
        _ => Engine::Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_answers_tells_version_and_api() {
        let json = r#"{"Client":{"Version":"28.2.2"},"Server":{"Version":"28.5.2+dfsg4","ApiVersion":"1.51"}}"#;
        let api = Api {
            major: 1,
            minor: 51,
        };
        let version = "28.5.2+dfsg4".to_owned();
        assert_eq!(parse(json), Engine::Answers { version, api });
    }

    #[test]
    fn a_client_without_an_engine_and_rubbish_are_silence() {
        assert_eq!(
            parse(r#"{"Client":{"Version":"28.2.2"},"Server":null}"#),
            Engine::Silent
        );
        assert_eq!(parse(""), Engine::Silent);
    }

    #[test]
    fn api_versions_compare_as_numbers() {
        let old = Api::parse("1.9").expect("a version");
        assert!(old < OLDEST_API && OLDEST_API <= Api::parse("1.44").expect("a version"));
        assert_eq!(Api::parse("1"), None);
    }
}
