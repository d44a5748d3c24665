//! What a server answers to `server/discover` (MCP 2026-07-28, Discovery).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Raw;
use crate::protocol::{Era, Revision};

/// The result of `server/discover`, as far as the bridge reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiscoverResult<'a> {
    /// What of the versions that it lists is spoken here.
    pub spoken: Spoken,
    /// `capabilities`, an object.
    pub capabilities: Raw<'a>,
    /// `serverInfo` of `_meta`, if it is an object.
    pub server_info: Option<Raw<'a>>,
    /// `instructions`, if it is a string.
    pub instructions: Option<Raw<'a>>,
}

/// What two sides that list their versions can speak with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// A revision of this era; the modern one if there are both.
    Era(Era),
    /// None.
    Nothing,
}

impl Spoken {
    /// What a list of versions has in common with ours.
    pub fn of(versions: &[String]) -> Self {
        let known = || versions.iter().filter_map(|name| Revision::parse(name));
        known()
            .map(Revision::era)
            .find(|era| *era == Era::Modern)
            .or_else(|| known().map(Revision::era).next())
            .map_or(Self::Nothing, Self::Era)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys<'a> {
    supported_versions: Vec<String>,
    #[serde(borrow)]
    capabilities: &'a RawValue,
    #[serde(borrow)]
    instructions: Option<&'a RawValue>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/serverInfo")]
    server_info: Option<&'a RawValue>,
}

impl<'a> DiscoverResult<'a> {
    /// Reads it; none if it is not what an MCP server answers.
    pub fn peek(result: &'a str) -> Option<Self> {
        let whole = Raw::whole(result);
        if !whole.is_object() {
            return None;
        }
        let keys: Keys<'a> = serde_json::from_str(result).ok()?;
        let capabilities = whole.inner(keys.capabilities);
        let meta = keys.meta.map(|meta| whole.inner(meta));
        let meta = meta.filter(|meta| meta.is_object());
        let meta = meta.and_then(|meta| serde_json::from_str::<Meta<'a>>(meta.text).ok());
        let server_info = meta.and_then(|meta| meta.server_info);
        let server_info = server_info.map(|info| whole.inner(info));
        let instructions = keys.instructions.map(|text| whole.inner(text));
        capabilities.is_object().then_some(Self {
            spoken: Spoken::of(&keys.supported_versions),
            capabilities,
            server_info: server_info.filter(|info| info.is_object()),
            instructions: instructions.filter(|text| text.string().is_some()),
        })
    }
}

/// The code of an error that says that a version is not supported (MCP 2026-07-28, Versioning).
const UNSUPPORTED_VERSION: i64 = -32022;

#[derive(Deserialize)]
struct Unsupported {
    code: i64,
    data: Versions,
}

#[derive(Deserialize)]
struct Versions {
    supported: Vec<String>,
}

/// What can be spoken with a server that refused a version by naming those that it supports; none if
/// the error is another one.
pub fn refused_version(error: Raw<'_>) -> Option<Spoken> {
    let refused: Unsupported = serde_json::from_str(error.text).ok()?;
    (refused.code == UNSUPPORTED_VERSION).then(|| Spoken::of(&refused.data.supported))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(&["2026-07-28"], Spoken::Era(Era::Modern))]
    #[case(&["2025-06-18", "2026-07-28"], Spoken::Era(Era::Modern))]
    #[case(&["2027-01-01", "2025-06-18"], Spoken::Era(Era::Legacy))]
    #[case(&["2027-01-01"], Spoken::Nothing)]
    #[case(&[], Spoken::Nothing)]
    fn a_modern_revision_is_preferred(#[case] versions: &[&str], #[case] expected: Spoken) {
        let versions: Vec<String> = versions.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(Spoken::of(&versions), expected);
    }

    #[test]
    fn the_server_says_who_it_is_in_meta() {
        let text = r#"{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"instructions":"\u00e9","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"x"}}}"#;
        let found = DiscoverResult::peek(text).unwrap();
        assert_eq!(found.capabilities.text, r#"{"tools":{}}"#);
        assert_eq!(found.instructions.unwrap().text, r#""\u00e9""#);
        assert_eq!(found.server_info.unwrap().text, r#"{"name":"x"}"#);
    }

    #[rstest::rstest]
    #[case(r#"{"capabilities":{}}"#)]
    #[case(r#"{"supportedVersions":["2026-07-28"],"capabilities":1}"#)]
    #[case(r#"[["2026-07-28"],{}]"#)]
    fn what_no_server_of_this_revision_says_is_no_result(#[case] text: &str) {
        assert_eq!(DiscoverResult::peek(text), None);
    }

    #[test]
    fn only_an_error_that_lists_versions_tells_them() {
        let read = |text: &str| refused_version(Raw::whole(text));
        let listed = r#"{"code":-32022,"message":"","data":{"supported":["2025-11-25"]}}"#;
        assert_eq!(read(listed), Some(Spoken::Era(Era::Legacy)));
        assert_eq!(read(&listed.replace("-32022", "-32602")), None);
        assert_eq!(read(r#"{"code":-32022,"message":"no"}"#), None);
    }
}
