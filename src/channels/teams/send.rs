//! I/O. Posts one payload to a Teams Workflows webhook.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::header::{CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER};
use reqwest::{Client, Response};

use crate::channels::teams::answer::{Answer, is_refusal_of_url, judge, unanswered};
use crate::channels::teams::config::{Timeouts, client};
use crate::channels::teams::envelope::message;
use crate::channels::{Error, SendRequest};
use crate::clock::Timestamp;
use crate::config::worded::{NetworkFault, causes};
use crate::config::{Connection, Webhook};
use crate::outbox::Outcome;
use crate::redact::{redact, without};

const RUN_ID: HeaderName = HeaderName::from_static("x-ms-workflow-run-id");
/// The most bytes of an answer that are read: a flow may quote the answer of Teams to a whole
/// message.
const READ: usize = 64 << 10;

/// A client for one webhook, and for the one that replaces it.
pub struct Sender {
    client: Client,
    webhook: Webhook,
    next: Option<Webhook>,
    /// Texts that no answer may show: the parts of both webhooks.
    secrets: Vec<String>,
    /// Whether the next one accepted a card after the first one had been refused.
    uses_next: AtomicBool,
}

/// The result of one post.
pub(crate) struct Posted<T> {
    pub(crate) outcome: T,
    /// Whether another URL of the same channel may work.
    pub(crate) refuses_url: bool,
}

impl fmt::Debug for Sender {
    /// Omits the client: it may contain the password of a proxy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("webhook", &self.webhook).finish_non_exhaustive()
    }
}

impl Sender {
    /// Prepares HTTPS with the certificates and the proxy of this machine, or of this channel.
    pub fn new(
        webhook: Webhook,
        connection: &Connection,
        timeouts: Timeouts,
    ) -> Result<Self, Error> {
        let client = client(&webhook, connection, timeouts)?;
        let secrets = webhook.secrets();
        Ok(Self { client, webhook, next: None, secrets, uses_next: AtomicBool::new(false) })
    }

    /// The same, with the webhook that is used once the first one is refused.
    #[must_use]
    pub fn then(self, next: Option<Webhook>) -> Self {
        let mut secrets = self.secrets;
        secrets.extend(next.iter().flat_map(Webhook::secrets));
        Self { next, secrets, ..self }
    }

    /// Whether cards are sent through the next webhook.
    pub(crate) fn uses_next(&self) -> bool {
        self.uses_next.load(Ordering::Relaxed)
    }

    /// The webhook, for messages: its `Display` hides the secret.
    pub fn webhook(&self) -> &Webhook {
        &self.webhook
    }

    /// Posts once. If the URL itself is refused, the card was not accepted: it is posted to the other
    /// URL, if there is one.
    pub async fn send(&self, request: SendRequest<'_>) -> Outcome {
        let body = message(request.card, request.possible_repeat);
        let judge = |answer: &Answer<'_>| Posted {
            outcome: judge(answer),
            refuses_url: is_refusal_of_url(answer),
        };
        self.exchange(&body, judge, unanswered, |outcome| outcome).await
    }

    /// The same for any body. `judge` evaluates the answer; without an answer the result is
    /// `failed`.
    pub(crate) async fn exchange<T>(
        &self,
        body: &str,
        judge: impl Fn(&Answer<'_>) -> Posted<T>,
        failed: impl Fn(bool, NetworkFault) -> T,
        outcome: impl Fn(&T) -> &Outcome,
    ) -> T {
        let post = async |webhook| self.post(webhook, body, &judge, &failed).await;
        let Some(next) = &self.next else { return post(&self.webhook).await.outcome };
        let uses_next = self.uses_next();
        let (one, other) = if uses_next { (next, &self.webhook) } else { (&self.webhook, next) };
        let first = post(one).await;
        if !first.refuses_url {
            return first.outcome;
        }
        let second = post(other).await;
        if matches!(outcome(&second.outcome), Outcome::Accepted { .. }) {
            self.uses_next.store(!uses_next, Ordering::Relaxed);
        }
        // As long as one of the two may take cards again, it is asked.
        let is_gone = matches!(outcome(&first.outcome), Outcome::Gone { .. });
        if second.refuses_url && !is_gone { first.outcome } else { second.outcome }
    }

    async fn post<T>(
        &self,
        webhook: &Webhook,
        body: &str,
        judge: impl Fn(&Answer<'_>) -> Posted<T>,
        failed: impl Fn(bool, NetworkFault) -> T,
    ) -> Posted<T> {
        let post = self
            .client
            .post(webhook.expose_url().clone())
            // Without a charset, some flows break emoji.
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(body.to_owned());
        match post.send().await {
            Ok(response) => answered(response, &self.secrets, judge).await,
            // Only a failed connection proves that the card was not sent.
            Err(error) => {
                let may_have_left = !error.is_connect() && !error.is_builder();
                Posted { outcome: failed(may_have_left, chain(error)), refuses_url: false }
            }
        }
    }
}

/// The answer of a webhook's server to a request that starts no flow.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    pub status: u16,
    /// The server's clock.
    pub date: Option<Timestamp>,
}

impl Sender {
    /// Sends a HEAD request for the root of the webhook's server. Any answer counts; the error is
    /// the reason why there is none.
    pub async fn reach(&self) -> Result<Reached, NetworkFault> {
        let answer = self.client.head(self.webhook.server()).send().await;
        let answer = answer.map_err(chain)?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        Ok(Reached { status: answer.status().as_u16(), date: date.map(|date| date.timestamp()) })
    }
}

/// Evaluates an answer after removing the webhook from it: servers quote the requested address.
async fn answered<T>(
    mut response: Response,
    secrets: &[String],
    judge: impl Fn(&Answer<'_>) -> Posted<T>,
) -> Posted<T> {
    let body = beginning(&mut response).await;
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let run_id = header(RUN_ID).map(|id| without(id, &secrets));
    let answer = Answer {
        status: response.status().as_u16(),
        retry_after: header(RETRY_AFTER),
        date: header(DATE),
        run_id: run_id.as_deref(),
        content_type: header(CONTENT_TYPE),
        body: &without(&String::from_utf8_lossy(&body), &secrets),
    };
    judge(&answer)
}

/// The beginning of the body; a broken body does not matter, since the status counts.
async fn beginning(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < READ
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(READ);
    body
}

/// What failed, from the error and its sources, without the URL.
pub(crate) fn chain(error: reqwest::Error) -> NetworkFault {
    let NetworkFault { text, kind } = causes(&error.without_url());
    NetworkFault { text: redact(&text).into_owned(), kind }
}
