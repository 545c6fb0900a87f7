//! Pure. A JSON object as the names and values of its members, each value as written.

use std::fmt;

use memchr::memchr2;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object, in their order.
pub(crate) struct Members<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// The members of a value, if it is an object.
    pub(crate) fn of(value: &'a RawValue) -> Option<Self> {
        value.get().starts_with('{').then(|| serde_json::from_str(value.get()).ok())?
    }

    /// Those of these members that are texts.
    pub(crate) fn texts<const N: usize>(&self, names: [&str; N]) -> Vec<String> {
        let find = |name| self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.get());
        let texts = names.into_iter().filter_map(find).filter(|value| value.starts_with('"'));
        texts.map(decoded).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Each).map(Self)
    }
}

/// The text of a string in quotes. Half of a surrogate pair leaves it as written.
pub(crate) fn decoded(string: &str) -> String {
    serde_json::from_str(string).unwrap_or_else(|_| string.trim_matches('"').to_owned())
}

/// A list or an object with its strings decoded and the rest as written. Only quotes and backslashes
/// stay escaped.
pub(crate) fn readable(json: &str) -> String {
    let (mut text, mut rest) = (String::new(), json);
    while let Some(open) = rest.find('"') {
        let string = &rest[open..open + end_of_string(&rest[open..])];
        text.push_str(&rest[..=open]);
        text.push_str(&decoded(string).replace('\\', r"\\").replace('"', "\\\""));
        text.push('"');
        rest = &rest[open + string.len()..];
    }
    text + rest
}

/// The end of the string that begins with the first quote.
fn end_of_string(text: &str) -> usize {
    let mut at = 1;
    while let Some(found) = memchr2(b'"', b'\\', &text.as_bytes()[at.min(text.len())..]) {
        at += found + 1;
        if text.as_bytes()[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    text.len()
}
