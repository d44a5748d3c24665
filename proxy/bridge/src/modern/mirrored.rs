//! Whether the `Mcp-Param-*` headers of a call say what its arguments say (MCP 2026-07-28,
//! Streamable HTTP, Server Behavior for Custom Headers).

use super::{
    head::{Field, ModernHead, decode},
    object::{members, only},
    tools::Annotation,
};
use crate::{
    envelope::Raw,
    refusal::{HeaderFault, Refusal},
};

/// Checks each annotated parameter. Headers without an annotation are no concern of ours.
///
/// # Errors
/// [`Refusal::HeaderMismatch`] for the first header that is missing, differs or cannot be read.
pub fn check(
    head: &ModernHead,
    annotations: &[Annotation],
    arguments: Option<Raw<'_>>,
) -> Result<(), Refusal> {
    for annotation in annotations {
        let value = arguments.and_then(|root| at(root, &annotation.path));
        let value = value.filter(|value| !value.is_null());
        if let Some(fault) = fault(head.param(&annotation.header), value) {
            return Err(Refusal::HeaderMismatch {
                header: format!("Mcp-Param-{}", annotation.header).into(),
                fault,
            });
        }
    }
    Ok(())
}

/// The value at this path. A key that is there twice leads nowhere.
pub(super) fn at<'a>(root: Raw<'a>, path: &[Box<str>]) -> Option<Raw<'a>> {
    path.iter().try_fold(root, |object, key| {
        let all = members(object)?;
        only(&all, key).ok().flatten()
    })
}

fn fault(field: &Field, value: Option<Raw<'_>>) -> Option<HeaderFault> {
    match (field, value) {
        (Field::Absent, None) => None,
        (Field::Absent, Some(_)) => Some(HeaderFault::Missing),
        (Field::Unreadable, None | Some(_)) => Some(HeaderFault::Unreadable),
        (Field::Value(_), None) => Some(HeaderFault::Different),
        (Field::Value(text), Some(value)) => match decode(text) {
            None => Some(HeaderFault::Unreadable),
            Some(text) => (!same(&text, value)).then_some(HeaderFault::Different),
        },
    }
}

/// Whether a header's text stands for this value; numbers are compared as numbers.
fn same(text: &str, value: Raw<'_>) -> bool {
    match value.string() {
        Some(string) => string == text,
        None => value.text == text || same_number(text, value.text),
    }
}

/// Whether both are the same number. Those that a double cannot tell apart are compared as they are
/// written, which [`same`] has done.
fn same_number(left: &str, right: &str) -> bool {
    /// Every integer up to this one is a double (MCP 2026-07-28: integers of parameters are within
    /// the safe range of JavaScript).
    const SAFE: f64 = 9_007_199_254_740_991.0;
    let number = |text: &str| {
        let json: serde_json::Number = serde_json::from_str(text).ok()?;
        json.as_f64().filter(|number| number.abs() <= SAFE)
    };
    matches!((number(left), number(right)), (Some(left), Some(right)) if left.to_bits() == right.to_bits() || left == 0.0 && right == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(header: Option<&str>, arguments: &str) -> Option<HeaderFault> {
        let field = header.map_or(Field::Absent, |value| Field::Value(value.into()));
        let head = ModernHead {
            params: vec![("x".into(), field)],
            ..ModernHead::default()
        };
        let annotation = Annotation {
            header: "X".into(),
            path: vec!["a".into(), "x".into()],
        };
        match check(&head, &[annotation], Some(Raw::whole(arguments))) {
            Ok(()) => None,
            Err(Refusal::HeaderMismatch { header, fault }) => {
                assert_eq!(&*header, "Mcp-Param-X");
                Some(fault)
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[rstest::rstest]
    #[case(Some("Hello"), r#"{"a":{"x":"Hello"}}"#, None)]
    #[case(Some("=?base64?SGVsbG8=?="), r#"{"a":{"x":"Hello"}}"#, None)]
    #[case(
        Some("=?base64?SGVsbG8?="),
        r#"{"a":{"x":"Hello"}}"#,
        Some(HeaderFault::Unreadable)
    )]
    #[case(Some("SGVsbG8="), r#"{"a":{"x":"SGVsbG8="}}"#, None)]
    #[case(Some("=?base64?SGVsbG8="), r#"{"a":{"x":"=?base64?SGVsbG8="}}"#, None)]
    #[case(Some("hello"), r#"{"a":{"x":"Hello"}}"#, Some(HeaderFault::Different))]
    #[case(None, r#"{"a":{"x":"Hello"}}"#, Some(HeaderFault::Missing))]
    #[case(None, r#"{"a":{"x":null}}"#, None)]
    #[case(None, r#"{"a":{}}"#, None)]
    #[case(None, r#"{"a":1}"#, None)]
    #[case(Some("1"), r#"{"a":{}}"#, Some(HeaderFault::Different))]
    #[case(Some("42.0"), r#"{"a":{"x":42}}"#, None)]
    #[case(Some("-7"), r#"{"a":{"x":-7}}"#, None)]
    #[case(Some("42"), r#"{"a":{"x":43}}"#, Some(HeaderFault::Different))]
    #[case(
        Some("9007199254740993"),
        r#"{"a":{"x":9007199254740992}}"#,
        Some(HeaderFault::Different)
    )]
    #[case(Some("true"), r#"{"a":{"x":true}}"#, None)]
    #[case(Some("True"), r#"{"a":{"x":true}}"#, Some(HeaderFault::Different))]
    fn a_header_must_say_what_the_argument_says(
        #[case] header: Option<&str>,
        #[case] arguments: &str,
        #[case] expected: Option<HeaderFault>,
    ) {
        assert_eq!(verdict(header, arguments), expected);
    }

    #[test]
    fn a_header_that_no_tool_asked_for_is_ignored() {
        let head = ModernHead {
            params: vec![("other".into(), Field::Unreadable)],
            ..ModernHead::default()
        };
        assert_eq!(check(&head, &[], None), Ok(()));
    }
}
