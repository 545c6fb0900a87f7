//! Test doubles for the outside world.

pub(crate) mod browse;
pub(crate) mod cloud;
pub(crate) mod failing;
pub(crate) mod fake_flow;
pub(crate) mod fake_teams;
pub(crate) mod fake_waiting;
pub(crate) mod flow_run;
#[cfg(windows)]
pub(crate) mod registry;
#[cfg(unix)]
pub(crate) mod terminal;
pub(crate) mod world;
