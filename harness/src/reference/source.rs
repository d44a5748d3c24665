//! What Rust sources say about themselves in their documentation: constants and JSON structs that
//! are no part of the CRD.

use super::table::{code, table};

/// Folder of the permission profile's types.
pub(super) const PROFILE: &str = "controller/core/src/profile";

/// A documented `pub const`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) kind: String,
    /// As written, without quotes.
    pub(super) value: String,
    pub(super) doc: String,
}

/// Every documented public constant of a source.
pub(super) fn constants(source: &str) -> Vec<Constant> {
    let mut doc = String::new();
    let mut found = Vec::new();
    for line in source.lines() {
        if note(line, &mut doc) {
            continue;
        }
        let doc = std::mem::take(&mut doc);
        let parts = line
            .strip_prefix("pub const ")
            .and_then(|rest| rest.strip_suffix(';')?.split_once(": "));
        let Some((name, (kind, value))) =
            parts.and_then(|(name, rest)| Some((name, rest.split_once(" = ")?)))
        else {
            continue;
        };
        found.push(Constant {
            name: name.to_owned(),
            kind: kind.to_owned(),
            value: value.trim_matches('"').to_owned(),
            doc,
        });
    }
    found
}

/// The section on the JSON of permission profiles: every struct of `source` that is read by serde.
pub(super) fn section(source: &str) -> String {
    let mut text = String::from(
        "\n## Permission profile\n\nThe JSON under a key of a ConfigMap, for `spec.permissionProfile` of type `configmap`. An unknown \
         field is refused by name.\n",
    );
    for object in structs(source) {
        let rows = object.fields.iter().map(|field| {
            let named = field.name.as_str();
            [code(named), code(&field.kind), plain(&field.doc, &[])]
        });
        let doc = plain(&object.doc, &[]);
        text.extend([
            "
### ",
            &object.name,
            "

",
            &doc,
            "
",
        ]);
        text.push_str(&table(["field", "type", "meaning"], rows));
    }
    text
}

#[derive(Debug, PartialEq, Eq)]
struct Object {
    name: String,
    doc: String,
    fields: Vec<Field>,
}

#[derive(Debug, PartialEq, Eq)]
struct Field {
    name: String,
    kind: String,
    doc: String,
}

/// Structs that derive `Deserialize`, with their documented fields.
fn structs(source: &str) -> Vec<Object> {
    let (mut doc, mut read, mut inside) = (String::new(), false, false);
    let mut rename = None;
    let mut found: Vec<Object> = Vec::new();
    for line in source.lines() {
        let text = line.trim();
        if note(line, &mut doc) {
            continue;
        }
        if text.starts_with("#[") {
            read |= text.starts_with("#[derive(") && text.contains("Deserialize");
            rename = renamed(text).or(rename);
            continue;
        }
        let doc = std::mem::take(&mut doc);
        if let Some(name) = struct_name(text).filter(|_| read) {
            inside = true;
            found.push(Object {
                name,
                doc,
                fields: Vec::new(),
            });
        } else if text == "}" {
            inside = false;
        } else if let (true, Some(object)) = (inside, found.last_mut()) {
            object.fields.extend(field(text, rename.take(), doc));
        }
        read = false;
    }
    found
}

fn struct_name(line: &str) -> Option<String> {
    let rest = line.split_once("struct ")?.1;
    Some(rest.strip_suffix(" {")?.to_owned())
}

/// `rename = "name"` of a serde attribute.
fn renamed(attribute: &str) -> Option<String> {
    let rest = attribute.split_once("rename = \"")?.1;
    Some(rest.split_once('"')?.0.to_owned())
}

fn field(line: &str, rename: Option<String>, doc: String) -> Option<Field> {
    let (name, kind) = line.strip_suffix(',')?.split_once(": ")?;
    let name = name.rsplit(' ').next()?;
    Some(Field {
        name: rename.unwrap_or_else(|| name.to_owned()),
        kind: json_type(kind),
        doc,
    })
}

/// The JSON type that a Rust type is read from.
fn json_type(kind: &str) -> String {
    let inner = |prefix: &str| kind.strip_prefix(prefix)?.strip_suffix('>');
    // What may be left out, and what accepts objects alone, is the type inside.
    if let Some(kind) = inner("Option<").or_else(|| inner("Object<")) {
        return json_type(kind);
    }
    if let Some(kind) = inner("Vec<") {
        return format!("list of {}", json_type(kind));
    }
    match kind {
        "String" => "string",
        "bool" => "boolean",
        "u16" | "u32" | "i32" | "i64" => "integer",
        other => other,
    }
    .to_owned()
}

/// Takes a line of documentation in; whether it was one.
fn note(line: &str, doc: &mut String) -> bool {
    let Some(more) = line.trim().strip_prefix("///") else {
        return false;
    };
    let longer = format!("{doc} {}", more.trim());
    longer.trim().clone_into(doc);
    true
}

/// Documentation without links: what a link names, or the value if it is one of these constants.
pub(super) fn plain(doc: &str, known: &[Constant]) -> String {
    let mut text = String::new();
    let mut rest = doc;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, tail)) = after.split_once("`]") else {
            break;
        };
        let value = known.iter().find(|constant| constant.name == name);
        let shown = value.map_or(name, |constant| constant.value.as_str());
        text.extend([before, "`", shown, "`"]);
        rest = match tail.strip_prefix('(').and_then(|link| link.split_once(')')) {
            Some((_, tail)) => tail,
            None => tail,
        };
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_names_or_values() {
        let known = constants("/// K.\npub const KIND: &str = \"MCPServer\";\n");
        assert_eq!(
            plain("See [`KIND`] and [`X`](crate::X), or [this].", &known),
            "See `MCPServer` and `X`, or [this]."
        );
    }

    #[test]
    fn structs_that_serde_reads_are_told_with_their_fields() {
        let source = "/// Not read.\npub struct No {\n    /// X.\n    pub x: bool,\n}\n\
            /// A profile.\n#[derive(Debug, Deserialize)]\n#[serde(deny_unknown_fields)]\npub struct Yes {\n    \
            /// Ports.\n    #[serde(default, rename = \"allow_port\")]\n    pub ports: Option<Vec<u16>>,\n    /// N.\n    pub n: String,\n}\n";
        let found = structs(source);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].doc, "A profile.");
        let fields: Vec<_> = found[0]
            .fields
            .iter()
            .map(|f| (&*f.name, &*f.kind, &*f.doc))
            .collect();
        assert_eq!(
            fields,
            [
                ("allow_port", "list of integer", "Ports."),
                ("n", "string", "N.")
            ]
        );
    }
}
