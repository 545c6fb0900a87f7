//! Pure. Maps the answer of a webhook to the outcome of a delivery.

mod members;

use std::sync::LazyLock;
use std::time::Duration;

use jiff::fmt::rfc2822;
use regex::Regex;

use crate::config::worded::NetworkFault;
use crate::outbox::{AttemptFault, FaultSource, Outcome};
use crate::redact::redact;

pub(crate) use crate::channels::teams::answer::members::{is, members};

/// The most characters of a body that a reason quotes.
const QUOTED: usize = 300;
/// Number of bytes that are searched for secrets, before the quote is cut from them.
const SEARCHED: usize = 4096;

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
    pub content_type: Option<&'a str>,
    /// The beginning of the body.
    pub body: &'a str,
}

/// The outcome of one answer.
///
/// A 202 means that the flow was started, not that the card was shown. Some relays answer 200 and
/// name the real status in the body ("…returned HTTP error 429…"); Footman's own flow answers 502
/// with `{"ok":false,"status":413}`. In both cases the inner status counts. If a flow answers that
/// Teams failed or did not answer, it is unknown whether the message was written.
///
/// A web page is not the answer of a webhook: a proxy or a portal answered in its place, usually
/// with a form to sign in.
pub fn judge(answer: &Answer<'_>) -> Outcome {
    let status = inner_status(answer).unwrap_or(answer.status);
    let why = reason(status, answer);
    match status {
        200..=299 if is_web_page(answer) => Outcome::Refused { why },
        200..=299 => Outcome::Accepted { receipt: receipt(answer) },
        400 if answer.body.contains("WorkflowTriggerIsNotEnabled") => {
            if is_deleted(answer.body) {
                Outcome::Gone { why }
            } else {
                Outcome::Unavailable { why }
            }
        }
        413 => Outcome::TooLarge { why },
        408 | 412 | 425 | 429 | 500..=599 => Outcome::Retry {
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

/// Whether the workflow of a trigger that is not enabled was deleted or created again, not only
/// switched off: \"… is in state 'Deleted'\".
fn is_deleted(body: &str) -> bool {
    static STATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\bstate\b[^.]{0,12}\bdeleted\b").expect("the regex is a literal")
    });
    STATE.is_match(body)
}

/// Whether the answer refuses the URL, not the card: the workflow is gone or off, or does not
/// accept the signature. What a flow reports about Teams is not such an answer, because the flow
/// ran.
pub(crate) fn is_refusal_of_url(answer: &Answer<'_>) -> bool {
    match relayed(answer).unwrap_or(answer.status) {
        401 | 403 | 404 | 410 => true,
        400 => answer.body.contains("WorkflowTriggerIsNotEnabled"),
        _ => false,
    }
}

/// The outcome of an attempt without an answer.
pub(crate) fn unanswered(may_have_left: bool, why: NetworkFault) -> Outcome {
    let why = why.into();
    if may_have_left {
        Outcome::Retry { after: None, pause: false, unsure: true, why }
    } else {
        Outcome::Unreached { why }
    }
}

/// The status of Teams in the answer of a relay or a flow.
fn inner_status(answer: &Answer<'_>) -> Option<u16> {
    relayed(answer).or_else(|| refusal(answer))
}

fn relayed(answer: &Answer<'_>) -> Option<u16> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"returned HTTP error (\d{3})\b").expect("the regex is a literal")
    });
    if !matches!(answer.status, 200..=299) {
        return None;
    }
    if let Some(found) = NAMED.captures(answer.body) {
        return found[1].parse().ok();
    }
    answer.body.contains("delivery failed with error").then_some(500)
}

/// The status of Teams in the answer of a flow that cannot tell whether the message was written;
/// 504 if Teams did not answer the flow.
pub(crate) fn refusal(answer: &Answer<'_>) -> Option<u16> {
    let members = members(answer.body);
    let is_written = is(members.get("ok")?)?;
    // A flow may make a text of it.
    let status = members.get("status");
    let status = status.and_then(|it| it.as_u64().or_else(|| it.as_str()?.parse().ok()));
    let status = status.and_then(|n| u16::try_from(n).ok());
    (!is_written).then(|| status.filter(|status| (400..600).contains(status)).unwrap_or(504))
}

fn receipt(answer: &Answer<'_>) -> Option<String> {
    let message_id = || {
        let members = members(answer.body);
        Some(members.get("messageId")?.as_str()?.to_owned())
    };
    let run_id = answer.run_id.filter(|id| is_id(id)).map(str::to_owned);
    run_id.or_else(|| message_id().filter(|id| is_id(id)))
}

/// Whether a text has the form of an id. Anything else is not kept: a server may repeat the URL in
/// it, in any form.
pub(crate) fn is_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    (1..=80).contains(&text.len()) && text.bytes().all(is_part)
}

/// Whether the flow may have posted the card: it was too slow, ended before it answered, or got a
/// failure or no answer from Teams.
fn may_have_arrived(answer: &Answer<'_>, status: u16) -> bool {
    if refusal(answer).is_some() {
        return !wrote_nothing(answer) && matches!(status, 408 | 500..=599);
    }
    status == 504 || (status == 502 && answer.body.contains("NoResponse"))
}

/// Whether a flow says that it ended before it wrote anything.
fn wrote_nothing(answer: &Answer<'_>) -> bool {
    answer.status == 503 && refusal(answer).is_some()
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

/// Whether the body is HTML. The content type alone is not enough: some relays call every text
/// HTML.
fn is_web_page(answer: &Answer<'_>) -> bool {
    let is_html = |text: &str| {
        let text = text.trim_start().to_ascii_lowercase();
        ["text/html", "application/xhtml"].iter().any(|known| text.starts_with(known))
    };
    let body = answer.body.trim_start_matches('\u{feff}').trim_start();
    let begins = |tag: &str| {
        body.as_bytes().get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag.as_bytes()))
    };
    ["<!doctype html", "<html", "<head", "<body"].into_iter().any(begins)
        || body.starts_with('<') && answer.content_type.is_some_and(is_html)
}

/// The part of a body that a reason quotes; for a web page, its title.
fn telling<'a>(answer: &Answer<'a>) -> &'a str {
    static TITLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("(?is)<title[^>]*>(.*?)</title").expect("the regex is a literal")
    });
    if !is_web_page(answer) {
        return answer.body;
    }
    let title = TITLE.captures(answer.body).and_then(|found| found.get(1));
    title.map_or("", |title| title.as_str())
}

fn reason(status: u16, answer: &Answer<'_>) -> AttemptFault {
    if inner_status(answer).is_some() {
        let meaning = if wrote_nothing(answer) {
            "the flow failed before it wrote anything"
        } else {
            meaning_from_teams(status)
        };
        return reason_from_teams(status, meaning, answer);
    }
    let meaning = match status {
        200..=299 if is_web_page(answer) => "a web page was answered, not the answer of a webhook",
        300..=399 => "the webhook answered with a redirect, which is not followed",
        400 if is_deleted(answer.body) => {
            "the workflow was deleted or made again; give Footman the new URL"
        }
        400 if answer.body.contains("WorkflowTriggerIsNotEnabled") => {
            "the workflow is switched off"
        }
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
    let text = quoted(format!("{status}: {meaning}"), answer);
    AttemptFault { text, source: FaultSource::Webhook(status) }
}

/// The meaning of a status that Teams returned to a flow or a relay: the URL of the webhook is
/// right.
fn meaning_from_teams(status: u16) -> &'static str {
    match status {
        400 => "Teams refused the card",
        401 => "the connection to Teams is not signed in",
        403 => "the account of the connection to Teams may not post there",
        404 | 410 => "Teams does not know the team or the channel",
        408 | 504 => "Teams did not answer in time",
        412 => "the thread was changed at the same time",
        413 => "the card is too large",
        429 => "too many messages of one connection to Teams",
        500..=599 => "Teams failed",
        _ => "Teams sent an unexpected answer",
    }
}

/// The reason for an answer of Teams to a flow.
pub(crate) fn reason_from_teams(status: u16, meaning: &str, answer: &Answer<'_>) -> AttemptFault {
    let text = quoted(format!("{status} from Teams: {meaning}"), answer);
    AttemptFault { text, source: FaultSource::Teams(status) }
}

fn quoted(meaning: String, answer: &Answer<'_>) -> String {
    let telling = telling(answer);
    let telling = &telling[..telling.floor_char_boundary(SEARCHED)];
    let quoted: String = redact(telling).chars().filter(|c| !c.is_control()).take(QUOTED).collect();
    match quoted.trim() {
        "" => meaning,
        quoted => format!("{meaning}: {quoted}"),
    }
}

#[cfg(test)]
mod tests;
