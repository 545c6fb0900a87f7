//! Footman follows the Qlik Sense logs of a node and sends what goes wrong to Microsoft Teams.
//!
//! ```text
//!             ┌──────────── agent (I/O): the only place that spawns, waits and commits ────────────┐
//!  files ─▶ tail ─▶ blocks ─▶ detect ─▶ incident ─▶ mute ─▶ route ─▶ render ─▶ Commit ─▶ state ─▶ outbox ─▶ channels ─▶ Teams
//!             ▲        (qlik: dialects, script logs)                     │                   │
//!             └─────────── checkpoint moves only with the commit ◀───────┘ ◀── outcome ──────┘
//! ```
//!
//! A room may use what stands left of it, never right:
//! `named clock metrics redact config | tail qlik detection detect command commit ledger observe cloud incident route mute render outbox | pipeline engine state view channels |
//! agent | replay demo web cli`. A test holds it to that.

#[macro_use]
pub mod named;

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
