//! The few parameters and results that the bridge itself reads.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Raw;

/// A value of the parameters that the bridge reads is there twice, so that bridge and server could
/// take different ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key that the bridge reads occurs twice")]
pub struct DuplicateKey;

/// Values of `params`, each where the method has it; `null` counts as missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params<'a> {
    /// `_meta.progressToken` of a request.
    pub meta_token: Option<Raw<'a>>,
    /// `progressToken` of `notifications/progress`.
    pub token: Option<Raw<'a>>,
    /// `requestId` of `notifications/cancelled`.
    pub request_id: Option<Raw<'a>>,
    /// `name` of `tools/call`.
    pub name: Option<Raw<'a>>,
    /// `uri` of the resource methods.
    pub uri: Option<Raw<'a>>,
    /// `level` of `logging/setLevel` and `notifications/message`.
    pub level: Option<Raw<'a>>,
    /// `protocolVersion` of `initialize`.
    pub protocol_version: Option<Raw<'a>>,
    /// `capabilities` of `initialize`.
    pub capabilities: Option<Raw<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys<'a> {
    #[serde(borrow, rename = "_meta")]
    meta: Option<&'a RawValue>,
    #[serde(borrow)]
    progress_token: Option<&'a RawValue>,
    #[serde(borrow)]
    request_id: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    uri: Option<&'a RawValue>,
    #[serde(borrow)]
    level: Option<&'a RawValue>,
    #[serde(borrow)]
    protocol_version: Option<&'a RawValue>,
    #[serde(borrow)]
    capabilities: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta<'a> {
    #[serde(borrow)]
    progress_token: Option<&'a RawValue>,
}

impl<'a> Params<'a> {
    /// Reads them. Parameters that are no object have none of these values.
    ///
    /// # Errors
    /// If one of these keys occurs twice.
    pub fn peek(params: Option<Raw<'a>>) -> Result<Self, DuplicateKey> {
        let Some(params) = params.filter(|params| params.is_object()) else {
            return Ok(Self::default());
        };
        let keys: Keys<'a> = serde_json::from_str(params.text).map_err(|_| DuplicateKey)?;
        let at = |value: &'a RawValue| params.inner(value);
        Ok(Self {
            meta_token: meta_token(keys.meta.map(at))?,
            token: keys.progress_token.map(at),
            request_id: keys.request_id.map(at),
            name: keys.name.map(at),
            uri: keys.uri.map(at),
            level: keys.level.map(at),
            protocol_version: keys.protocol_version.map(at),
            capabilities: keys.capabilities.map(at),
        })
    }
}

fn meta_token(meta: Option<Raw<'_>>) -> Result<Option<Raw<'_>>, DuplicateKey> {
    let Some(meta) = meta.filter(|meta| meta.is_object()) else {
        return Ok(None);
    };
    let keys: Meta<'_> = serde_json::from_str(meta.text).map_err(|_| DuplicateKey)?;
    Ok(keys.progress_token.map(|token| meta.inner(token)))
}

/// What a client can be asked (MCP, Lifecycle, Capability Negotiation).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// `sampling/createMessage`.
    pub sampling: bool,
    /// `elicitation/create`.
    pub elicitation: bool,
    /// `roots/list`.
    pub roots: bool,
}

#[derive(Deserialize)]
struct Declared<'a> {
    #[serde(borrow)]
    sampling: Option<&'a RawValue>,
    #[serde(borrow)]
    elicitation: Option<&'a RawValue>,
    #[serde(borrow)]
    roots: Option<&'a RawValue>,
}

impl Capabilities {
    /// Whether all of these are among the others.
    pub const fn within(self, others: Self) -> bool {
        (!self.sampling || others.sampling)
            && (!self.elicitation || others.elicitation)
            && (!self.roots || others.roots)
    }

    /// Those that `capabilities` of `initialize` declares; none if it cannot be read.
    pub fn peek(declared: Option<Raw<'_>>) -> Self {
        let text = declared
            .filter(|raw| raw.is_object())
            .map_or("{}", |raw| raw.text);
        serde_json::from_str::<Declared<'_>>(text).map_or_else(
            |_| Self::default(),
            |declared| Self {
                sampling: declared.sampling.is_some(),
                elicitation: declared.elicitation.is_some(),
                roots: declared.roots.is_some(),
            },
        )
    }
}

/// The result of `initialize`, as far as the bridge reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitializeResult<'a> {
    /// `protocolVersion`, a string; its place is relative to the result.
    pub protocol_version: Raw<'a>,
    /// `serverInfo.name`.
    pub name: Option<Raw<'a>>,
    /// `serverInfo.version`.
    pub version: Option<Raw<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultKeys<'a> {
    #[serde(borrow)]
    protocol_version: Option<&'a RawValue>,
    #[serde(borrow)]
    capabilities: Option<&'a RawValue>,
    #[serde(borrow)]
    server_info: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct ServerInfo<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    version: Option<&'a RawValue>,
}

impl<'a> InitializeResult<'a> {
    /// Reads it; none if it is not what an MCP server answers: an object with `protocolVersion`, a
    /// string, and `capabilities`, an object.
    pub fn peek(result: &'a str) -> Option<Self> {
        let whole = Raw::whole(result);
        if !whole.is_object() {
            return None;
        }
        let keys: ResultKeys<'a> = serde_json::from_str(result).ok()?;
        let protocol_version = whole.inner(keys.protocol_version?);
        protocol_version.string()?;
        whole.inner(keys.capabilities?).is_object().then_some(())?;
        let info = keys
            .server_info
            .map(|info| whole.inner(info))
            .filter(|info| info.is_object());
        let info = info.map(|info| serde_json::from_str::<ServerInfo<'a>>(info.text));
        let info = info.and_then(Result::ok).unwrap_or_default();
        Some(Self {
            protocol_version,
            name: info.name.map(|name| whole.inner(name)),
            version: info.version.map(|version| whole.inner(version)),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult {
    #[serde(default)]
    is_error: bool,
}

/// Whether a result of `tools/call` says `isError: true`. Results can be large, and most servers
/// write the flag always, so the result is read as a whole only if the text can say so.
pub fn is_tool_error(result: Raw<'_>) -> bool {
    let text = result.bytes();
    let mut flags = memchr::memmem::find_iter(text, FLAG);
    flags.any(|at| is_set(&text[at + FLAG.len()..]))
        && result.is_object()
        && serde_json::from_str::<ToolResult>(result.text).is_ok_and(|result| result.is_error)
}

const FLAG: &[u8] = b"\"isError\"";

/// Whether what follows a key is `: true`.
fn is_set(after: &[u8]) -> bool {
    let value = after.trim_ascii_start().strip_prefix(b":");
    value.is_some_and(|value| value.trim_ascii_start().starts_with(b"true"))
}
