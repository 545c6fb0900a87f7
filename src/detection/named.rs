//! Pure. What a row calls the app or the task that it names by id.

use crate::clock::Timestamp;

named! {
    /// What has an id and a name.
    pub enum Nameable {
        App => "app",
        Task => "task",
    }
}

/// An app or a task that one row names by its id and by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub what: Nameable,
    /// As [`crate::qlik::node::guid`] writes it.
    pub id: String,
    /// Redacted and bounded.
    pub name: String,
    /// When the row was written, if it says so.
    pub at: Option<Timestamp>,
}
