//! I/O. Posts one payload to a Teams Workflows webhook.

use std::error::Error as _;
use std::fmt::{self, Write as _};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER};
use reqwest::{Client, Response, redirect};

use crate::clock::Timestamp;
use crate::config::Webhook;
use crate::deliver::Error;
use crate::deliver::verdict::{Answer, verdict};
use crate::outbox::Outcome;
use crate::redact::redact;

const RUN_ID: HeaderName = HeaderName::from_static("x-ms-workflow-run-id");
/// How much of an answer is read at most, in bytes.
const READ: usize = 4096;

/// How long an attempt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: Duration,
    /// From the beginning to the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

/// The way to one webhook.
pub struct Sender {
    client: Client,
    webhook: Webhook,
}

impl fmt::Debug for Sender {
    /// Leaves the client out: it may know the password of a proxy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("webhook", &self.webhook).finish_non_exhaustive()
    }
}

impl Sender {
    /// Prepares HTTPS with the certificates and the proxy of this machine.
    pub fn new(webhook: Webhook, timeouts: Timeouts) -> Result<Self, Error> {
        // Fails only if a provider was installed before, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut client = Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            // A kept connection that the other side closed meanwhile looks like a lost answer.
            .pool_idle_timeout(Duration::from_secs(5))
            .redirect(redirect::Policy::none())
            .user_agent(concat!("footman/", env!("CARGO_PKG_VERSION")));
        if webhook.server().scheme() == "http" {
            // Only loopback may go without TLS, and no proxy can reach that for us.
            client = client.no_proxy();
        }
        let failed = |source| Error::Client { webhook: webhook.to_string(), source };
        let client = client.build().map_err(failed)?;
        Ok(Self { client, webhook })
    }

    /// The webhook, for messages: printing it shows no secret.
    pub fn webhook(&self) -> &Webhook {
        &self.webhook
    }

    /// Posts once.
    pub async fn send(&self, payload: &str) -> Outcome {
        let request = self
            .client
            .post(self.webhook.expose_url().clone())
            // With the charset named: without it, some flows break emoji.
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(payload.to_owned());
        match request.send().await {
            Ok(response) => judge(response).await,
            Err(error) => not_answered(error),
        }
    }
}

/// What a webhook's server answered to a question that no flow hears.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    pub status: u16,
    /// The server's clock.
    pub date: Option<Timestamp>,
}

impl Sender {
    /// Asks the server of the webhook for its root, by HEAD: any answer is one. Else why not.
    pub async fn reach(&self) -> Result<Reached, String> {
        let answer = self.client.head(self.webhook.server()).send().await;
        let answer = answer.map_err(chain)?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        Ok(Reached { status: answer.status().as_u16(), date: date.map(|date| date.timestamp()) })
    }
}

async fn judge(mut response: Response) -> Outcome {
    let body = beginning(&mut response).await;
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    verdict(&Answer {
        status: response.status().as_u16(),
        retry_after: header(RETRY_AFTER),
        date: header(DATE),
        run_id: header(RUN_ID),
        body: &String::from_utf8_lossy(&body),
    })
}

/// The status counts even if the body breaks off.
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

/// Only a connection that never stood is sure not to have carried the card.
fn not_answered(error: reqwest::Error) -> Outcome {
    let left = !error.is_connect() && !error.is_builder();
    let why = chain(error);
    if left {
        Outcome::Retry { after: None, pause: false, unsure: true, why }
    } else {
        Outcome::Unreached { why }
    }
}

/// The error and what lies under it, without the URL: the cause ("connection refused") is at
/// the bottom.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, ": {cause}").expect("writing to a string does not fail");
        source = cause.source();
    }
    redact(&text).into_owned()
}
