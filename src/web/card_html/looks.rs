//! Pure. Maps enumerated properties of a card to style classes; unknown values give the default.

use serde_json::Value;

use crate::web::card_html::fields::string;

/// The known values of a property, each with its class.
type Looks = &'static [(&'static str, &'static str)];

pub(in crate::web) const SIZE: Looks = &[
    ("small", "sz-small"),
    ("medium", "sz-medium"),
    ("large", "sz-large"),
    ("extralarge", "sz-extralarge"),
];
pub(in crate::web) const WEIGHT: Looks = &[("lighter", "wt-lighter"), ("bolder", "wt-bolder")];
pub(in crate::web) const COLOR: Looks = &[
    ("accent", "co-accent"),
    ("good", "co-good"),
    ("warning", "co-warning"),
    ("attention", "co-attention"),
];
pub(in crate::web) const FONT: Looks = &[("monospace", "mono")];
pub(in crate::web) const ALIGN: Looks = &[("center", "al-center"), ("right", "al-right")];
pub(in crate::web) const VERTICAL: Looks = &[("center", "va-center"), ("bottom", "va-bottom")];
pub(in crate::web) const FILL: Looks = &[
    ("emphasis", "st-emphasis"),
    ("accent", "st-accent"),
    ("good", "st-good"),
    ("warning", "st-warning"),
    ("attention", "st-attention"),
];
pub(in crate::web) const SPACING: Looks = &[
    ("none", "sp-none"),
    ("small", "sp-small"),
    ("medium", "sp-medium"),
    ("large", "sp-large"),
    ("extralarge", "sp-extralarge"),
    ("padding", "sp-padding"),
];

/// The class for the value of `property`, ignoring case as the SDK does; empty for the default.
pub(in crate::web) fn class(element: &Value, property: &str, looks: Looks) -> &'static str {
    let value = string(element, property);
    looks.iter().find(|(name, _)| name.eq_ignore_ascii_case(value)).map_or("", |(_, class)| class)
}
