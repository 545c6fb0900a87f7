//! Pure. The short ids of incidents, and the incident that an entered id names.

/// Digits of an id, unless another incident shares them.
const DIGITS: usize = 8;

/// All fingerprints, from which the shortest ids follow.
#[derive(Clone, Debug, Default)]
pub struct IncidentIds {
    /// In order.
    prints: Vec<Fingerprint>,
}

/// The result of looking up a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdMatch {
    One(Fingerprint),
    None,
    Several(Ambiguous),
}

/// The incidents that begin with the same digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous {
    pub prints: Vec<Fingerprint>,
    /// Their shortest ids, in the same order.
    pub ids: Vec<String>,
}

impl IncidentIds {
    pub fn new(mut prints: Vec<Fingerprint>) -> Self {
        prints.sort_unstable();
        prints.dedup();
        Self { prints }
    }

    /// The first eight digits of a fingerprint, or as many as no other incident shares.
    pub fn id(&self, fingerprint: &str) -> String {
        let at = self.prints.partition_point(|print| print.as_str() < fingerprint);
        let before = at.checked_sub(1).and_then(|at| self.prints.get(at));
        let after = self.prints[at..].iter().find(|print| print.as_str() != fingerprint);
        let shared = before.into_iter().chain(after).map(|other| n_shared(other, fingerprint));
        let digits = shared.max().map_or(DIGITS, |shared| DIGITS.max(shared + 1));
        fingerprint.chars().take(digits).collect()
    }

    /// The incident that a person means by an id, a fingerprint or a unique prefix.
    pub fn find(&self, prefix: &str) -> IdMatch {
        let prefix = prefix.trim().to_ascii_lowercase();
        if prefix.is_empty() {
            return IdMatch::None;
        }
        let from = self.prints.partition_point(|print| print.as_str() < prefix.as_str());
        let found = self.prints[from..].iter().take_while(|print| print.starts_with(&prefix));
        match found.collect::<Vec<_>>().as_slice() {
            [] => IdMatch::None,
            [one] => IdMatch::One((*one).clone()),
            // The digits of one may begin another.
            [first, ..] if first.as_str() == prefix => IdMatch::One((*first).clone()),
            many => IdMatch::Several(Ambiguous {
                prints: many.iter().map(|print| (*print).clone()).collect(),
                ids: many.iter().map(|print| self.id(print)).collect(),
            }),
        }
    }
}

fn n_shared(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}
use crate::ids::Fingerprint;
