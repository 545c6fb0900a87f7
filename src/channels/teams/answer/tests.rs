use super::*;

fn answer(status: u16, body: &str) -> Answer<'_> {
    Answer { status, body, ..Answer::default() }
}

/// One word for each outcome, for the table below.
fn word(answer: &Answer<'_>) -> &'static str {
    match judge(answer) {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Retry { pause: true, .. } => "retry, channel pauses",
        Outcome::Retry { unsure: true, .. } => "retry, may have arrived",
        Outcome::Retry { .. } => "retry",
        Outcome::Unreached { .. } => "unreached",
        Outcome::Unavailable { .. } => "unavailable, flow off",
        Outcome::Refused { .. } => "refused",
        Outcome::TooLarge { .. } => "too large",
        Outcome::Rejected { .. } => "rejected",
        Outcome::Gone { .. } => "gone",
    }
}

#[test]
fn every_answer_of_the_contract_has_its_outcome() {
    const RELAYED: &str = "Webhook message delivery failed with error: Microsoft Teams endpoint \
                           returned HTTP error";
    let relayed = |status: &str| format!("{RELAYED} {status} with ContextId tcid=0");
    let off = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"…"}}"#;
    let schema = r#"{"error":{"code":"TriggerInputSchemaMismatch","message":"…"}}"#;
    let no_response = r#"{"error":{"code":"NoResponse","message":"The server did not receive…"}}"#;
    let (r429, r413, r400) = (relayed("429"), relayed("413"), relayed("400"));
    let table = [
        (202, "", "accepted"),
        (200, "1", "accepted"),
        (200, r#"{"ok":true,"messageId":"17"}"#, "accepted"),
        (200, r429.as_str(), "retry, channel pauses"),
        (200, r413.as_str(), "too large"),
        (200, r400.as_str(), "rejected"),
        (200, "Webhook message delivery failed with error: unknown", "retry"),
        (400, off, "unavailable, flow off"),
        (400, schema, "rejected"),
        (400, "", "rejected"),
        (302, "", "refused"),
        (401, "", "refused"),
        (403, "", "refused"),
        (404, "", "refused"),
        (407, "", "refused"),
        (410, "", "refused"),
        (405, "", "rejected"),
        (413, "", "too large"),
        (422, "", "rejected"),
        (408, "", "retry"),
        (429, "", "retry, channel pauses"),
        (500, "", "retry"),
        (502, "", "retry"),
        (502, no_response, "retry, may have arrived"),
        (502, r#"{"ok":false,"status":413,"error":"RequestEntityTooLarge"}"#, "too large"),
        (502, r#"{"ok":false,"status":400}"#, "rejected"),
        (502, r#"{"ok":false,"status":"413"}"#, "too large"),
        (502, r#"{"ok":false,"status":"odd"}"#, "retry, may have arrived"),
        (502, r#"{"ok":false,"status":500}"#, "retry, may have arrived"),
        (502, r#"{"ok":false,"status":413,"error":"cut off in its mid"#, "too large"),
        (503, r#"{"ok":false,"status":503}"#, "retry"),
        (503, "", "retry"),
        (504, "", "retry, may have arrived"),
        (0, "", "rejected"),
    ];
    for (status, body, expected) in table {
        assert_eq!(word(&answer(status, body)), expected, "{status} {body}");
    }
}

#[test]
fn a_web_page_in_place_of_an_answer_is_a_refusal_and_other_texts_of_a_relay_are_accepted() {
    let login = "\u{feff}\n<!DOCTYPE html><html><head><title>Sign in to\nContoso</title></head>";
    let html = Some("text/html; charset=utf-8");
    for (status, content_type, body) in [
        (200, html, login),
        (200, None, login),
        (202, html, login),
        (200, Some("text/plain"), "<html><body>blocked</body></html>"),
        (200, html, "<!-- portal --><div>Sign in</div>"),
        (200, Some("application/xhtml+xml"), "<?xml version=\"1.0\"?><html/>"),
    ] {
        let judged = judge(&Answer { content_type, ..answer(status, body) });
        let Outcome::Refused { why } = judged else { panic!("{body}: {judged:?}") };
        assert!(why.text.contains("a web page was answered"), "{why}");
        assert!(
            !why.text.contains('<') && (body != login || why.text.contains("Sign in to")),
            "{why}"
        );
    }
    for (content_type, body) in [
        (html, ""),
        (html, "ok"),
        (html, "1"),
        (html, r#"{"ok":true}"#),
        (None, "<ok/>"),
        (Some("text/xml"), "<?xml version=\"1.0\"?><ok/>"),
        (Some("text/plain"), "accepted"),
        (Some("application/json"), r#"{"text":"<html>"}"#),
    ] {
        let judged = judge(&Answer { content_type, ..answer(200, body) });
        assert!(matches!(judged, Outcome::Accepted { .. }), "{content_type:?} {body}: {judged:?}");
    }
    // A page with an error status is quoted by its title.
    let Outcome::Refused { why } = judge(&answer(403, login)) else { panic!() };
    assert!(why.text.ends_with("forbids it: Sign in toContoso"), "{why}");
}

#[test]
fn the_receipt_is_the_run_id_or_message_id() {
    let receipt = |answer: Answer<'_>| match judge(&answer) {
        Outcome::Accepted { receipt } => receipt,
        other => panic!("{other:?}"),
    };
    let started = Answer { run_id: Some("08584"), ..answer(202, "") };
    assert_eq!(receipt(started), Some("08584".to_owned()));
    assert_eq!(receipt(answer(200, r#"{"ok":true,"messageId":"17"}"#)), Some("17".to_owned()));
    assert_eq!(receipt(answer(202, "")), None);
}

#[test]
fn retry_after_is_read_as_seconds_or_as_a_date_by_the_servers_clock() {
    let asked = |retry_after, date| {
        retry_after_of(Answer { retry_after: Some(retry_after), date, ..answer(503, "") })
    };
    let date = Some("Mon, 23 Nov 2026 06:00:00 GMT");
    assert_eq!(asked("30", None), Some(Duration::from_secs(30)));
    assert_eq!(asked("Mon, 23 Nov 2026 06:02:00 GMT", date), Some(Duration::from_mins(2)));
    assert_eq!(asked("Mon, 23 Nov 2026 05:00:00 GMT", date), Some(Duration::ZERO));
    assert_eq!(asked("Mon, 23 Nov 2026 06:02:00 GMT", None), None);
    assert_eq!(asked("soon", date), None);
    assert_eq!(asked("-5", date), None);
}

fn retry_after_of(answer: Answer<'_>) -> Option<Duration> {
    match judge(&answer) {
        Outcome::Retry { after, .. } => after,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reason_quotes_a_bounded_text_without_the_signature() {
    let body = format!(
        "Invalid path '/workflows/x?sp=%2F&sig=SeCrEt_1-2' %26sig%3DSeCrEt \"sig\":\"SeCrEt\" {}",
        "\u{0}ä".repeat(5000)
    );
    let Outcome::Rejected { why } = judge(&answer(400, &body)) else { panic!() };
    assert!(why.text.starts_with("400: the webhook refused the request: Invalid path"), "{why}");
    assert!(!why.text.contains("SeCrEt") && !why.text.contains('\u{0}'), "{why}");
    assert!(why.text.chars().count() < QUOTED + 60);
}

#[test]
fn what_has_not_the_form_of_an_id_is_not_kept() {
    assert!(is_id("08584292712345678901234567890CU12") && is_id("1764284400000"));
    for text in ["", "https://x/?sig=abc", "sig=Zx9%252B", "a b", "‹redacted›"] {
        assert!(!is_id(text), "{text}");
    }
}
