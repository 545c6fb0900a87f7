//! Pure. Platforms that report nothing.

use crate::web::process::Usage;

pub(crate) fn usage() -> Usage {
    Usage::default()
}
