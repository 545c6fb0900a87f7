//! Pure. The identity of an incident.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::incident::Notice;

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

/// The fingerprint of a notice of this class. Its inputs must not change between versions.
pub(crate) fn of_notice(notice: &Notice, class: &str) -> Fingerprint {
    let environment = notice.environment.as_deref().unwrap_or_default();
    Fingerprint::of(&[notice.kind.name(), environment, &notice.subject.identity(), class])
}

/// The class of an error: its text without ids, numbers and times.
///
/// Names stay: `Field 'A' not found` and `Field 'B' not found` are two incidents.
pub fn error_class(error: &str) -> String {
    static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?|\b[0-9a-f]{12,}\b|\d+")
            .expect("a constant expression")
    });
    let masked = VARIABLE.replace_all(error, "#");
    masked.split_whitespace().collect::<Vec<_>>().join(" ")
}
