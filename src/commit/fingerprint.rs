//! Pure. The identity of an incident.

use serde::{Deserialize, Serialize};

/// The identity of an incident: 16 hex digits, stable across versions and nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// Hashes the parts, each with its length, so that `ab|c` differs from `a|bc`.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        for part in parts {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finish();
        let first =
            digest.as_ref().iter().take(8).fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        Self(format!("{first:016x}"))
    }
}
