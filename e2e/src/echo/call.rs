//! The parameters of `tools/call`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Parameters of `tools/call` as they came.
#[derive(Debug, Deserialize)]
pub(super) struct Call<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "_meta")]
    pub(super) meta: Option<Meta<'a>>,
}

/// The part of `_meta` that matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Meta<'a> {
    #[serde(borrow, default, rename = "progressToken")]
    pub(super) progress_token: Option<&'a RawValue>,
}

/// The argument of `echo`, not even unescaped: it goes back as it came.
#[derive(Debug, Deserialize)]
pub(super) struct EchoArguments<'a> {
    #[serde(borrow)]
    pub(super) text: &'a RawValue,
}

/// The arguments of every other tool; what a tool does not use stays at its default.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Arguments {
    pub(super) text: String,
    pub(super) ms: u64,
    pub(super) steps: u32,
    pub(super) code: u8,
    pub(super) kind: String,
    pub(super) level: String,
    pub(super) bytes: usize,
    pub(super) name: String,
    pub(super) lines: u32,
    pub(super) host: String,
    pub(super) port: u16,
}

impl Call<'_> {
    /// The arguments, or `None` if one has the wrong type.
    pub(super) fn arguments(&self) -> Option<Arguments> {
        self.arguments.map_or_else(
            || Some(Arguments::default()),
            |raw| serde_json::from_str(raw.get()).ok(),
        )
    }

    /// The client's progress token, as JSON.
    pub(super) fn progress_token(&self) -> Option<String> {
        self.meta
            .as_ref()?
            .progress_token
            .map(|token| token.get().to_owned())
    }
}
