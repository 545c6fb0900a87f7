//! Pure. Maps the answer of a webhook to the outcome of a delivery.

use std::sync::LazyLock;
use std::time::Duration;

use jiff::fmt::rfc2822;
use regex::Regex;
use serde_json::Value;

use crate::outbox::Outcome;
use crate::redact::redact;

/// The most characters of a body that a reason quotes.
const QUOTED: usize = 300;

/// The relevant parts of an HTTP answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer<'a> {
    pub status: u16,
    /// `Retry-After`: seconds or an HTTP date.
    pub retry_after: Option<&'a str>,
    /// `Date`: the server's time, to which an HTTP date in `Retry-After` is compared.
    pub date: Option<&'a str>,
    /// `x-ms-workflow-run-id`: the id of the run in the run history.
    pub run_id: Option<&'a str>,
    /// The beginning of the body.
    pub body: &'a str,
}

/// The outcome of one answer.
///
/// A 202 means that the flow was started, not that the card was shown. Some relays answer 200 and
/// name the real status in the body ("…returned HTTP error 429…"); Footman's own flow answers 502
/// with `{"ok":false,"status":413}`. In both cases the inner status counts.
pub fn judge(answer: &Answer<'_>) -> Outcome {
    let status = inner_status(answer).unwrap_or(answer.status);
    let why = reason(status, answer.body);
    match status {
        200..=299 => Outcome::Accepted { receipt: receipt(answer) },
        400 if answer.body.contains("WorkflowTriggerIsNotEnabled") => Outcome::Unavailable { why },
        413 => Outcome::TooLarge { why },
        408 | 425 | 429 | 500..=599 => Outcome::Retry {
            after: retry_after(answer),
            pause: status == 429,
            unsure: may_have_arrived(answer, status),
            why,
        },
        // A redirect is not followed: it would send the secret elsewhere.
        300..=399 | 401 | 403 | 404 | 407 | 410 => Outcome::Refused { why },
        _ => Outcome::Rejected { why },
    }
}

/// The outcome of an attempt without an answer.
pub(in crate::channels::teams) fn unanswered(may_have_left: bool, why: String) -> Outcome {
    if may_have_left {
        Outcome::Retry { after: None, pause: false, unsure: true, why }
    } else {
        Outcome::Unreached { why }
    }
}

fn inner_status(answer: &Answer<'_>) -> Option<u16> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"returned HTTP error (\d{3})\b").expect("the regex is a literal")
    });
    if matches!(answer.status, 200..=299) {
        if let Some(found) = NAMED.captures(answer.body) {
            return found[1].parse().ok();
        }
        if answer.body.contains("delivery failed with error") {
            return Some(500);
        }
    }
    let json: Value = serde_json::from_str(answer.body).ok()?;
    let refused = json.get("ok")? == &Value::Bool(false);
    let status = json.get("status").and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok());
    refused.then(|| status.filter(|status| (400..600).contains(status)).unwrap_or(502))
}

fn receipt(answer: &Answer<'_>) -> Option<String> {
    let message_id = || {
        let json: Value = serde_json::from_str(answer.body).ok()?;
        Some(json.get("messageId")?.as_str()?.to_owned())
    };
    answer.run_id.map(str::to_owned).or_else(message_id)
}

/// Whether the flow may have posted the card: it was too slow, or ended before it answered.
fn may_have_arrived(answer: &Answer<'_>, status: u16) -> bool {
    status == 504 || (status == 502 && answer.body.contains("NoResponse"))
}

fn retry_after(answer: &Answer<'_>) -> Option<Duration> {
    let text = answer.retry_after?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = rfc2822::parse(text).ok()?.timestamp();
    let now = rfc2822::parse(answer.date?).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

fn reason(status: u16, body: &str) -> String {
    let meaning = match status {
        300..=399 => "the webhook answered with a redirect, which is not followed",
        400 => "the webhook refused the request",
        401 | 403 => "the webhook refused the signature, or a policy forbids it",
        404 | 410 => "the workflow does not exist or the URL is damaged",
        407 => "the proxy requires authentication",
        408 | 504 => "the workflow did not answer in time",
        413 => "the card is too large",
        429 => "too many requests",
        500..=599 => "the service failed",
        _ => "the webhook sent an unexpected answer",
    };
    let quoted: String = redact(body).chars().filter(|c| !c.is_control()).take(QUOTED).collect();
    match quoted.trim() {
        "" => format!("{status}: {meaning}"),
        quoted => format!("{status}: {meaning}: {quoted}"),
    }
}

#[cfg(test)]
mod tests;
