//! Pure. Reads the members of a JSON answer of which only the beginning is known.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The members of an object up to the one that is cut off; none if the text is not an object.
pub(crate) fn members(text: &str) -> Map<String, Value> {
    let mut members = Map::new();
    let mut json = serde_json::Deserializer::from_str(text);
    UniqueMembers(&mut members).deserialize(&mut json).ok();
    members
}

/// The value as a boolean; an expression of a flow may have turned it into a text.
pub(crate) fn is(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.to_ascii_lowercase().parse().ok())
}

struct UniqueMembers<'m>(&'m mut Map<String, Value>);

impl<'de> DeserializeSeed<'de> for UniqueMembers<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for UniqueMembers<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry()? {
            self.0.insert(name, value);
        }
        Ok(())
    }
}
