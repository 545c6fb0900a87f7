use schemars::{JsonSchema, schema_for};

use super::*;

/// The keys that serde accepts, from the schema derived from the same types.
fn keys_of<T: JsonSchema>() -> BTreeSet<String> {
    let schema = schema_for!(T);
    let keys = schema.as_value()["properties"].as_object().unwrap().keys();
    keys.cloned().collect()
}

fn known<T: Repair>() -> BTreeSet<String> {
    T::KEYS.iter().map(|(key, _)| (*key).to_owned()).collect()
}

#[test]
fn every_key_of_a_table_is_known() {
    assert_eq!(known::<PatternTable>(), keys_of::<PatternTable>());
    assert_eq!(known::<Adjustment>(), keys_of::<Adjustment>());
    assert_eq!(known::<ErrorEntry>(), keys_of::<ErrorEntry>());
}
