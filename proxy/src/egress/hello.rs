//! Which host a TLS handshake asks for: the `server_name` of a ClientHello. Pure.
//!
//! ```text
//!  record: 22, version, length ── fragment ──┐ joined
//!  record: 22, version, length ── fragment ──┴──> handshake: 1, length ── ClientHello
//!     version, random, session id, cipher suites, compression, extensions ── 0: server_name
//! ```
//!
//! Formats: RFC 8446, 4.1.2 and 5.1 (TLS 1.2 and older have the same); RFC 6066, 3 (server_name).

/// Bytes of the longest ClientHello that is looked at, with its record headers. Those with
/// post-quantum key shares have about 2 kB.
pub const MAX_HELLO: usize = 16 * 1024;

/// Content type of a record that holds handshake messages.
const HANDSHAKE: u8 = 22;
/// Major version of every record since SSL 3.
const MAJOR: u8 = 3;
/// Type of the handshake message.
const CLIENT_HELLO: u8 = 1;
/// Type of the extension, and in it the type of a DNS name.
const SERVER_NAME: usize = 0;
const HOST_NAME: usize = 0;

/// What the first bytes of a connection say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hello {
    /// They are not of TLS.
    NotTls,
    /// A handshake that names no host.
    Nameless,
    /// A handshake that names this host.
    Name(String),
}

/// Why there is no [`Hello`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// More bytes are needed.
    #[error("the handshake is not complete")]
    Partial,
    /// It begins as TLS does but goes on as TLS does not, or is longer than [`MAX_HELLO`].
    #[error("the connection begins as TLS does, but not with a ClientHello that can be read")]
    Malformed,
}

/// Reads the first bytes that a client sent.
///
/// # Errors
/// [`Unread`].
pub fn read(bytes: &[u8]) -> Result<Hello, Unread> {
    match bytes {
        [] | [HANDSHAKE] => return Err(Unread::Partial),
        [HANDSHAKE, MAJOR, ..] => {}
        _ => return Ok(Hello::NotTls),
    }
    match handshake(bytes) {
        Err(Unread::Partial) if bytes.len() >= MAX_HELLO => Err(Unread::Malformed),
        read => read,
    }
}

fn handshake(bytes: &[u8]) -> Result<Hello, Unread> {
    let (mut rest, mut joined) = (bytes, Vec::with_capacity(bytes.len()));
    while !is_whole(&joined)? {
        let [kind, major, _, high, low, body @ ..] = rest else {
            return Err(Unread::Partial);
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // No other content may come between (RFC 8446, 5.1), and no empty fragments.
        if (*kind, *major) != (HANDSHAKE, MAJOR) || length == 0 {
            return Err(Unread::Malformed);
        }
        let here = length.min(body.len());
        joined.extend_from_slice(&body[..here]);
        rest = &body[here..];
    }
    message(&joined)
}

/// Whether the fragments so far hold the whole first message.
fn is_whole(joined: &[u8]) -> Result<bool, Unread> {
    match joined {
        [CLIENT_HELLO, high, middle, low, body @ ..] => {
            let length = u32::from_be_bytes([0, *high, *middle, *low]);
            Ok(body.len() >= usize::try_from(length).unwrap_or(usize::MAX))
        }
        [] | [CLIENT_HELLO, ..] => Ok(false),
        [..] => Err(Unread::Malformed),
    }
}

fn message(joined: &[u8]) -> Result<Hello, Unread> {
    let mut all = Reader(joined);
    all.take(1)?;
    let mut hello = Reader(all.vector(3)?);
    hello.take(2 + 32)?;
    hello.vector(1)?;
    hello.vector(2)?;
    hello.vector(1)?;
    if hello.0.is_empty() {
        return Ok(Hello::Nameless);
    }
    let mut extensions = Reader(hello.vector(2)?);
    let mut found = Hello::Nameless;
    while !extensions.0.is_empty() {
        let kind = extensions.number(2)?;
        let body = extensions.vector(2)?;
        if kind == SERVER_NAME {
            if found != Hello::Nameless {
                return Err(Unread::Malformed);
            }
            found = Hello::Name(host_name(body)?);
        }
    }
    Ok(found)
}

/// The only entry of the list: there may be one of each type, and there is one type.
fn host_name(extension: &[u8]) -> Result<String, Unread> {
    let mut extension = Reader(extension);
    let mut list = Reader(extension.vector(2)?);
    let kind = list.number(1)?;
    let name = list.vector(2)?;
    let alone = list.0.is_empty() && extension.0.is_empty();
    match std::str::from_utf8(name) {
        Ok(name) if alone && kind == HOST_NAME => Ok(name.to_owned()),
        Ok(_) | Err(_) => Err(Unread::Malformed),
    }
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Unread> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Unread::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number of so many bytes, at most three.
    fn number(&mut self, bytes: usize) -> Result<usize, Unread> {
        let bytes = self.take(bytes)?;
        Ok(bytes
            .iter()
            .fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// A vector behind a length of so many bytes.
    fn vector(&mut self, length: usize) -> Result<&'a [u8], Unread> {
        let length = self.number(length)?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests;
