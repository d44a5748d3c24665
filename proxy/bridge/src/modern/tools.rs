//! What tools want mirrored into headers: `x-mcp-header` in their input schemas (MCP 2026-07-28,
//! Streamable HTTP, Custom Headers from Tool Parameters).

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::object::{members, only};
use crate::{
    envelope::Raw,
    limits::{MAX_ANNOTATED_TOOLS, MAX_ANNOTATIONS, MAX_SCHEMA_DEPTH, MAX_TOOL_NAME_BYTES},
};

/// One parameter that a tool wants mirrored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// NAME of `Mcp-Param-NAME`.
    pub header: Box<str>,
    /// The keys that lead to it from `arguments`.
    pub path: Vec<Box<str>>,
}

/// The tools that want something mirrored, by name.
pub type Annotated = HashMap<Box<str>, Vec<Annotation>>;

/// One page of a `tools/list` result.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Tools with annotations, in their order.
    pub annotated: Vec<(Box<str>, Vec<Annotation>)>,
    /// `nextCursor`, raw; none on the last page.
    pub next: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    #[serde(borrow)]
    tools: Vec<&'a RawValue>,
    #[serde(borrow)]
    next_cursor: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tool<'a> {
    name: String,
    #[serde(borrow)]
    input_schema: Option<&'a RawValue>,
}

impl Page {
    /// Reads a result of `tools/list`; none if it is none.
    pub fn of(result: Raw<'_>) -> Option<Self> {
        let listed: Listed<'_> = serde_json::from_str(result.text).ok()?;
        let marked = |tool: &&RawValue| tool.get().contains("x-mcp-header");
        let tools = listed.tools.into_iter().filter(marked);
        let annotated = tools.filter_map(|tool| annotated(tool.get()));
        Some(Self {
            // One more than is remembered, so that it is seen that there are more.
            annotated: annotated.take(MAX_ANNOTATED_TOOLS + 1).collect(),
            next: listed.next_cursor.map(ToOwned::to_owned),
        })
    }
}

fn annotated(tool: &str) -> Option<(Box<str>, Vec<Annotation>)> {
    let tool: Tool<'_> = serde_json::from_str(tool).ok()?;
    if tool.name.len() > MAX_TOOL_NAME_BYTES {
        return None;
    }
    let mut found = Vec::new();
    collect(
        Raw::whole(tool.input_schema?.get()),
        &mut Vec::new(),
        &mut found,
    );
    (!found.is_empty()).then(|| (tool.name.into(), found))
}

/// Follows chains of `properties` only: an annotation anywhere else is none.
fn collect(schema: Raw<'_>, path: &mut Vec<Box<str>>, found: &mut Vec<Annotation>) {
    let of = members(schema).unwrap_or_default();
    let value = |key| only(&of, key).ok().flatten();
    if let Some(header) = value("x-mcp-header").and_then(Raw::string)
        && is_token(&header)
        && !path.is_empty()
        && found.len() < MAX_ANNOTATIONS
    {
        found.push(Annotation {
            header: header.into(),
            path: path.clone(),
        });
    }
    if path.len() >= MAX_SCHEMA_DEPTH {
        return;
    }
    for property in value("properties").and_then(members).unwrap_or_default() {
        path.push(property.key.into());
        collect(property.value, path, found);
        path.pop();
    }
}

/// What can be a part of a header's name (RFC 9110, 5.6.2).
fn is_token(name: &str) -> bool {
    let tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(tchar)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(schema: &str) -> Page {
        let list = format!(
            r#"{{"tools":[{{"name":"plain","inputSchema":{{}}}},{{"name":"t","inputSchema":{schema}}}],"nextCursor":"c"}}"#
        );
        Page::of(Raw::whole(&list)).expect("a list of tools")
    }

    #[test]
    fn parameters_on_a_chain_of_properties_are_found_with_their_path() {
        let page = page(
            r#"{"properties":{"region":{"type":"string","x-mcp-header":"Region"},"at":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N"}}}}}"#,
        );
        let annotation = |header: &str, path: &[&str]| Annotation {
            header: header.into(),
            path: path.iter().map(|key| (*key).into()).collect(),
        };
        let expected = vec![
            annotation("Region", &["region"]),
            annotation("N", &["at", "n"]),
        ];
        assert_eq!(page.annotated, [("t".into(), expected)]);
        assert_eq!(page.next.as_deref().map(RawValue::get), Some("\"c\""));
    }

    #[test]
    fn an_annotation_anywhere_else_or_of_another_form_is_none() {
        for schema in [
            r#"{"x-mcp-header":"Root"}"#,
            r#"{"properties":{"a":{"items":{"x-mcp-header":"A"}}}}"#,
            r#"{"anyOf":[{"properties":{"a":{"x-mcp-header":"A"}}}]}"#,
            r#"{"properties":{"a":{"x-mcp-header":""}}}"#,
            r#"{"properties":{"a":{"x-mcp-header":"a b"}}}"#,
            r#"{"properties":{"a":{"x-mcp-header":1}}}"#,
        ] {
            assert_eq!(page(schema).annotated, [], "{schema}");
        }
    }

    #[test]
    fn a_schema_that_is_too_deep_or_too_wide_costs_no_more_than_its_bounds() {
        let mut deep = r#"{"x-mcp-header":"Deep"}"#.to_owned();
        for _ in 0..=MAX_SCHEMA_DEPTH {
            deep = format!(r#"{{"properties":{{"a":{deep}}}}}"#);
        }
        assert_eq!(page(&deep).annotated, []);
        let wide: Vec<String> = (0..=MAX_ANNOTATIONS)
            .map(|at| format!(r#""p{at}":{{"x-mcp-header":"H{at}"}}"#))
            .collect();
        let wide = page(&format!(r#"{{"properties":{{{}}}}}"#, wide.join(",")));
        assert_eq!(wide.annotated[0].1.len(), MAX_ANNOTATIONS);
    }
}
