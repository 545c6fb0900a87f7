//! Pure. The answers of a tenant: a page, one reload, or the reason why there is none.

use std::time::Duration;

use serde_json::Value;

use crate::clock::Timestamp;
use crate::cloud::reload::Reload;
use crate::cloud::task::Task;
use crate::config::worded::NetworkKind;
use crate::detection::{AnswerFault, TenantFault, TenantRefusal};

/// The answer to one request.
#[derive(Clone, Debug, PartialEq)]
pub enum TenantAnswer {
    Reloads(Page<Reload>),
    /// `None`: there is no such reload.
    One(Option<Reload>),
    Tasks(Page<Task>),
    Fault(Fault),
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// The address of the next page, as the tenant gave it.
    pub next: Option<String>,
    /// The clock of the tenant.
    pub date: Option<Timestamp>,
    /// Rows that have no usable id or status.
    pub n_unreadable: u64,
}

/// Why a request has no usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub refusal: TenantRefusal,
    pub why: TenantFault,
    /// Why there was no answer, if that is known.
    pub network: Option<NetworkKind>,
    /// How long the tenant asks to wait.
    pub after: Option<Duration>,
}

/// The JSON of a body, of which at most this many bytes were read. The error is the reason why
/// there is none.
pub(crate) fn parsed(body: &[u8], most: usize) -> Result<Value, AnswerFault> {
    serde_json::from_slice(body)
        .map_err(|_| if body.len() >= most { AnswerFault::TooLarge } else { AnswerFault::NotJson })
}

impl<T> Page<T> {
    /// A page from the body of an answer. `None` if it is not a list, or if the address of the next
    /// page has another form, because the list would then seem to end there.
    pub fn of(body: &Value, date: Option<Timestamp>, row: fn(&Value) -> Option<T>) -> Option<Self> {
        let listed = body.get("data")?.as_array()?;
        let rows: Vec<T> = listed.iter().filter_map(row).collect();
        let next = match body.pointer("/links/next").and_then(|next| next.get("href")) {
            Some(Value::String(next)) => Some(next.as_str()),
            Some(Value::Null) => None,
            Some(_) => return None,
            None => match body.pointer("/links/next") {
                None | Some(Value::Null | Value::Object(_)) => None,
                Some(_) => return None,
            },
        };
        Some(Self {
            n_unreadable: (listed.len() - rows.len()) as u64,
            rows,
            next: next.filter(|next| !next.trim().is_empty()).map(str::to_owned),
            date,
        })
    }
}
