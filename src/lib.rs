//! Footman follows the Qlik Sense logs of a node and sends what goes wrong to Microsoft Teams.
//!
//! ```text
//!  sources       read and recognize            decide                                  keep and send
//!
//!  log files  ─▶ tail ─▶ detect ─┐
//!  machine    ─▶ observe ────────┼─▶ detections ─▶ incident ─▶ mute ─▶ route ─▶ render ─▶ Commit
//!  Qlik Cloud ─▶ cloud ──────────┘                    ▲         ▲                           │
//!  commands   ─▶ command ─────────────────────────────┴─────────┘                           │
//!                                                                                           ▼
//!                tail ◀──── positions move only with the commit ────────────────────────  state
//!                                                                                         │   ▲
//!                                                                              deliveries ▼   │ outcomes
//!                                                                                        outbox ─▶ channels ─▶ Teams
//! ```
//!
//! Every module below is a room. The table "Code map" in `docs/architecture.md` lists them in order: a
//! room uses only the rooms above it there, which `tests/it/architecture.rs` checks.

#[macro_use]
pub mod named;

pub mod ids;

pub mod clock;
pub mod config;
pub mod metrics;
pub mod redact;

pub mod cloud;
pub mod command;
pub mod commit;
pub mod detect;
pub mod detection;
pub mod incident;
pub mod ledger;
pub mod mute;
pub mod observe;
pub mod outbox;
pub mod qlik;
pub mod render;
pub mod route;
pub mod tail;

pub mod channels;
pub mod engine;
pub mod pipeline;
pub mod state;
pub mod view;

pub mod agent;

pub mod cli;
pub mod demo;
pub mod replay;
pub mod web;
