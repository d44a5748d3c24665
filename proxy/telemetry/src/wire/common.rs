//! What all signals share.

use std::time::{Duration, SystemTime};

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    resource::v1::Resource,
};

use crate::value::{Attribute, Value};

/// The resource of every request of a process.
pub(crate) fn resource(attributes: &[(String, String)]) -> Resource {
    let attributes = attributes.iter().map(|(name, value)| text(name, value));
    Resource {
        attributes: attributes.collect(),
        ..Resource::default()
    }
}

/// Who made the items: this crate, whoever hands them in.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: "hivewright".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}

pub(super) fn text(name: &str, value: &str) -> KeyValue {
    KeyValue {
        key: name.to_owned(),
        value: Some(any(any_value::Value::StringValue(value.to_owned()))),
        ..KeyValue::default()
    }
}

pub(super) fn attributes(attributes: Vec<Attribute>) -> Vec<KeyValue> {
    let each = attributes.into_iter().map(|(name, given)| KeyValue {
        key: name.to_owned(),
        value: Some(value(given)),
        ..KeyValue::default()
    });
    each.collect()
}

pub(super) fn value(value: Value) -> AnyValue {
    any(match value {
        Value::Text(text) => any_value::Value::StringValue(text.into_owned()),
        Value::Shared(text) => any_value::Value::StringValue(text.as_ref().to_owned()),
        Value::Int(number) => any_value::Value::IntValue(number),
        Value::Float(number) => any_value::Value::DoubleValue(number),
        Value::Bool(yes) => any_value::Value::BoolValue(yes),
    })
}

const fn any(value: any_value::Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

/// Nanoseconds since 1970; a clock that stands before that counts as then.
pub(super) fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let since = since.unwrap_or(Duration::ZERO).as_nanos();
    u64::try_from(since).unwrap_or(u64::MAX)
}
