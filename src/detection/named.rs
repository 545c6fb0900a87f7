//! Pure. What a row calls an app or a task that it names by id, and who owns the app and where it is.

use crate::clock::Timestamp;

named! {
    /// What has an id and a name.
    pub enum Nameable {
        App => "app",
        Task => "task",
        /// The owner of an app, by the app's id.
        Owner => "owner",
        /// The stream of an app, by the app's id.
        Stream => "stream",
    }
}

/// What one row says of an app or a task: its id, and a name.
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
