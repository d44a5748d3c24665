//! What goes with every page: its style, its script, its icon, and the headers that keep out all else.

/// A file that the page links to.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its name under `assets/`.
    pub name: &'static str,
    /// Its media type.
    pub kind: &'static str,
    /// Its content.
    pub body: &'static str,
}

const STYLE: Asset = Asset {
    name: "page.css",
    kind: "text/css; charset=utf-8",
    body: include_str!("../assets/page.css"),
};
const SCRIPT: Asset = Asset {
    name: "page.js",
    kind: "text/javascript; charset=utf-8",
    body: include_str!("../assets/page.js"),
};
const ICON: Asset = Asset {
    name: "icon.svg",
    kind: "image/svg+xml",
    body: include_str!("../assets/icon.svg"),
};

/// All of them.
pub const ALL: [Asset; 3] = [STYLE, SCRIPT, ICON];

/// Headers of every page. Nothing is loaded but our own files, nothing is kept by caches between, no
/// other page can frame this one or learn where a link was followed from.
pub const HEADERS: [(&str, &str); 6] = [
    ("content-type", "text/html; charset=utf-8"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// How long a browser may keep a file of ours: its address changes with its content.
pub const KEEP: &str = "public, max-age=31536000, immutable";

/// The file of this name.
pub fn find(name: &str) -> Option<Asset> {
    ALL.into_iter().find(|asset| asset.name == name)
}

pub(crate) const fn style() -> (Asset, u64) {
    (STYLE, const { digest(STYLE.body) })
}

pub(crate) const fn script() -> (Asset, u64) {
    (SCRIPT, const { digest(SCRIPT.body) })
}

pub(crate) const fn icon() -> (Asset, u64) {
    (ICON, const { digest(ICON.body) })
}

/// FNV-1a, 64 bits: tells versions of one file apart, no more is asked of it.
const fn digest(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for asset in ALL {
            let own = asset.body.replace("http://www.w3.org/2000/svg", "");
            for elsewhere in ["http:", "https:", "url(", "@import", "//cdn"] {
                assert!(!own.contains(elsewhere), "{}: {elsewhere}", asset.name);
            }
        }
    }

    #[test]
    fn the_digest_is_fnv_1a() {
        assert_eq!(digest(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(digest("a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn files_are_found_by_name_and_nothing_else_is() {
        assert!(find("page.css").is_some());
        assert!(find("../Cargo.toml").is_none());
    }
}
