use super::*;

fn of(status: u16, after: Option<&str>, body: &str) -> Fault {
    refused("GET", "/api/v1/reloads", status, after, body).fault
}

#[test]
fn the_status_decides_and_the_tenants_words_are_quoted() {
    let body = r#"{"errors":[{"code":"RELOADS-003","title":"Not allowed"}],"traceId":"x"}"#;
    for (status, expected) in [
        (401, TenantRefusal::Credentials),
        (403, TenantRefusal::Rights),
        (429, TenantRefusal::RateLimited),
        (302, TenantRefusal::Unreachable),
        (500, TenantRefusal::Unreachable),
        (503, TenantRefusal::Unreachable),
        (400, TenantRefusal::Request),
        (404, TenantRefusal::NotFound),
    ] {
        let fault = of(status, None, body);
        assert_eq!(fault.refusal, expected, "{status}");
        let detail = Some("RELOADS-003 Not allowed".to_owned());
        let expected = AnswerFault::Status { status, detail };
        assert_eq!(fault.why, TenantFault::of("GET", "/api/v1/reloads", expected));
    }
}

#[test]
fn retry_after_is_seconds_and_anything_else_is_ignored() {
    assert_eq!(of(429, Some(" 13 "), "").after, Some(Duration::from_secs(13)));
    for odd in [None, Some(""), Some("soon"), Some("-1"), Some("99999999999999999999999")] {
        assert_eq!(of(429, odd, "").after, None, "{odd:?}");
    }
}

#[test]
fn no_body_breaks_it_and_no_secret_is_quoted() {
    let token = "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJ4IiwiZXhwIjoxODAwMDAwMDAwfQ.c2lnbmF0dXJl";
    let body = format!(r#"{{"errors":[{{"code":1,"title":"Bearer {token} is bad"}}]}}"#);
    for body in ["", "<html>", "[]", "{\"errors\":[]}", "{\"errors\":[{\"code\":{}}]}", &body] {
        let fault = of(400, None, body);
        assert!(!format!("{fault:?}").contains("eyJhbGci"), "{fault:?}");
    }
}
