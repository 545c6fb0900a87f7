//! I/O. Sends requests to a tenant and counts their results.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::header::{DATE, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, redirect};
use url::Url;

use crate::clock::Timestamp;
use crate::cloud::answers::Fault;
use crate::cloud::client::judge::{RefusedRequest, refused};
use crate::config::is_loopback_host;
use crate::config::worded::{NetworkFault, NetworkKind, causes};
use crate::detection::{AnswerFault, TenantFault, TenantRefusal};

const CONNECT: Duration = Duration::from_secs(10);
/// The time limit of a list.
const LIST: Duration = Duration::from_secs(30);
/// The most bytes of a refusal that are read.
pub(crate) const REFUSAL: usize = 4096;
/// The result that is not a [`TenantRefusal`].
const ACCEPTED: &str = "accepted";

/// Connections to a tenant.
pub(crate) struct Http {
    pub(crate) client: reqwest::Client,
    results: BTreeMap<&'static str, u64>,
}

impl Http {
    /// HTTPS with the certificates and the proxy of this machine. The error is the reason.
    pub(crate) fn new(url: &Url) -> Result<Self, String> {
        // Fails only if a provider is already installed, which is fine.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(LIST)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("footman/", env!("CARGO_PKG_VERSION")));
        if url.host_str().is_some_and(is_loopback_host) {
            http = http.no_proxy();
        }
        let client = http.build().map_err(|error| causes(&error).text)?;
        let refusals = TenantRefusal::ALL.map(TenantRefusal::name);
        let all = [ACCEPTED].into_iter().chain(refusals);
        Ok(Self { client, results: all.map(|result| (result, 0)).collect() })
    }

    /// Number of requests by result.
    pub(crate) fn results(&self) -> &BTreeMap<&'static str, u64> {
        &self.results
    }

    /// Sends a request and evaluates its answer.
    pub(crate) async fn answered(
        &mut self,
        method: &str,
        path: &str,
        request: RequestBuilder,
    ) -> Result<(Response, Option<Timestamp>), RefusedRequest> {
        let answer = answered(method, path, request).await;
        let result = match &answer {
            Ok(_) => ACCEPTED,
            Err(refused) => refused.fault.refusal.name(),
        };
        *self.results.entry(result).or_default() += 1;
        answer
    }
}

async fn answered(
    method: &str,
    path: &str,
    request: RequestBuilder,
) -> Result<(Response, Option<Timestamp>), RefusedRequest> {
    let sent = request.send().await;
    let mut response = sent.map_err(|error| of_request(method, path, network(error)))?;
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let date = header(DATE).and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let date = date.map(|date| date.timestamp());
    let status = response.status().as_u16();
    if status == 200 {
        return Ok((response, date));
    }
    let after = header(RETRY_AFTER).map(str::to_owned);
    let body = read(&mut response, REFUSAL).await.unwrap_or_default();
    Err(refused(method, path, status, after.as_deref(), &String::from_utf8_lossy(&body)))
}

/// The beginning of a body; the error is the reason why it could not be read further.
pub(crate) async fn read(response: &mut Response, most: usize) -> Result<Vec<u8>, NoAnswer> {
    let mut body = Vec::new();
    while body.len() < most {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return Err(network(error)),
        }
    }
    body.truncate(most);
    Ok(body)
}

/// Why there is no usable answer, and the kind of the error if the network is the cause.
pub(crate) struct NoAnswer {
    fault: AnswerFault,
    network: Option<NetworkKind>,
}

impl From<AnswerFault> for NoAnswer {
    fn from(fault: AnswerFault) -> Self {
        Self { fault, network: None }
    }
}

pub(crate) fn network(error: reqwest::Error) -> NoAnswer {
    let NetworkFault { text, kind } = causes(&error.without_url());
    NoAnswer { fault: AnswerFault::Network(text), network: kind }
}

/// A GET without a usable answer.
pub(crate) fn unreachable(path: &str, fault: impl Into<NoAnswer>) -> RefusedRequest {
    of_request("GET", path, fault)
}

pub(crate) fn of_request(method: &str, path: &str, fault: impl Into<NoAnswer>) -> RefusedRequest {
    let NoAnswer { fault, network } = fault.into();
    let (refusal, why) = (TenantRefusal::Unreachable, TenantFault::of(method, path, fault));
    RefusedRequest { status: None, fault: Fault { refusal, why, network, after: None } }
}
