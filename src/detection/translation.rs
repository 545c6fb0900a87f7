//! Pure. A pattern's texts in other languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Language;
use crate::detection::link::Link;

/// The texts of a pattern or an error class in one more language; missing texts are shown in the
/// language of the pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Translation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<Link>>,
}

/// The languages besides that of the pack itself.
pub type Translations = BTreeMap<Language, Translation>;
