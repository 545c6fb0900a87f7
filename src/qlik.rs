//! Pure. Formats of Qlik Sense: folders, names, columns, script logs, links.

pub(crate) mod account;
pub mod certificate;
pub mod folders;
pub mod line_log;
pub mod node;
pub mod script_log;
pub mod service_log;
pub mod services;
pub mod stamp;

pub use crate::qlik::folders::watches;
