//! The suite of HTTP+SSE, revision 2024-11-05 (its `basic/transports` page, and what the SDKs of
//! that time rely on): every claim by the SDKs of two languages, before servers of two languages.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use serde::Deserialize;

use super::bridge::Bridge;
use super::clients::everything;
use super::programs::Programs;
use super::story::{self, OK};
use super::table::Row;

/// What is claimed, with the name that the scripts tell it by.
static CLAIMS: [(&str, &str); 28] = [
    (
        "endpoint-first",
        "a GET is an event stream whose first event is `endpoint`",
    ),
    (
        "endpoint-relative",
        "its URI is relative, so that it holds behind any name",
    ),
    (
        "accepted-202",
        "a POST is accepted with 202; the answer comes by the stream",
    ),
    ("revision", "a client that asks for 2024-11-05 gets it"),
    (
        "own-answers",
        "two sessions that use the same id get their own answers only",
    ),
    (
        "sdk-sessions",
        "two clients of the SDK calling at once get their own answers",
    ),
    (
        "unknown-session",
        "a POST to a session that is not there is a 404",
    ),
    ("no-session", "a POST that names no session is refused"),
    (
        "notification",
        "a notification is accepted and not answered",
    ),
    ("ping", "a client's ping is answered"),
    (
        "server-ping",
        "a server's ping is answered (the server of Python only: the other sends none)",
    ),
    (
        "sampling",
        "a server's request for a sample reaches the client, and its answer the server",
    ),
    ("elicitation", "a server's question to the user too"),
    ("roots", "a server's request for the roots too"),
    (
        "progress",
        "progress comes in order, before the answer, under the client's token",
    ),
    ("logging", "log messages come by the stream"),
    ("ends-with-stream", "the session ends with its stream"),
    (
        "fresh-session",
        "the next stream is another session, not initialized",
    ),
    (
        "discover-refused",
        "a probe for the stateless era gets a JSON-RPC error by the stream",
    ),
    ("large-message", "2 MiB cross both ways"),
    (
        "concurrent",
        "100 calls at once in one session get their own answers",
    ),
    ("many-sessions", "25 sessions at once get their own answers"),
    ("origin", "a foreign Origin is a 403, a local one is served"),
    ("host", "a foreign Host is refused"),
    (
        "utf8",
        "control characters, U+2028, U+10FFFF and what looks like SSE cross unchanged",
    ),
    (
        "cancel",
        "a cancelled call is not answered, and the session goes on",
    ),
    (
        "bad-json",
        "what is no JSON is a 400 with -32700, and the session goes on",
    ),
    // The fallback of clients that speak both transports rests on it.
    ("fallback", "a POST to the stream's path is a 4xx"),
];

/// The only claim that not every server can be asked for.
const PYTHON_ONLY: &str = "server-ping";

/// Who speaks for the client's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sdk {
    TypeScript,
    Python,
}

/// What is behind the bridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peer {
    /// The everything server from npm.
    Everything,
    /// A server of ours on the Python SDK.
    Python,
}

/// One SDK before one server.
#[derive(Debug)]
pub(super) struct Suite {
    sdk: Sdk,
    peer: Peer,
}

/// What a script tells.
#[derive(Debug, Deserialize)]
struct Told {
    claims: BTreeMap<String, String>,
}

/// Both SDKs before both servers.
pub(super) fn suites() -> impl Iterator<Item = Suite> {
    let peers = [Peer::Everything, Peer::Python];
    [Sdk::TypeScript, Sdk::Python]
        .into_iter()
        .flat_map(move |sdk| peers.map(|peer| Suite { sdk, peer }))
}

impl Suite {
    /// For logs and choosing.
    pub(super) fn name(&self) -> String {
        let sdk = match self.sdk {
            Sdk::TypeScript => "TypeScript SDK",
            Sdk::Python => "Python SDK",
        };
        format!("sse: {sdk}, {} server", self.word())
    }

    fn word(&self) -> &'static str {
        match self.peer {
            Peer::Everything => "everything",
            Peer::Python => "python",
        }
    }

    /// Every claim, a row each.
    pub(super) async fn run(self, programs: Programs) -> Vec<Row> {
        match self.told(&programs).await {
            Ok(told) => self.rows(told),
            Err(sentence) => vec![Row::fine(self.name(), "", "").but(vec![sentence])],
        }
    }

    fn rows(&self, mut told: Told) -> Vec<Row> {
        let mut rows = Vec::new();
        for (claim, sentence) in &CLAIMS {
            let differences = match told.claims.remove(*claim).as_deref() {
                Some(OK) => Vec::new(),
                None if *claim == PYTHON_ONLY && self.peer == Peer::Everything => continue,
                None => vec!["not tried".to_owned()],
                Some(outcome) => vec![outcome.to_owned()],
            };
            rows.push(Row::fine(self.name(), *claim, *sentence).but(differences));
        }
        let unknown = told.claims.into_keys();
        rows.extend(unknown.map(|claim| {
            let told = vec!["the table of claims does not hold it".to_owned()];
            Row::fine(self.name(), claim, "").but(told)
        }));
        rows
    }

    async fn told(&self, programs: &Programs) -> Result<Told, String> {
        let server: Vec<OsString> = match self.peer {
            Peer::Everything => everything(programs),
            Peer::Python => vec![
                programs.python_v1.clone().into(),
                programs.python_script("sse_server.py").into(),
            ],
        };
        let bridge = Bridge::start(programs, &self.name(), &server, None).await;
        let bridge = bridge.map_err(|error| error.to_string())?;
        let (program, script) = self.program(programs);
        let base = bridge.base();
        let args = [
            script.as_os_str(),
            OsStr::new(&base),
            OsStr::new(self.word()),
        ];
        let told = story::told(&program, &args).await?;
        bridge.end().await.map_err(|error| error.to_string())?;
        Ok(told)
    }

    fn program(&self, programs: &Programs) -> (PathBuf, PathBuf) {
        match self.sdk {
            Sdk::TypeScript => (programs.node.clone(), programs.node_script("sse_suite.mjs")),
            Sdk::Python => (
                programs.python_v1.clone(),
                programs.python_script("sse_suite.py"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(claims: &[(&str, &str)]) -> Told {
        let claims = claims
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        Told {
            claims: claims.collect(),
        }
    }

    fn suite(peer: Peer) -> Suite {
        Suite {
            sdk: Sdk::Python,
            peer,
        }
    }

    #[test]
    fn a_claim_that_is_not_told_fails_but_for_the_one_that_a_server_lacks() {
        let unexpected = |peer| {
            let rows = suite(peer).rows(told(&[("ping", OK)]));
            rows.iter().filter(|row| row.unexpected()).count()
        };
        assert_eq!(unexpected(Peer::Python), CLAIMS.len() - 1);
        assert_eq!(unexpected(Peer::Everything), CLAIMS.len() - 2);
    }

    #[test]
    fn a_claim_that_only_a_script_knows_fails() {
        let all: Vec<(&str, &str)> = CLAIMS.iter().map(|(claim, _)| (*claim, OK)).collect();
        let rows = suite(Peer::Python).rows(told(&all));
        assert!(rows.iter().all(|row| !row.unexpected()));
        let more = [all, vec![("new", OK)]].concat();
        let rows = suite(Peer::Python).rows(told(&more));
        assert_eq!(rows.iter().filter(|row| row.unexpected()).count(), 1);
    }
}
