//! Pure. One scheduled task as the tenant lists it.

use serde_json::Value;

use crate::cloud::reload::is_id;

/// A scheduled task. Texts are as the tenant wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: String,
    pub name: Option<String>,
    pub app: Option<String>,
    /// Why Qlik Cloud switched it off, such as `CONSECUTIVE-FAILURES`; `None` if it is on, or was
    /// switched off by a person.
    pub off: Option<String>,
}

impl Task {
    pub fn of(json: &Value) -> Option<Self> {
        let text = |of: &Value, name: &str| {
            let text = of.get(name).and_then(Value::as_str);
            text.filter(|text| !text.trim().is_empty()).map(str::to_owned)
        };
        let is_off = json.get("enabled").and_then(Value::as_bool) == Some(false);
        let code = json.get("metadata").and_then(|metadata| text(metadata, "disabledCode"));
        Some(Self {
            id: text(json, "id").filter(|id| is_id(id))?,
            name: text(json, "name"),
            app: text(json, "resourceId").filter(|id| is_id(id)),
            off: code.filter(|_| is_off),
        })
    }
}
