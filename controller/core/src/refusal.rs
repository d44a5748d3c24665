//! Why a spec is not accepted.

use std::fmt;

use crate::reason::Reason;

/// Why a spec is not accepted, which field is at fault, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {sentence}")]
pub struct Refusal {
    /// The kind of fault.
    pub reason: RefusalReason,
    /// Path of the field, such as `spec.port`.
    pub field: String,
    /// One sentence that says what to change.
    pub sentence: String,
}

impl Refusal {
    /// A refusal of this field.
    pub fn new(
        reason: RefusalReason,
        field: impl Into<String>,
        sentence: impl Into<String>,
    ) -> Self {
        Self {
            reason,
            field: field.into(),
            sentence: sentence.into(),
        }
    }

    /// Reads back what its `Display` wrote.
    pub fn parse(reason: &str, message: &str) -> Option<Self> {
        let (field, sentence) = message.split_once(": ")?;
        Some(Self::new(RefusalReason::parse(reason)?, field, sentence))
    }
}

/// The kinds of fault in a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalReason {
    /// The field does not work in this version.
    NotSupportedYet,
    /// The server's name does not fit.
    InvalidName,
    /// The image's name cannot be one.
    InvalidImage,
    /// The transport is unknown.
    InvalidTransport,
    /// A port is out of range, taken, or given twice.
    InvalidPort,
    /// An environment variable is wrong.
    InvalidEnv,
    /// Resources are wrong.
    InvalidResources,
    /// The permission profile is not one.
    InvalidProfile,
    /// The ConfigMap of the permission profile, or its key, does not exist.
    ProfileNotFound,
    /// A reference to a Secret is wrong.
    InvalidSecret,
    /// A volume is wrong.
    InvalidVolume,
    /// The pod template cannot be merged.
    InvalidPodTemplate,
    /// A value is none of those allowed.
    InvalidValue,
}

impl RefusalReason {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::NotSupportedYet,
        Self::InvalidName,
        Self::InvalidImage,
        Self::InvalidTransport,
        Self::InvalidPort,
        Self::InvalidEnv,
        Self::InvalidResources,
        Self::InvalidProfile,
        Self::ProfileNotFound,
        Self::InvalidSecret,
        Self::InvalidVolume,
        Self::InvalidPodTemplate,
        Self::InvalidValue,
    ];

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| Reason::from(*kind).as_str() == word)
    }
}

impl From<RefusalReason> for Reason {
    fn from(reason: RefusalReason) -> Self {
        match reason {
            RefusalReason::NotSupportedYet => Self::NotSupportedYet,
            RefusalReason::InvalidName => Self::InvalidName,
            RefusalReason::InvalidImage => Self::InvalidImage,
            RefusalReason::InvalidTransport => Self::InvalidTransport,
            RefusalReason::InvalidPort => Self::InvalidPort,
            RefusalReason::InvalidEnv => Self::InvalidEnv,
            RefusalReason::InvalidResources => Self::InvalidResources,
            RefusalReason::InvalidProfile => Self::InvalidProfile,
            RefusalReason::ProfileNotFound => Self::ProfileNotFound,
            RefusalReason::InvalidSecret => Self::InvalidSecret,
            RefusalReason::InvalidVolume => Self::InvalidVolume,
            RefusalReason::InvalidPodTemplate => Self::InvalidPodTemplate,
            RefusalReason::InvalidValue => Self::InvalidValue,
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Reason::from(*self).fmt(f)
    }
}
