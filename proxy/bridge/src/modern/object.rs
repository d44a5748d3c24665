//! The members of one JSON object, and taking some of them out without touching the others.

use std::{borrow::Cow, fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::envelope::Raw;

/// One member: its key, unescaped, and where its value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key. Some writers escape the `/` in it, so it is compared unescaped.
    pub key: Cow<'a, str>,
    /// The value.
    pub value: Raw<'a>,
}

/// The members of an object in their order; none if the value is no object. Only the outermost
/// level is looked at.
pub fn members(object: Raw<'_>) -> Option<Vec<Member<'_>>> {
    if !object.is_object() {
        return None;
    }
    let mut reader = serde_json::Deserializer::from_str(object.text);
    let found = reader.deserialize_map(Entries).ok()?;
    let place = |(Key(key), value)| Member {
        key,
        value: object.inner(value),
    };
    Some(found.into_iter().map(place).collect())
}

/// The value of the only member with this key.
///
/// # Errors
/// [`Twice`] if there are several, since two readers could take different ones.
pub fn only<'a>(members: &[Member<'a>], key: &str) -> Result<Option<Raw<'a>>, Twice> {
    let mut found = members.iter().filter(|member| member.key == key);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(member), None) => Ok(Some(member.value)),
        (Some(_), Some(_)) => Err(Twice),
    }
}

/// A key that the bridge reads is there twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key that the bridge reads occurs twice")]
pub struct Twice;

/// The spans to cut so that the members that `drop` names are gone and the rest is an object still.
pub fn cuts(
    object: Raw<'_>,
    members: &[Member<'_>],
    drop: impl Fn(&str) -> bool,
) -> Vec<Range<usize>> {
    let mut cuts = Vec::new();
    // A member reaches from the end of the one before it, so that its comma goes with it.
    let mut before = object.start + 1;
    let mut kept_one = false;
    for (at, member) in members.iter().enumerate() {
        let (start, end) = (before, member.value.span().end);
        before = end;
        if drop(&member.key) {
            cuts.push(start..end);
        } else {
            if !kept_one && at > 0 {
                let comma = object.text.as_bytes()[start - object.start..]
                    .iter()
                    .position(|byte| *byte == b',');
                cuts.push(start..start + comma.map_or(0, |comma| comma + 1));
            }
            kept_one = true;
        }
    }
    cuts
}

struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(Text)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(Key<'de>, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::with_capacity(4);
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;
    use crate::message::{Edit, splice};

    fn cut(text: &str, names: &[&str]) -> String {
        let object = Raw::whole(text);
        let members = members(object).expect("an object");
        let edits: Vec<_> = cuts(object, &members, |key| names.contains(&key))
            .into_iter()
            .map(|span| Edit { span, with: b"" })
            .collect();
        String::from_utf8(splice(text.as_bytes(), &edits, 0).to_vec()).expect("UTF-8")
    }

    #[rstest::rstest]
    #[case(r#"{"a":1,"b":2,"c":3}"#, &["b"], r#"{"a":1,"c":3}"#)]
    #[case(r#"{"a":1,"b":2,"c":3}"#, &["a"], r#"{"b":2,"c":3}"#)]
    #[case(r#"{"a":1,"b":2,"c":3}"#, &["a", "b"], r#"{"c":3}"#)]
    #[case(r#"{"a":1,"b":2,"c":3}"#, &["a", "c"], r#"{"b":2}"#)]
    #[case(r#"{ "a" : 1 , "b" : 2 }"#, &["a", "b"], "{ }")]
    #[case(r#"{ "a" : 1.50 , "b" : [1,{}] }"#, &["a"], r#"{ "b" : [1,{}] }"#)]
    #[case(r#"{"x\/y":1,"b":2}"#, &["x/y"], r#"{"b":2}"#)]
    #[case("{}", &["a"], "{}")]
    fn what_is_cut_is_gone_and_the_rest_is_as_it_was(
        #[case] text: &str,
        #[case] names: &[&str],
        #[case] left: &str,
    ) {
        assert_eq!(cut(text, names), left);
    }

    #[test]
    fn a_value_that_is_no_object_has_no_members() {
        for text in ["[1]", "1", "null", "\"{}\""] {
            assert_eq!(members(Raw::whole(text)), None);
        }
    }

    proptest! {
        #[test]
        fn cutting_is_what_removing_from_a_tree_is(
            keys in prop::collection::btree_set("[a-f/]{1,2}", 0..6),
            gone in prop::collection::btree_set("[a-f/]{1,2}", 0..4),
        ) {
            let tree: Map<String, Value> = keys.iter().map(|key| (key.clone(), Value::from(1))).collect();
            let text = serde_json::to_string(&tree).unwrap();
            let names: Vec<&str> = gone.iter().map(String::as_str).collect();
            let left: Map<String, Value> = serde_json::from_str(&cut(&text, &names)).unwrap();
            let expected: Map<String, Value> =
                tree.into_iter().filter(|(key, _)| !gone.contains(key)).collect();
            prop_assert_eq!(left, expected);
        }
    }
}
