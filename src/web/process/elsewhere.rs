//! Pure. Platforms of which nothing is reported.

use crate::web::process::Usage;

pub(crate) fn usage() -> Usage {
    Usage::default()
}
