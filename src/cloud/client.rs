//! I/O. Requests to one tenant. The secret goes to no other host, and redirects are not followed.

mod http;
mod judge;
mod token;

use std::collections::BTreeMap;

use reqwest::Response;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use url::Url;

use crate::clock::Timestamp;
use crate::cloud::answers::{Fault, Page, TenantAnswer, parsed};
use crate::cloud::client::http::{Http, network, read, unreachable};
use crate::cloud::client::judge::RefusedRequest;
use crate::cloud::client::token::BearerToken;
use crate::cloud::poller::PollRequest;
use crate::cloud::reload::Reload;
use crate::cloud::task::Task;
use crate::config::load::tenant_secret;
use crate::config::{Credentials, Tenant};
use crate::detection::{AnswerFault, TenantFault, TenantRefusal};
use crate::redact::redact_and_bound;

/// The most bytes of an answer that are read.
const MOST: usize = 16 << 20;
/// The most bytes of a script log that are read; its end is kept.
const SCRIPT_LOG: usize = 64 << 20;
const SCRIPT_TAIL: usize = 64 << 10;
/// The longest host that a reason names.
const HOST: usize = 100;

pub(crate) const RELOADS: &str = "/api/v1/reloads";
const TASKS: &str = "/api/scheduling/tasks";
const ENDED: &str = r#"(status eq "SUCCEEDED" or status eq "FAILED" or status eq "CANCELED" or status eq "EXCEEDED_LIMIT")"#;
const ACTIVE: &str = r#"(status eq "QUEUED" or status eq "RELOADING" or status eq "CANCELING" or status eq "EXCEEDED_LIMIT")"#;

/// A usable answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub body: Value,
    /// The tenant's clock.
    pub date: Option<Timestamp>,
}

/// A client for one tenant.
pub struct Client {
    http: Http,
    tenant: Tenant,
    token: BearerToken,
    /// How many requests are left, according to the tenant's last answer.
    left: Option<u64>,
    /// Why the secret could not be read again at the last attempt.
    secret_problem: Option<String>,
}

impl Client {
    /// Prepares HTTPS with the certificates and the proxy of this machine. The error is the reason.
    pub fn new(tenant: Tenant) -> Result<Self, String> {
        let http = Http::new(&tenant.url)?;
        let token = BearerToken::new(&tenant.credentials);
        Ok(Self { http, tenant, token, left: None, secret_problem: None })
    }

    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Number of requests by result.
    pub(crate) fn results(&self) -> &BTreeMap<&'static str, u64> {
        self.http.results()
    }

    /// How many requests are left, according to the tenant's last answer, if it reported it.
    pub(crate) fn left(&self) -> Option<u64> {
        self.left
    }

    /// When the API key expires, if it contains that time.
    pub fn key_expires(&self) -> Option<Timestamp> {
        match &self.tenant.credentials {
            Credentials::ApiKey(key) => key.expires(),
            Credentials::Client { .. } => None,
        }
    }

    /// Makes a request of the poller.
    pub async fn ask(&mut self, request: &PollRequest) -> TenantAnswer {
        self.answer(request).await.unwrap_or_else(TenantAnswer::Fault)
    }

    async fn answer(&mut self, request: &PollRequest) -> Result<TenantAnswer, Fault> {
        match request {
            PollRequest::Ended(next) => self.reloads(ENDED, "-endTime", next.as_deref()).await,
            PollRequest::Active(next) => {
                self.reloads(ACTIVE, "-creationTime", next.as_deref()).await
            }
            PollRequest::One(id) => match self.get(self.url(RELOADS, Some(id), &[])).await {
                Ok(reply) => {
                    let reload = Reload::of(&reply.body).ok_or_else(|| no_list(RELOADS))?;
                    Ok(TenantAnswer::One(Some(reload)))
                }
                Err(refused) if refused.status == Some(404) => Ok(TenantAnswer::One(None)),
                Err(refused) => Err(refused.fault),
            },
            PollRequest::Tasks(next) => {
                let url = self.page(TASKS, &[("limit", "100")], next.as_deref())?;
                let reply = self.get(url).await.map_err(|refused| refused.fault)?;
                let page = Page::of(&reply.body, reply.date, Task::of);
                page.map(TenantAnswer::Tasks).ok_or_else(|| no_list(TASKS))
            }
        }
    }

    async fn reloads(
        &mut self,
        filter: &str,
        sort: &str,
        next: Option<&str>,
    ) -> Result<TenantAnswer, Fault> {
        let query = [("filter", filter), ("sort", sort), ("limit", "100")];
        let url = self.page(RELOADS, &query, next)?;
        let reply = self.get(url).await.map_err(|refused| refused.fault)?;
        let page = Page::of(&reply.body, reply.date, Reload::of);
        page.map(TenantAnswer::Reloads).ok_or_else(|| no_list(RELOADS))
    }

    /// An address of the tenant.
    pub(crate) fn url(&self, path: &str, id: Option<&str>, query: &[(&str, &str)]) -> Url {
        let mut url = self.tenant.url.clone();
        url.set_path(path);
        if let (Some(id), Ok(mut segments)) = (id, url.path_segments_mut()) {
            segments.extend(id.split('/'));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
            // A `+` is encoded, so each of these is a blank, and not every server reads it so.
            let spaced = url.query().map(|query| query.replace('+', "%20"));
            url.set_query(spaced.as_deref());
        }
        url
    }

    /// The first page of a list, or the page that the tenant named as the next. An address of
    /// another host, or of another list, is refused.
    fn page(&self, path: &str, query: &[(&str, &str)], next: Option<&str>) -> Result<Url, Fault> {
        let Some(next) = next else { return Ok(self.url(path, None, query)) };
        let url = self.tenant.url.join(next).ok();
        let is_own = |url: &Url| {
            let plain = url.username().is_empty() && url.password().is_none();
            url.origin() == self.tenant.url.origin() && url.path() == path && plain
        };
        url.clone().filter(is_own).ok_or_else(|| Fault {
            refusal: TenantRefusal::Request,
            why: TenantFault::of("GET", path, elsewhere(url.as_ref())),
            network: None,
            after: None,
        })
    }

    /// The JSON at an address of the tenant.
    pub(crate) async fn get(&mut self, url: Url) -> Result<Reply, RefusedRequest> {
        let path = url.path().to_owned();
        let (mut response, date) = self.send(url, "application/json").await?;
        let body = read(&mut response, MOST).await.map_err(|fault| unreachable(&path, fault))?;
        let body = parsed(&body, MOST).map_err(|fault| unreachable(&path, fault))?;
        Ok(Reply { body, date })
    }

    /// The end of the script log of a reload.
    pub(crate) async fn script_log(
        &mut self,
        app: &str,
        reload: &str,
    ) -> Result<String, RefusedRequest> {
        let url = self.url("/api/v1/apps", Some(&format!("{app}/reloads/logs/{reload}")), &[]);
        let path = url.path().to_owned();
        let (mut response, _) = self.send(url, "text/plain").await?;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if kind.is_some_and(|kind| !kind.trim_start().starts_with("text/plain")) {
            return Err(unreachable(&path, AnswerFault::NoScriptLog));
        }
        let mut tail: Vec<u8> = Vec::new();
        let mut n_read = 0;
        // The reason is at the end, so the beginning alone is of no use.
        let broken = |error: reqwest::Error| unreachable(&path, network(error));
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            n_read += chunk.len();
            tail.extend_from_slice(&chunk);
            if tail.len() > 2 * SCRIPT_TAIL {
                tail.drain(..tail.len() - SCRIPT_TAIL);
            }
            if n_read > SCRIPT_LOG {
                return Err(unreachable(&path, AnswerFault::ScriptLogTooLarge));
            }
        }
        let mut end = &tail[tail.len().saturating_sub(SCRIPT_TAIL)..];
        if end.len() < n_read {
            // A secret of which the beginning is missing could not be recognized.
            let line = end.iter().position(|byte| *byte == b'\n');
            end = line.map_or(&[], |line| &end[line + 1..]);
        }
        Ok(String::from_utf8_lossy(end).into_owned())
    }

    /// An answer of success. A token that is refused is renewed once, and so is a secret that was
    /// replaced where it is kept.
    async fn send(
        &mut self,
        url: Url,
        accept: &'static str,
    ) -> Result<(Response, Option<Timestamp>), RefusedRequest> {
        let mut answer = self.send_once(url.clone(), accept).await;
        if is_refused(&answer) && self.token.forget() {
            answer = self.send_once(url.clone(), accept).await;
        }
        if is_refused(&answer) && self.renew_secret() {
            answer = self.send_once(url, accept).await;
        }
        answer
    }

    /// Reads the secret again. Returns whether it has changed; the new one is then used from now
    /// on. An unusable one changes nothing.
    pub(crate) fn renew_secret(&mut self) -> bool {
        let Some(place) = &self.tenant.secret_in else { return false };
        let read = tenant_secret(place);
        let problem = read.as_ref().err().map(|unusable| unusable.why.clone());
        if let Some(why) = problem.as_ref().filter(|why| self.secret_problem.as_ref() != Some(*why))
        {
            tracing::warn!("{why}; the secret that was read before is used");
        }
        self.secret_problem = problem;
        let Ok(secret) = read else { return false };
        let renewed = self.tenant.credentials.with(secret);
        if renewed == self.tenant.credentials {
            return false;
        }
        self.tenant.credentials = renewed;
        self.token = BearerToken::new(&self.tenant.credentials);
        tracing::info!("{place} has changed and is used");
        true
    }

    /// Whether the secret can change while the program runs.
    pub(crate) fn is_secret_watched(&self) -> bool {
        self.tenant.secret_in.is_some()
    }

    async fn send_once(
        &mut self,
        url: Url,
        accept: &'static str,
    ) -> Result<(Response, Option<Timestamp>), RefusedRequest> {
        let path = url.path().to_owned();
        let bearer = self.token.bearer(&mut self.http, &self.tenant).await?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {bearer}"))
            .map_err(|_| unreachable(&path, AnswerFault::UnusableToken))?;
        bearer.set_sensitive(true);
        let request = self.http.client.get(url);
        let request = request.header(AUTHORIZATION, bearer).header(ACCEPT, accept);
        let answer = self.http.answered("GET", &path, request).await?;
        let left = answer.0.headers().get("x-ratelimit-remaining");
        self.left = left.and_then(|left| left.to_str().ok()?.trim().parse().ok());
        Ok(answer)
    }
}

/// Why the address of a next page is not requested.
fn elsewhere(url: Option<&Url>) -> AnswerFault {
    let host = url.and_then(Url::host_str).map(|host| redact_and_bound(host, HOST));
    AnswerFault::Elsewhere { host }
}

/// Whether an answer means that other credentials are needed.
fn is_refused<T>(answer: &Result<T, RefusedRequest>) -> bool {
    answer.as_ref().is_err_and(|it| it.fault.refusal == TenantRefusal::Credentials)
}

fn no_list(path: &str) -> Fault {
    unreachable(path, AnswerFault::OtherForm).fault
}
