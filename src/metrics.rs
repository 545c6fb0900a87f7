//! Pure. Counters under named reasons, carried in commits so that they survive restarts.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// How often each named thing happened since the last commit.
///
/// Names are dotted and stable: `lines.read`, `suppressed.same-run`, `delivery.accepted`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Cow<'static, str>, u64>);

impl Counts {
    /// Adds `n` under `name`.
    pub fn add(&mut self, name: impl Into<Cow<'static, str>>, n: u64) {
        *self.0.entry(name.into()).or_default() += n;
    }

    /// Adds the counts of another set.
    pub fn merge(&mut self, other: Counts) {
        for (name, n) in other.0 {
            self.add(name, n);
        }
    }

    /// Names and numbers, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, n)| (name.as_ref(), *n))
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
