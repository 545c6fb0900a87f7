//! I/O. Moments at which a test can end the process; nothing of it is in a program built without
//! the feature `failpoints`.

/// The process is about to pass this moment. With the feature, the environment variable
/// `FAILPOINTS` can say that it ends here, as if killed: `core-committed=3*off->return`.
#[cfg(feature = "failpoints")]
pub(in crate::agent) fn pass(name: &str) {
    fail::fail_point!(name, |_| std::process::abort());
}

#[cfg(not(feature = "failpoints"))]
#[inline]
pub(in crate::agent) fn pass(_name: &str) {}

/// Reads what the environment says, once, at the start.
#[cfg(feature = "failpoints")]
pub(in crate::agent) fn set_up() {
    if std::env::var_os("FAILPOINTS").is_some() {
        // Kept for the life of the process: dropping it would clear the points.
        std::mem::forget(fail::FailScenario::setup());
    }
}

#[cfg(not(feature = "failpoints"))]
#[inline]
pub(in crate::agent) fn set_up() {}
