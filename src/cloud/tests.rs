//! The polling rule against a simulated tenant in virtual time.

mod documented;
mod reported;
mod tenant;
mod units;
