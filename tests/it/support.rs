//! Test doubles for the outside world.

pub(crate) mod failing;
pub(crate) mod fake_teams;
#[cfg(windows)]
pub(crate) mod registry;
#[cfg(unix)]
pub(crate) mod terminal;
pub(crate) mod world;
