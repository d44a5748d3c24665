//! Who asks, and what a request names, as far as the audit log wants to know.

use std::{borrow::Cow, fmt::Write as _, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hivewright_api::audit::{Caller, Client, MAX_DATA, MAX_NAME};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::Settings;

/// Hexadecimal digits of a digest of credentials: enough to tell the users of one server apart.
const DIGITS: usize = 16;

/// A client program, as it introduced itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
}

/// Who sent a request.
#[derive(Clone, Debug, Default)]
pub struct Who {
    subject: Option<String>,
    issuer: Option<String>,
    digest: Option<String>,
    request_id: String,
    /// The program, if this request introduces it.
    pub program: Option<Arc<Program>>,
    /// The prompt that it names.
    pub(super) name: Option<String>,
    /// The resource that it names.
    pub(super) uri: Option<String>,
    /// Its parameters, if they are wanted, and whether they were longer than that.
    pub(super) params: Option<(String, bool)>,
    wants_params: bool,
    /// Whether answers are wanted.
    pub(crate) wants_answers: bool,
}

/// What a JSON Web Token claims (RFC 7519, section 4.1).
#[derive(Default, Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    sub: Option<Cow<'a, str>>,
    #[serde(borrow)]
    iss: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    uri: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "clientInfo")]
    introduced: Option<Info<'a>>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
}

#[derive(Default, Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/clientInfo")]
    introduced: Option<Info<'a>>,
}

#[derive(Deserialize)]
struct Info<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
}

impl Who {
    /// What headers say.
    pub fn new(settings: &Settings, headers: &HeaderMap, request_id: &HeaderValue) -> Self {
        let credentials = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let payload = credentials.and_then(payload);
        let claims = payload
            .as_deref()
            .and_then(|text| serde_json::from_slice(text).ok());
        let claims: Claims<'_> = claims.unwrap_or_default();
        Self {
            subject: claims.sub.map(cut),
            issuer: claims.iss.map(cut),
            digest: credentials.map(|credentials| digest(&settings.subject(), credentials)),
            request_id: request_id.to_str().unwrap_or_default().to_owned(),
            wants_params: settings.data.request_data,
            wants_answers: settings.data.response_data,
            ..Self::default()
        }
    }

    /// With what the body of one request says.
    #[must_use]
    pub fn with_body(&self, body: &[u8]) -> Self {
        let mut who = self.clone();
        let text = serde_json::from_slice::<Body<'_>>(body).ok();
        let Some(text) = text.and_then(|body| body.params).map(RawValue::get) else {
            return who;
        };
        let params: Params<'_> = serde_json::from_str(text).unwrap_or_default();
        who.name = params.name.map(cut);
        who.uri = params.uri.map(cut);
        let met = params.meta.unwrap_or_default().introduced;
        who.program = params.introduced.or(met).map(|info| {
            Arc::new(Program {
                name: cut(info.name),
                version: info.version.map(cut),
            })
        });
        who.params = self.wants_params.then(|| cut_data(text));
        who
    }

    /// As the log says it.
    pub(super) fn caller(&self, session: Option<String>, program: Option<&Program>) -> Caller {
        let program = self.program.as_deref().or(program);
        Caller {
            claimed_subject: self.subject.clone(),
            claimed_issuer: self.issuer.clone(),
            credentials_digest: self.digest.clone(),
            session,
            client: program.map(|program| Client {
                name: program.name.clone(),
                version: program.version.clone(),
            }),
            request_id: Some(self.request_id.clone()).filter(|id| !id.is_empty()),
        }
    }

    /// Bytes that it keeps of the request.
    pub(super) fn kept(&self) -> usize {
        self.params.as_ref().map_or(0, |(text, _)| text.len())
    }
}

/// The payload of a JSON Web Token after `Bearer`.
fn payload(credentials: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(credentials).ok()?;
    let (scheme, token) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let mut parts = token.trim().split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    URL_SAFE_NO_PAD.decode(payload).ok()
}

/// Another server's log has another digest for the same credentials.
fn digest(subject: &str, credentials: &[u8]) -> String {
    let mut digest = Sha256::new();
    digest.update(subject.as_bytes());
    digest.update([0]);
    digest.update(credentials);
    let whole = digest.finalize();
    let mut digits = String::with_capacity(DIGITS);
    for byte in whole.iter().take(DIGITS / 2) {
        // Writing to a String does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

fn cut(text: Cow<'_, str>) -> String {
    let mut text = text.into_owned();
    text.truncate(text.floor_char_boundary(MAX_NAME));
    text
}

/// The text as far as an event holds it, and whether it was longer.
pub(super) fn cut_data(text: &str) -> (String, bool) {
    let end = text.floor_char_boundary(MAX_DATA);
    (text[..end].to_owned(), end < text.len())
}

#[cfg(test)]
mod tests;
