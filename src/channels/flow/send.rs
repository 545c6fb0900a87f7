//! I/O. Posts one message of a thread to a flow.

use crate::channels::SendRequest;
use crate::channels::flow::answer::judged;
use crate::channels::flow::envelope::{Envelope, envelope};
use crate::channels::teams::answer::{Answer, unanswered};
use crate::channels::teams::{Posted, Sender, message};
use crate::outbox::{Outcome, ThreadAnswer, ThreadWrite};

/// A client for the webhook of one flow, and for the one that replaces it.
#[derive(Debug)]
pub struct FlowSender(Sender);

impl FlowSender {
    pub(crate) fn new(sender: Sender) -> Self {
        Self(sender)
    }

    /// Posts to the webhook.
    pub fn sender(&self) -> &Sender {
        &self.0
    }

    /// Posts once: a message of a thread, or a card of its own.
    pub async fn send(
        &self,
        request: SendRequest<'_>,
        write: Option<&ThreadWrite>,
    ) -> (Outcome, ThreadAnswer) {
        let SendRequest { id, card, possible_repeat, .. } = request;
        let body = match write {
            Some(write) => {
                let Envelope { body, lacks_key } = envelope(card, possible_repeat, write);
                if lacks_key {
                    tracing::warn!(
                        card = id,
                        "the `body` of this card is not a list, so a flow that does not answer cannot \
                         find its thread; see `footman preview`"
                    );
                }
                body
            }
            None => message(card, possible_repeat),
        };
        let message = write.map(|write| write.message);
        let key = write.map(|write| write.key.as_str());
        let judge = |answer: &Answer<'_>| {
            let (outcome, thread, refuses_url) = judged(answer, message, key);
            Posted { outcome: (outcome, thread), refuses_url }
        };
        let failed = |may_have_left, why| (unanswered(may_have_left, why), ThreadAnswer::Unknown);
        self.0.exchange(&body, judge, failed, |(outcome, _)| outcome).await
    }
}
