//! Pure. Why a request to a tenant of Qlik Cloud has no usable answer.

use serde::{Deserialize, Serialize};

use crate::redact::redact_and_bound;

const PATH: usize = 300;
const NETWORK: usize = 1000;

/// A request without a usable answer, and why. Holds no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TenantFault {
    Request {
        method: String,
        path: String,
        fault: AnswerFault,
    },
    /// In the words of an earlier version.
    Worded(String),
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerFault {
    Status {
        status: u16,
        /// The tenant's own code and text.
        detail: Option<String>,
    },
    NotJson,
    /// The answer is larger than any list.
    TooLarge,
    /// The answer has another form than Qlik Cloud describes.
    OtherForm,
    /// The address of the next page is another one; holds its host, if it has one.
    Elsewhere {
        host: Option<String>,
    },
    NoScriptLog,
    ScriptLogTooLarge,
    /// The answer to the request for a token holds none.
    NoToken,
    /// The token has characters that no header can have.
    UnusableToken,
    /// What the system or the library said.
    Network(String),
}

impl TenantFault {
    pub(crate) fn of(method: &str, path: &str, fault: AnswerFault) -> Self {
        let fault = match fault {
            AnswerFault::Network(why) => AnswerFault::Network(redact_and_bound(&why, NETWORK)),
            other => other,
        };
        Self::Request { method: method.to_owned(), path: redact_and_bound(path, PATH), fault }
    }
}
