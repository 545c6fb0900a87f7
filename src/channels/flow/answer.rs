//! Pure. Maps the answer of a flow with threads to the outcome of a delivery, and to what became of its
//! thread.

use serde_json::Value;

use crate::channels::teams::answer::{Answer, inner_status, is_refusal_of_url, judge};
use crate::outbox::{Outcome, ThreadAnswer, ThreadMessage};

/// What the flow answered: whether a message was written, and where the root is. The last is whether
/// the URL itself was refused.
///
/// `200 {"ok":true,"rootId":…,"messageId":…,"opened":…,"run":…}` if the message is in Teams;
/// `502 {"ok":false,"status":…,"error":…}` with the answer of Teams if not; a 202 without a body if the
/// flow does not answer.
pub(crate) fn judged(
    answer: &Answer<'_>,
    message: Option<ThreadMessage>,
) -> (Outcome, ThreadAnswer, bool) {
    let outcome = judge(answer);
    let Some(said) = said(answer) else {
        return (outcome, ThreadAnswer::Unknown, is_refusal_of_url(answer));
    };
    // The flow ran, so its URL is right: what is refused is the message.
    let change = |thread| (retry(outcome.clone()), thread, false);
    match (said.status, message) {
        (Some(403 | 404 | 410), Some(ThreadMessage::Update | ThreadMessage::Reply)) => {
            change(ThreadAnswer::Lost)
        }
        (Some(412), Some(_)) => change(ThreadAnswer::Busy),
        (Some(_), _) => (outcome, ThreadAnswer::Unknown, false),
        (None, _) => {
            let outcome = match outcome {
                Outcome::Accepted { receipt } => {
                    Outcome::Accepted { receipt: receipt.or(said.run) }
                }
                other => other,
            };
            (outcome, ThreadAnswer::Root { id: said.root, is_new: said.is_new }, false)
        }
    }
}

/// What a flow says in its answer.
struct Said {
    /// The status of Teams, if it did not write the message.
    status: Option<u16>,
    root: Option<String>,
    is_new: bool,
    run: Option<String>,
}

fn said(answer: &Answer<'_>) -> Option<Said> {
    let json: Value = serde_json::from_str(answer.body).ok()?;
    let is_written = json.get("ok")?.as_bool()?;
    let text = |key| json.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let status = inner_status(answer).unwrap_or(answer.status);
    Some(Said {
        status: (!is_written).then_some(status),
        root: text("rootId").map(str::to_owned),
        is_new: json.get("opened").is_some_and(|it| it == true || it == "True" || it == "true"),
        run: text("run").map(str::to_owned),
    })
}

/// The same as a failure that passes: neither the card nor the channel is to blame.
fn retry(outcome: Outcome) -> Outcome {
    match outcome.why().map(str::to_owned) {
        Some(why) => Outcome::Retry { after: None, pause: false, unsure: false, why },
        None => outcome,
    }
}

#[cfg(test)]
mod tests;
