//! The one test binary.

mod demo_node;
mod page;
