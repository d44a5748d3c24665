//! Header fields of a request that is passed on, and of its answer. Pure.

use http::{
    HeaderMap, HeaderName, HeaderValue, Uri, Version,
    header::{self, CONNECTION, HOST, VIA},
    uri::PathAndQuery,
};

/// The gateway's name in `Via` and `Proxy-Status`.
pub const PSEUDONYM: &str = "hivewright";

/// Fields that are about one connection (RFC 9110, 7.6.1), and those that are meant for a proxy
/// (11.7). `Transfer-Encoding` is among them: each side frames its messages itself.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("keep-alive"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-authentication-info"),
];

/// Takes away what is not passed on, among it what `Connection` names, and adds this hop to `Via`
/// (RFC 9110, 7.6.3).
pub(super) fn pass_on(headers: &mut HeaderMap, version: Version) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        // What frames the body is no connection's own affair, whatever the sender says.
        .filter(|name| *name != header::CONTENT_LENGTH && *name != HOST)
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    headers.append(VIA, via(version));
}

fn via(version: Version) -> HeaderValue {
    let value = if version == Version::HTTP_10 {
        "1.0 hivewright"
    } else {
        "1.1 hivewright"
    };
    HeaderValue::from_static(value)
}

/// `Host` as the target's URI says it, not as the sender did (RFC 9112, 3.2.2).
pub(super) fn set_host(headers: &mut HeaderMap, authority: &str) {
    let host = HeaderValue::try_from(authority);
    headers.insert(HOST, host.expect("an authority is a header value"));
}

/// The target as its own server wants it: path and query (RFC 9112, 3.2.1).
pub(super) fn origin_form(uri: &Uri) -> Uri {
    let path = uri.path_and_query().cloned();
    path.unwrap_or_else(|| PathAndQuery::from_static("/"))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(fields: &[(&str, &'static str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            let name = HeaderName::try_from(*name).expect("a field name");
            headers.append(name, HeaderValue::from_static(value));
        }
        pass_on(&mut headers, Version::HTTP_11);
        headers.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn fields_of_one_connection_are_not_passed_on() {
        let names = HOP_BY_HOP;
        let all: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
        assert_eq!(passed(&all), ["via"]);
    }

    #[test]
    fn fields_that_connection_names_are_not_passed_on() {
        let fields = [
            ("connection", "close, X-Private"),
            ("connection", "x-more,content-length"),
            ("x-private", "1"),
            ("x-more", "2"),
            ("x-public", "3"),
            ("content-length", "4"),
        ];
        let mut left = passed(&fields);
        left.sort();
        assert_eq!(left, ["content-length", "via", "x-public"]);
    }

    #[test]
    fn this_hop_is_added_to_those_before() {
        let mut headers = HeaderMap::new();
        headers.append(VIA, HeaderValue::from_static("1.1 first"));
        pass_on(&mut headers, Version::HTTP_10);
        let via: Vec<_> = headers.get_all(VIA).iter().collect();
        assert_eq!(via, ["1.1 first", "1.0 hivewright"]);
        assert!(
            super::via(Version::HTTP_11)
                .to_str()
                .is_ok_and(|via| via.ends_with(PSEUDONYM))
        );
    }

    #[test]
    fn the_origin_gets_path_and_query() {
        let form = |uri| origin_form(&Uri::from_static(uri)).to_string();
        assert_eq!(form("http://x.com/a/b?c=d"), "/a/b?c=d");
        assert_eq!(form("http://x.com"), "/");
        assert_eq!(form("http://x.com?c=d"), "/?c=d");
    }
}
