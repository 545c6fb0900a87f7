//! The simulated tenant notices each request that the API's description does not allow.

use super::*;
use crate::demo::tenant::API_KEY;

type Headers<'h> = &'h [(&'h str, &'h str)];

const JSON: Headers<'_> = &[("accept", "application/json"), ("authorization", BEARER)];
const BEARER: &str = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJkZW1vIn0.c2ltdWxhdGVk";
const TOKEN: Headers<'_> = &[("accept", "application/json"), ("content-type", "application/json")];
const CLIENT: &str = r#"{"client_id":"a","client_secret":"b","grant_type":"client_credentials"}"#;

/// The status of the answer, and what the tenant finds wrong with the request.
async fn asked(method: &str, uri: &str, headers: Headers<'_>, body: &str) -> (u16, Vec<String>) {
    let tenant = CloudTenant::new(CloudWorld::new());
    let mut request = axum::http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let answer = answer(State(tenant.clone()), request).await;
    let violations = tenant.world().violations.clone();
    (answer.status().as_u16(), violations)
}

#[tokio::test]
async fn a_request_that_is_described_is_no_violation() {
    assert!(BEARER.ends_with(API_KEY));
    for uri in [
        "/api/v1/reloads?filter=(status%20eq%20%22FAILED%22%20or%20status%20eq%20%22CANCELED%22)&sort=-endTime&limit=100",
        "/api/v1/reloads?sort=%2BendTime&log=true&partial=false",
        "/api/v1/items?resourceType=app&resourceIds=a,b&noActions=true&limit=100",
        "/api/v1/users/me",
        "/api/v1/tenants/simulated-tenant",
        "/api/scheduling/tasks?limit=100",
    ] {
        assert_eq!(asked("GET", uri, JSON, "").await, (200, vec![]), "{uri}");
    }
    assert_eq!(asked("POST", "/oauth/token", TOKEN, CLIENT).await, (401, vec![]));
    assert_eq!(asked("GET", "/api/v1/reloads", &JSON[..1], "").await, (401, vec![]));
}

#[tokio::test]
async fn an_unknown_parameter_or_value_is_a_violation() {
    let ids = vec!["a"; 101].join(",");
    for uri in [
        "/api/v1/reloads?since=2026-11-26",
        "/api/v1/reloads?limit=0",
        "/api/v1/reloads?limit=101",
        "/api/v1/reloads?limit=10&limit=20",
        "/api/v1/reloads?sort=-end",
        "/api/v1/reloads?next=a&prev=b",
        "/api/v1/reloads?filter=status%20ne%20%22FAILED%22",
        "/api/v1/reloads?filter=status%20eq%20%22BROKEN%22",
        "/api/v1/reloads?filter=endTime%20eq%20%22FAILED%22",
        "/api/v1/reloads/6a849f7f18ec290e6ceb025d?log=true",
        "/api/v1/items?resourceType=app&resourceIds=a&name=b",
        "/api/v1/items?resourceIds=a",
        &format!("/api/v1/items?resourceType=app&resourceIds={ids}"),
        "/api/v1/users/me?fields=name",
        "/api/scheduling/tasks?limit=1000",
        "/api/v1/webhooks",
    ] {
        let (status, violations) = asked("GET", uri, JSON, "").await;
        assert_eq!((status, violations.len()), (400, 1), "{uri}: {violations:?}");
    }
}

#[tokio::test]
async fn a_wrong_header_method_or_body_is_a_violation() {
    let html: Headers<'_> = &[("accept", "text/html"), ("authorization", BEARER)];
    let form: Headers<'_> =
        &[("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    let with_bearer = [TOKEN, &JSON[1..]].concat();
    let log = "/api/v1/apps/a/reloads/logs/b";
    let scoped = CLIENT.replace("grant_type", "audience");
    for (method, uri, headers, body) in [
        ("GET", "/api/v1/reloads", html, ""),
        ("GET", "/api/v1/reloads", &JSON[1..], ""),
        ("GET", log, JSON, ""),
        ("GET", "/api/v1/reloads", JSON, "{}"),
        ("POST", "/api/v1/reloads", JSON, "{}"),
        ("DELETE", "/api/v1/reloads/6a849f7f18ec290e6ceb025d", JSON, ""),
        ("PATCH", "/api/scheduling/tasks", JSON, ""),
        ("GET", "/oauth/token", TOKEN, CLIENT),
        ("POST", "/oauth/token", form, CLIENT),
        ("POST", "/oauth/token", with_bearer.as_slice(), CLIENT),
        ("POST", "/oauth/token", TOKEN, "client_id=a"),
        ("POST", "/oauth/token", TOKEN, scoped.as_str()),
    ] {
        let (status, violations) = asked(method, uri, headers, body).await;
        assert_eq!((status, violations.len()), (400, 1), "{method} {uri}: {violations:?}");
    }
}
