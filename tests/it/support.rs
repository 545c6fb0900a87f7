//! Stand-ins for the outside world.

pub(crate) mod fake_teams;
pub(crate) mod world;
