//! What a JSON-RPC message can lack.

/// What is wrong with a JSON value that should have been a JSON-RPC 2.0 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not an object.
    #[error("a message is a JSON object")]
    NotAnObject,
    /// `jsonrpc` is missing or other than "2.0".
    #[error("jsonrpc must be \"2.0\"")]
    Version,
    /// One of the envelope's keys occurs twice, so that two readers could disagree about it.
    #[error("a key of the envelope occurs twice")]
    DuplicateKey,
    /// `id` is null, or neither string nor number, or too long.
    #[error("id must be a string or a number of at most 1024 bytes")]
    Id,
    /// `method` is not a string.
    #[error("method must be a string")]
    Method,
    /// Neither a request nor a notification nor a response.
    #[error("a message has a method, or an id with either result or error")]
    Shape,
}
