//! I/O. Posts one payload to a Teams Workflows webhook.

use std::error::Error as _;
use std::fmt::{self, Write as _};

use reqwest::header::{CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER};
use reqwest::{Client, Response};

use crate::channels::teams::answer::{Answer, judge, unanswered};
use crate::channels::teams::config::{Timeouts, client};
use crate::channels::teams::envelope::message;
use crate::channels::{Error, SendRequest};
use crate::clock::Timestamp;
use crate::config::Webhook;
use crate::config::worded::plain;
use crate::outbox::Outcome;
use crate::redact::redact;

const RUN_ID: HeaderName = HeaderName::from_static("x-ms-workflow-run-id");
/// The most bytes of an answer that are read.
const READ: usize = 4096;

/// A client for one webhook.
pub struct Sender {
    client: Client,
    webhook: Webhook,
}

impl fmt::Debug for Sender {
    /// Omits the client: it may contain the password of a proxy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("webhook", &self.webhook).finish_non_exhaustive()
    }
}

impl Sender {
    /// Prepares HTTPS with the certificates and the proxy of this machine.
    pub fn new(webhook: Webhook, timeouts: Timeouts) -> Result<Self, Error> {
        Ok(Self { client: client(&webhook, timeouts)?, webhook })
    }

    /// The webhook, for messages: its `Display` hides the secret.
    pub fn webhook(&self) -> &Webhook {
        &self.webhook
    }

    /// Posts once.
    pub async fn send(&self, request: SendRequest<'_>) -> Outcome {
        let post = self
            .client
            .post(self.webhook.expose_url().clone())
            // Without a charset, some flows break emoji.
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(message(request.card, request.possible_repeat));
        match post.send().await {
            Ok(response) => answered(response).await,
            // Only a failed connection proves that the card was not sent.
            Err(error) => unanswered(!error.is_connect() && !error.is_builder(), chain(error)),
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
    pub async fn reach(&self) -> Result<Reached, String> {
        let answer = self.client.head(self.webhook.server()).send().await;
        let answer = answer.map_err(chain)?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        Ok(Reached { status: answer.status().as_u16(), date: date.map(|date| date.timestamp()) })
    }
}

async fn answered(mut response: Response) -> Outcome {
    let body = beginning(&mut response).await;
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    judge(&Answer {
        status: response.status().as_u16(),
        retry_after: header(RETRY_AFTER),
        date: header(DATE),
        run_id: header(RUN_ID),
        body: &String::from_utf8_lossy(&body),
    })
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

/// The error with its sources, without the URL: the cause ("connection refused") is the last one.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, ": {cause}").expect("writing to a string does not fail");
        source = cause.source();
    }
    redact(&plain(&text)).into_owned()
}
