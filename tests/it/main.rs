//! The one test binary.

mod delivery;
mod state;
mod support;
