//! Pure. The JSON schema of pattern files, from the types that read them.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use crate::detect::error_class::ErrorEntry;
use crate::detect::pack::{Adjustment, PatternTable};

/// The schema of one pack, for editors.
pub fn of_packs() -> Value {
    let mut generator = SchemaGenerator::default();
    let pattern = generator.subschema_for::<Vec<PatternTable>>();
    let adjust = generator.subschema_for::<Vec<Adjustment>>();
    let error = generator.subschema_for::<Vec<ErrorEntry>>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Footman patterns",
        "type": "object",
        "properties": { "pattern": pattern, "adjust": adjust, "error": error },
        "additionalProperties": false,
        "$defs": generator.definitions(),
    })
}
