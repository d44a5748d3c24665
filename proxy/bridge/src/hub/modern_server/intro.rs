//! How a client that said once who it is introduces itself in every request.

use bytes::Bytes;

use crate::{
    envelope::{Capabilities, Raw},
    limits::MAX_CLIENT_INTRO,
    modern::{
        meta::{CLIENT_CAPABILITIES, CLIENT_INFO, PROTOCOL_VERSION},
        object::{members, only},
    },
    protocol::Revision,
};

/// The members of `_meta` that say who asks, from the parameters of the client's `initialize`: raw,
/// without braces and line breaks.
pub(in crate::hub) fn introduction(params: Option<Raw<'_>>) -> Bytes {
    let all = params.and_then(members).unwrap_or_default();
    let object = |key| {
        let value = only(&all, key).ok().flatten();
        value.filter(|value| value.is_object() && value.text.len() <= MAX_CLIENT_INTRO)
    };
    let declared = Capabilities::peek(only(&all, "capabilities").ok().flatten());
    let capabilities = object("capabilities")
        .map_or_else(|| in_short(declared), |declared| declared.text.to_owned());
    let version = Revision::LATEST_MODERN.as_str();
    let mut text =
        format!(r#""{PROTOCOL_VERSION}":"{version}","{CLIENT_CAPABILITIES}":{capabilities}"#);
    if let Some(info) = object("clientInfo") {
        text.extend([",\"", CLIENT_INFO, "\":", info.text]);
    }
    Bytes::from(text.replace(['\n', '\r'], " "))
}

/// Capabilities that are too long, as far as the bridge knows them.
fn in_short(declared: Capabilities) -> String {
    let known = [
        (declared.sampling, r#""sampling":{}"#),
        (declared.elicitation, r#""elicitation":{}"#),
        (declared.roots, r#""roots":{}"#),
    ];
    let names: Vec<_> = known
        .into_iter()
        .filter_map(|(has, name)| has.then_some(name))
        .collect();
    format!("{{{}}}", names.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(params: &str) -> String {
        let text = introduction(Some(Raw::whole(params)));
        String::from_utf8(text.to_vec()).unwrap()
    }

    #[test]
    fn what_the_client_said_is_said_again_as_it_wrote_it() {
        assert_eq!(
            of(
                r#"{"protocolVersion":"2025-06-18","capabilities":{"x":1.50, "roots":{}},"clientInfo":{"name":"é"}}"#
            ),
            r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"x":1.50, "roots":{}},"io.modelcontextprotocol/clientInfo":{"name":"é"}"#
        );
    }

    #[test]
    fn it_is_one_line_however_the_client_wrote_it() {
        assert!(!of("{\"capabilities\":{\r\n},\"clientInfo\":{\n}}").contains(['\n', '\r']));
    }

    #[test]
    fn what_is_too_long_is_left_out_and_capabilities_are_told_in_short() {
        let long = "x".repeat(MAX_CLIENT_INTRO);
        let text = of(&format!(
            r#"{{"capabilities":{{"sampling":{{}},"roots":{{}},"x":"{long}"}},"clientInfo":{{"name":"{long}"}}}}"#
        ));
        assert!(
            text.ends_with(r#"clientCapabilities":{"sampling":{},"roots":{}}"#),
            "{text}"
        );
    }
}
