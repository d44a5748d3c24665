//! Tokens that prove themselves, in the form of GitHub's own: `ghp_`, thirty characters, and six that
//! are a checksum of what is before them.
//!
//! So a scenario can make as many as it likes at run time, none is written anywhere, and the stand-in
//! needs to be told nothing: a token whose checksum fits is good, and belongs to an account whose name
//! follows from it.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// What personal access tokens begin with.
const PREFIX: &str = "ghp_";
/// Characters between the prefix and the checksum.
const BODY: usize = 30;
/// Characters of the checksum.
const CHECK: usize = 6;

/// A good token; another for each seed.
pub fn mint(seed: &str) -> String {
    let body = format!("{PREFIX}{}", &digest(seed)[..BODY]);
    let check = checksum(&body);
    body + &check
}

/// A token that GitHub would have revoked: of the right form, but nobody's.
pub fn mint_bad(seed: &str) -> String {
    let mut token = mint(seed);
    let last = if token.ends_with('0') { '1' } else { '0' };
    token.pop();
    token.push(last);
    token
}

/// The account that a token belongs to, if it is good.
pub fn login(token: &str) -> Option<String> {
    let whole = token.len() == PREFIX.len() + BODY + CHECK && token.is_ascii();
    if !whole || !token.starts_with(PREFIX) {
        return None;
    }
    let (body, check) = token.split_at(PREFIX.len() + BODY);
    (checksum(body) == check).then(|| format!("keeper-{}", &digest(token)[..8]))
}

/// The id of an account or a repository: it follows from the name.
pub fn number(name: &str) -> u32 {
    let digest = Sha256::digest(name);
    u32::from_be_bytes([0, digest[0], digest[1], digest[2]])
}

fn checksum(text: &str) -> String {
    digest(text)[..CHECK].to_owned()
}

fn digest(text: &str) -> String {
    let bytes = Sha256::digest(text);
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_proves_itself_and_names_its_account() {
        let (one, two) = (mint("one"), mint("two"));
        assert_eq!(one.len(), 40);
        assert!(login(&one).is_some_and(|name| name.starts_with("keeper-")));
        assert_ne!(login(&one), login(&two));
    }

    #[test]
    fn anything_else_is_nobodys() {
        for token in ["", "ghp_", &mint_bad("one"), &mint("one")[..39], "gho_1"] {
            assert_eq!(login(token), None, "{token}");
        }
    }
}
