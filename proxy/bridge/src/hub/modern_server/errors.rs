//! Errors of 2026-07-28 as earlier revisions have them.

use std::ops::Range;

use crate::{
    envelope::Raw,
    event::Door,
    hub::{Hub, calls::Caller},
    message::Edit,
    modern::object::{members, only},
    protocol::{Era, MethodLabel},
};

/// "Resource not found" before 2026-07-28 (MCP 2025-11-25, Resources, Error Handling).
const NOT_FOUND: &[u8] = b"-32002";

impl Hub {
    /// The change of an error's code for the session of this caller.
    pub(in crate::hub) fn earlier_code(
        &self,
        caller: &Caller,
        method: MethodLabel,
        error: Raw<'_>,
    ) -> Option<Edit<'static>> {
        match self.server_era() {
            Era::Legacy => return None,
            Era::Modern => {}
        }
        match self.sessions.get(caller.session)?.door {
            Door::Streamable | Door::Sse => Some(Edit {
                span: not_found(method, error)?,
                with: NOT_FOUND,
            }),
            Door::Stateless => None,
        }
    }
}

/// Where the code of an error stands that is [`NOT_FOUND`] for earlier revisions. The code is that
/// of invalid parameters since 2026-07-28; which of both is meant is clear if the error names the
/// resource (MCP 2026-07-28, Resources, Error Handling).
fn not_found(method: MethodLabel, error: Raw<'_>) -> Option<Range<usize>> {
    if method != MethodLabel::ResourcesRead {
        return None;
    }
    let all = members(error)?;
    let code = only(&all, "code").ok()??;
    let data = members(only(&all, "data").ok()??)?;
    let named = only(&data, "uri").ok()??.string().is_some();
    (named && code.text == "-32602").then(|| code.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(
        MethodLabel::ResourcesRead,
        r#"{"code":-32602,"data":{"uri":"x:"}}"#,
        true
    )]
    #[case(
        MethodLabel::ToolsCall,
        r#"{"code":-32602,"data":{"uri":"x:"}}"#,
        false
    )]
    #[case(
        MethodLabel::ResourcesRead,
        r#"{"code":-32602,"message":"uri is missing"}"#,
        false
    )]
    #[case(
        MethodLabel::ResourcesRead,
        r#"{"code":-32602,"data":{"uri":1}}"#,
        false
    )]
    #[case(
        MethodLabel::ResourcesRead,
        r#"{"code":-32603,"data":{"uri":"x:"}}"#,
        false
    )]
    fn only_an_error_that_names_the_resource_says_that_it_is_not_there(
        #[case] method: MethodLabel,
        #[case] error: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(not_found(method, Raw::whole(error)).is_some(), expected);
    }
}
