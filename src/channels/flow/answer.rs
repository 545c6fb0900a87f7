//! Pure. Maps the answer of a flow with threads to the outcome of a delivery and the result for its
//! thread.

use serde_json::Value;

use crate::channels::teams::answer::{
    Answer, is, is_id, is_refusal_of_url, judge, members, reason_from_teams, refusal,
};
use crate::outbox::{AttemptFault, Outcome, ThreadAnswer, ThreadMessage};

/// The answer of the flow: whether a message was written, where the root is, and whether the URL
/// itself was refused. `key` is that of the thread.
///
/// `200 {"ok":true,"rootId":…,"messageId":…,"opened":…,"run":…}` if the message is in Teams;
/// `502 {"ok":false,"status":…,"error":…}` with the answer of Teams if it accepted no message, where 0
/// and 5xx leave open whether it did; `503` if the flow failed before; a 202 without a body if the
/// flow does not answer.
pub(crate) fn judged(
    answer: &Answer<'_>,
    message: Option<ThreadMessage>,
    key: Option<&str>,
) -> (Outcome, ThreadAnswer, bool) {
    let outcome = judge(answer);
    let Some(said) = said(answer) else {
        // Something between here and the flow failed, maybe only after the flow had begun.
        let outcome = if answer.status >= 500 { unknown(outcome, message) } else { outcome };
        return (outcome, ThreadAnswer::Unknown, is_refusal_of_url(answer));
    };
    if message.is_some() && said.key.as_deref().is_some_and(|said| Some(said) != key) {
        let why = "the flow answered with the key of another thread: it is not the one that \
                   `footman teams flow write` makes";
        return (unknown(retry(why.into()), message), ThreadAnswer::Unknown, false);
    }
    let of_root = matches!(message, Some(ThreadMessage::Update | ThreadMessage::Reply));
    // The flow ran, so its URL is right: what is refused is the message.
    match (said.status, message) {
        (Some(status @ (403 | 404 | 410)), _) if of_root => {
            let why = reason_from_teams(status, meaning_of_root(status), answer);
            (retry(why), ThreadAnswer::Lost, false)
        }
        (Some(412), Some(_)) => (sure(outcome), ThreadAnswer::Busy, false),
        // It is the same however often it is written.
        (Some(_), Some(ThreadMessage::Update)) => (sure(outcome), ThreadAnswer::Unknown, false),
        (Some(_), _) => (outcome, ThreadAnswer::Unknown, false),
        (None, _) => {
            let outcome = match outcome {
                Outcome::Accepted { receipt } => {
                    Outcome::Accepted { receipt: said.run.or(receipt) }
                }
                other => other,
            };
            (outcome, ThreadAnswer::Root { id: said.root, is_new: said.is_new }, false)
        }
    }
}

/// The content of a flow's answer.
struct Said {
    /// The status of Teams, if it did not write the message.
    status: Option<u16>,
    key: Option<String>,
    root: Option<String>,
    is_new: bool,
    run: Option<String>,
}

fn said(answer: &Answer<'_>) -> Option<Said> {
    let members = members(answer.body);
    is(members.get("ok")?)?;
    let text = |key| members.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(Said {
        status: refusal(answer),
        key: text("key").map(str::to_owned),
        root: text("rootId").map(str::to_owned),
        is_new: members.get("opened").and_then(is).unwrap_or(false),
        run: text("run").filter(|run| is_id(run)).map(str::to_owned),
    })
}

/// The meaning of a status for a message in a thread.
fn meaning_of_root(status: u16) -> &'static str {
    match status {
        403 => "the first card of the thread is not the flow's, or its account may not post there",
        _ => "the first card of the thread was deleted",
    }
}

/// A temporary failure: neither the card nor the channel is to blame.
fn retry(why: AttemptFault) -> Outcome {
    Outcome::Retry { after: None, pause: false, unsure: false, why }
}

/// A failure after which it is not known whether the message was written. For an update this does
/// not matter, because repeating it does no harm.
fn unknown(outcome: Outcome, message: Option<ThreadMessage>) -> Outcome {
    match (outcome, message) {
        (
            Outcome::Retry { after, pause, why, .. },
            Some(ThreadMessage::Root { .. } | ThreadMessage::Reply),
        ) => Outcome::Retry { after, pause, unsure: true, why },
        (outcome, _) => outcome,
    }
}

/// The same for a message that must not be written twice.
fn sure(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Retry { after, pause, why, .. } => {
            Outcome::Retry { after, pause, unsure: false, why }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
