//! I/O. The authorization of a request: the API key, or the token of an OAuth client.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::cloud::client::http::{Http, REFUSAL, of_request, read};
use crate::cloud::client::judge::RefusedRequest;
use crate::config::{Credentials, Tenant};
use crate::detection::{AnswerFault, TenantRefusal};

const PATH: &str = "/oauth/token";
/// How long a token without an expiry counts as valid.
const UNTIMED: u64 = 600;

/// The bearer token of requests.
pub(crate) struct BearerToken {
    /// Whether the tenant issued it, so that it can issue another.
    is_given: bool,
    given: Option<GivenToken>,
}

struct GivenToken {
    bearer: String,
    renew: Instant,
}

impl BearerToken {
    pub(crate) fn new(credentials: &Credentials) -> Self {
        Self { is_given: matches!(credentials, Credentials::Client { .. }), given: None }
    }

    /// Drops a token that was refused. Returns whether another can be requested.
    pub(crate) fn forget(&mut self) -> bool {
        self.given.take().is_some() && self.is_given
    }

    pub(crate) async fn bearer(
        &mut self,
        http: &mut Http,
        tenant: &Tenant,
    ) -> Result<String, RefusedRequest> {
        let (id, secret) = match &tenant.credentials {
            Credentials::ApiKey(key) => return Ok(key.expose_secret().to_owned()),
            Credentials::Client { id, secret } => (id, secret),
        };
        if let Some(given) = self.given.as_ref().filter(|given| Instant::now() < given.renew) {
            return Ok(given.bearer.clone());
        }
        let body = json!({
            "client_id": id,
            "client_secret": secret.expose_secret(),
            "grant_type": "client_credentials",
        });
        let mut url = tenant.url.clone();
        url.set_path(PATH);
        let request = http
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(body.to_string());
        let answer = http.answered("POST", PATH, request).await;
        let (mut response, _) = answer.map_err(of_client)?;
        let body = read(&mut response, REFUSAL * 4).await.unwrap_or_default();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let Some(bearer) = body.get("access_token").and_then(Value::as_str) else {
            return Err(unusable());
        };
        let lasts = body.get("expires_in").and_then(Value::as_u64).unwrap_or(UNTIMED);
        let renew = Instant::now() + Duration::from_secs(lasts.min(86_400) / 5 * 4);
        self.given = Some(GivenToken { bearer: bearer.to_owned(), renew });
        Ok(bearer.to_owned())
    }
}

/// Any refusal of a token means that the credentials are wrong, whatever the status.
fn of_client(mut refused: RefusedRequest) -> RefusedRequest {
    if matches!(refused.fault.refusal, TenantRefusal::Rights | TenantRefusal::Request) {
        refused.fault.refusal = TenantRefusal::Credentials;
    }
    // A new token would be refused in the same way.
    refused.status = refused.status.filter(|status| *status != 401);
    refused
}

fn unusable() -> RefusedRequest {
    of_request("POST", PATH, AnswerFault::NoToken)
}
