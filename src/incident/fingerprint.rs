//! Pure. What makes two failures one incident.

use std::sync::LazyLock;

use regex::Regex;

use crate::ids::Fingerprint;
use crate::incident::Notice;

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
