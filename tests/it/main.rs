//! The one test binary.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod agent;
mod architecture;
mod callers;
mod cards;
mod cli;
mod config;
mod configuration_change;
mod delivery;
mod demo_node;
mod docs;
mod doctor;
mod doctor_shapes;
mod error_classes;
#[cfg(feature = "failpoints")]
mod failpoints;
mod faults;
mod faults_state;
mod first_hour;
mod hostile;
mod https;
mod incumbent;
mod kept_state;
mod kill;
mod limits;
mod names;
mod page;
mod page_attacks;
mod patterns;
mod patterns_change;
mod patterns_stories;
mod proxy;
mod quality;
mod replay;
mod rows;
mod samples;
mod scale;
mod script_tails;
mod secrets;
mod service;
mod setup;
mod stalls;
mod state;
mod state_bounds;
mod state_damage;
mod state_place;
mod status;
#[expect(dead_code, reason = "the other test binary uses the rest")]
mod support;
mod tailing;
mod test_send;
mod two_nodes;
mod upgrade;
