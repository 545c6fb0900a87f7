//! Pure. Maps enumerated properties of a card to style classes; unknown values give the default.

use serde_json::Value;

use crate::web::card_html::fields::string;

/// The known values of a property, each with its class.
type Looks = &'static [(&'static str, &'static str)];

pub(crate) const SIZE: Looks = &[
    ("small", "sz-small"),
    ("medium", "sz-medium"),
    ("large", "sz-large"),
    ("extralarge", "sz-extralarge"),
];
pub(crate) const WEIGHT: Looks = &[("lighter", "wt-lighter"), ("bolder", "wt-bolder")];
pub(crate) const COLOR: Looks = &[
    ("accent", "co-accent"),
    ("good", "co-good"),
    ("warning", "co-warning"),
    ("attention", "co-attention"),
];
pub(crate) const FONT: Looks = &[("monospace", "mono")];
pub(crate) const ALIGN: Looks = &[("center", "al-center"), ("right", "al-right")];
pub(crate) const VERTICAL: Looks = &[("center", "va-center"), ("bottom", "va-bottom")];
pub(crate) const FILL: Looks = &[
    ("emphasis", "st-emphasis"),
    ("accent", "st-accent"),
    ("good", "st-good"),
    ("warning", "st-warning"),
    ("attention", "st-attention"),
];
pub(crate) const SPACING: Looks = &[
    ("none", "sp-none"),
    ("small", "sp-small"),
    ("medium", "sp-medium"),
    ("large", "sp-large"),
    ("extralarge", "sp-extralarge"),
    ("padding", "sp-padding"),
];

/// The class for the value of `property`, ignoring case as the SDK does; empty for the default.
pub(crate) fn class(element: &Value, property: &str, looks: Looks) -> &'static str {
    let value = string(element, property);
    looks.iter().find(|(name, _)| name.eq_ignore_ascii_case(value)).map_or("", |(_, class)| class)
}
