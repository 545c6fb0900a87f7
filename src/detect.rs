//! Pure. Recognises known troubles with the pattern packs and says what it knows of them.

pub mod detector;
pub mod error_class;
pub mod explain;
pub mod expression;
mod facts;
mod layers;
pub mod literal;
pub(crate) mod names;
pub mod pack;
pub mod pattern;
mod repair;
pub mod row;
pub mod samples;
pub mod scan;
pub mod schema;
mod terms;

pub use crate::detect::detector::{Detector, Found};
pub use crate::detect::pack::{Pack, builtin_packs};
