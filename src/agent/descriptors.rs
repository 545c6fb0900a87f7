//! I/O. How many files and connections the process may have open.

/// No more are asked for than the unit allows.
#[cfg(unix)]
const WANTED: u64 = 65_536;

/// Raises the limit as far as this account may; what the limit is then, if there is one.
#[cfg(unix)]
pub fn raise_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let found = getrlimit(Resource::Nofile);
    let most = found.maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if found.current.is_some_and(|current| current < most) {
        let raised = Rlimit { current: Some(most), maximum: found.maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!("cannot raise the limit of open files to {most}: {error}");
        }
    }
    limit()
}

/// How many there may be at once; `None` without a limit.
#[cfg(unix)]
pub fn limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current
}

/// Windows sets no such limit.
#[cfg(not(unix))]
pub fn raise_limit() -> Option<u64> {
    None
}

/// Windows sets no such limit.
#[cfg(not(unix))]
pub fn limit() -> Option<u64> {
    None
}
