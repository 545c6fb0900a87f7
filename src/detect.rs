//! Pure. Recognises known problems in records with the patterns of the packs.

pub mod detector;
pub mod error_class;
pub mod explain;
pub mod expression;
mod facts;
mod layers;
mod links;
pub mod literal;
pub mod loose;
pub mod named;
pub(crate) mod names;
pub mod pack;
pub mod pattern;
mod repair;
pub mod row;
pub mod samples;
pub mod scan;
pub mod schema;
mod terms;
pub(crate) mod translation;

pub use crate::detect::detector::{Detector, Found, explain_failure};
pub use crate::detect::pack::{Pack, builtin_packs};
