//! Pure. The texts captured by the named groups of a pattern.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

/// Texts by the names of their groups, in the order of names. Nearly always there is at most one:
/// the smallest map has room for eleven, and each open incident keeps its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub struct Captures(Box<[(String, String)]>);

impl Captures {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|one| one.0 == name).map(|(_, text)| text)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// These, completed with captures of `other` under missing names.
    pub(crate) fn filled_from(self, others: &Self) -> Self {
        let mut all: BTreeMap<String, String> = others.0.iter().cloned().collect();
        all.extend(self.0);
        all.into()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<BTreeMap<String, String>> for Captures {
    fn from(captures: BTreeMap<String, String>) -> Self {
        Self(captures.into_iter().collect())
    }
}

impl<const N: usize> From<[(String, String); N]> for Captures {
    fn from(captures: [(String, String); N]) -> Self {
        BTreeMap::from(captures).into()
    }
}

impl Serialize for Captures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
