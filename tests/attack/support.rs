//! Simulated external systems, shared with `tests/it`.

#[path = "../it/support/failing.rs"]
pub(crate) mod failing;
#[path = "../it/support/fake_flow.rs"]
pub(crate) mod fake_flow;
#[path = "../it/support/fake_teams.rs"]
pub(crate) mod fake_teams;
#[path = "../it/support/world.rs"]
pub(crate) mod world;
