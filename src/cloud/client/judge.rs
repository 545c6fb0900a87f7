//! Pure. The meaning of an answer that is not a success.

use std::time::Duration;

use serde_json::Value;

use crate::cloud::answers::Fault;
use crate::config::worded::NetworkKind;
use crate::detection::{AnswerFault, TenantFault, TenantRefusal};
use crate::redact::redact_and_bound;

/// The most bytes of a body that a reason quotes.
const QUOTED: usize = 200;

/// An answer without the requested content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefusedRequest {
    /// `None` if there was no answer.
    pub status: Option<u16>,
    pub fault: Fault,
}

/// Evaluates an answer by its status.
pub(crate) fn refused(
    method: &str,
    path: &str,
    status: u16,
    retry_after: Option<&str>,
    body: &str,
) -> RefusedRequest {
    let refusal = match status {
        401 => TenantRefusal::Credentials,
        403 => TenantRefusal::Rights,
        429 => TenantRefusal::RateLimited,
        300..=399 | 407 | 408 | 425 | 500..=599 => TenantRefusal::Unreachable,
        404 => TenantRefusal::NotFound,
        _ => TenantRefusal::Request,
    };
    let after = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    let fault = AnswerFault::Status { status, detail: detail(body) };
    let why = TenantFault::of(method, path, fault);
    let network = (status == 407).then_some(NetworkKind::ProxySignIn);
    RefusedRequest { status: Some(status), fault: Fault { refusal, why, network, after } }
}

/// `RELOADS-003 Forbidden`: the tenant's own code and text.
fn detail(body: &str) -> Option<String> {
    let json: Value = serde_json::from_str(body).ok()?;
    let error = json.pointer("/errors/0")?;
    let text = |name: &str| match error.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let parts = [text("code"), text("title"), text("detail")];
    let detail = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let detail: String = detail.chars().filter(|c| !c.is_control()).collect();
    Some(redact_and_bound(detail.trim(), QUOTED)).filter(|detail| !detail.is_empty())
}

#[cfg(test)]
mod tests;
