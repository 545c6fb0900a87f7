//! Pure. The name that a row gives for the id of an app or a task, and the owner and stream of an
//! app.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

named! {
    /// An object with an id and a name.
    pub enum Nameable {
        App => "app",
        Task => "task",
        /// The owner of an app, by the app's id.
        Owner => "owner",
        /// The stream of an app, by the app's id.
        Stream => "stream",
    }
}

/// The id and a name of an app or a task, from one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub what: Nameable,
    /// As [`crate::qlik::node::guid`] writes it.
    pub id: String,
    /// Redacted and bounded.
    pub name: String,
    /// When the row was written, if it contains that time.
    pub at: Option<Timestamp>,
}
