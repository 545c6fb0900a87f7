//! I/O. Points at which a test can end the process; they exist only with the feature `failpoints`.

/// Passes a failpoint. The environment variable `FAILPOINTS` can end the process here, as if
/// killed: `core-committed=3*off->return`.
#[cfg(feature = "failpoints")]
pub(crate) fn pass(name: &str) {
    fail::fail_point!(name, |_| std::process::abort());
}

#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn pass(_name: &str) {}

/// Reads the environment once, at the start.
#[cfg(feature = "failpoints")]
pub(crate) fn set_up() {
    if std::env::var_os("FAILPOINTS").is_some() {
        // Kept for the life of the process, because dropping it clears the failpoints.
        std::mem::forget(fail::FailScenario::setup());
    }
}

#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn set_up() {}
