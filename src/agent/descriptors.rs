//! I/O. The limit of files and connections that the process may have open.

/// The highest limit requested, the same as in the systemd unit.
#[cfg(unix)]
const WANTED: u64 = 65_536;

/// Raises the limit as far as permitted; returns the new limit, `None` if there is none.
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

/// The current limit; `None` if there is none.
#[cfg(unix)]
pub fn limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current
}

/// Windows has no such limit.
#[cfg(not(unix))]
pub fn raise_limit() -> Option<u64> {
    None
}

/// Windows has no such limit.
#[cfg(not(unix))]
pub fn limit() -> Option<u64> {
    None
}
