//! The doors, by name.

use hivewright_api::names;

/// One path on which clients knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Streamable HTTP.
    Mcp,
    /// The stream of an HTTP+SSE client.
    Sse,
    /// Where an HTTP+SSE client posts.
    Messages,
    /// Any other path.
    Unknown,
}

impl Door {
    /// Every door, in the order of the enum.
    pub const ALL: [Self; 4] = [Self::Mcp, Self::Sse, Self::Messages, Self::Unknown];

    /// The metric label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::Sse => "sse",
            Self::Messages => "messages",
            Self::Unknown => "unknown",
        }
    }

    /// The route, as traces name it; `*` for any other path.
    pub const fn route(self) -> &'static str {
        match self {
            Self::Mcp => names::PATH_MCP,
            Self::Sse => names::PATH_SSE,
            Self::Messages => names::PATH_MESSAGES,
            Self::Unknown => "*",
        }
    }

    /// The door with this path.
    pub fn at(path: &str) -> Self {
        match path {
            names::PATH_MCP => Self::Mcp,
            names::PATH_SSE => Self::Sse,
            names::PATH_MESSAGES => Self::Messages,
            _ => Self::Unknown,
        }
    }

    /// The methods that it takes, as an `Allow` header lists them.
    pub const fn allow(self) -> &'static str {
        match self {
            Self::Mcp => "GET, POST, DELETE",
            Self::Sse => "GET",
            Self::Messages => "POST",
            Self::Unknown => "",
        }
    }
}
