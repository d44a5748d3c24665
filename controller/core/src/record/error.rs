//! Why an event cannot be read back.

/// Why a type and its data are no [`Fact`](super::Fact).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No event of this version has that type.
    #[error(
        "this version knows no event of the type {kind}; read it with the version that wrote it"
    )]
    Type {
        /// The type.
        kind: String,
    },
    /// The data has not the shape that its type says.
    #[error("the data of an event of the type {kind} does not fit its schema in docs/events")]
    Data {
        /// The type.
        kind: String,
        /// Where it does not fit.
        #[source]
        source: serde_json::Error,
    },
    /// The data holds a word that this version does not know.
    #[error(
        "this version does not know the word {word:?} in an event of the type {kind}; read it with the version that wrote it"
    )]
    Word {
        /// The type.
        kind: String,
        /// The word.
        word: String,
    },
}
