use super::*;

const UPDATE: Option<ThreadMessage> = Some(ThreadMessage::Update);
const REPLY: Option<ThreadMessage> = Some(ThreadMessage::Reply);
const ROOT: Option<ThreadMessage> = Some(ThreadMessage::Root { continues: None, may_exist: false });

/// The outcome, the thread, and whether the URL is refused, in one line.
fn said(status: u16, body: &str, message: Option<ThreadMessage>) -> String {
    let (outcome, thread, refuses_url) =
        judged(&Answer { status, body, ..Answer::default() }, message, Some("k"));
    let outcome = match outcome {
        Outcome::Accepted { receipt } => format!("accepted {}", receipt.unwrap_or_default()),
        Outcome::Retry { pause: true, .. } => "pause".to_owned(),
        Outcome::Retry { unsure: true, .. } => "unsure".to_owned(),
        Outcome::Retry { .. } => "retry".to_owned(),
        Outcome::Refused { .. } => "refused".to_owned(),
        Outcome::Rejected { .. } => "rejected".to_owned(),
        Outcome::TooLarge { .. } => "too large".to_owned(),
        other => format!("{other:?}"),
    };
    let url = if refuses_url { " url" } else { "" };
    format!("{outcome}, {thread:?}{url}")
}

#[test]
fn the_run_is_the_one_that_the_answer_names_else_that_of_its_header() {
    let said = |body: &str| {
        let answer = Answer { status: 200, run_id: Some("header"), body, ..Answer::default() };
        judged(&answer, ROOT, None).0
    };
    for (body, expected) in [
        (r#"{"ok":true,"run":"r1","messageId":"17"}"#, "r1"),
        (r#"{"ok":true,"messageId":"17"}"#, "header"),
        (r#"{"ok":true,"run":"","messageId":"17"}"#, "header"),
        ("", "header"),
    ] {
        let receipt = Some(expected.to_owned());
        assert_eq!(said(body), Outcome::Accepted { receipt }, "{body}");
    }
}

#[test]
fn every_answer_of_the_flow_has_its_outcome() {
    let failed = |status: &str| format!(r#"{{"ok":false,"status":{status},"error":"no"}}"#);
    let ok = r#"{"ok":true,"key":"k","rootId":"17","messageId":"18","opened":false,"run":"r1"}"#;
    let new = r#"{"ok":true,"key":"k","rootId":"17","messageId":"17","opened":true,"run":"r1"}"#;
    let table = [
        (200, ok.to_owned(), REPLY, "accepted r1, Root { id: Some(\"17\"), is_new: false }"),
        (200, new.to_owned(), ROOT, "accepted r1, Root { id: Some(\"17\"), is_new: true }"),
        (202, String::new(), ROOT, "accepted , Unknown"),
        // Another thread: what became of this one is not known.
        (200, ok.replace("\"k\"", "\"other\""), ROOT, "unsure, Unknown"),
        (200, ok.replace("\"k\"", "\"other\""), REPLY, "unsure, Unknown"),
        (200, ok.replace("\"k\"", "\"other\""), UPDATE, "retry, Unknown"),
        // A gateway failed, maybe only after the flow had begun.
        (500, String::new(), ROOT, "unsure, Unknown"),
        (502, "<html>Bad gateway</html>".to_owned(), ROOT, "unsure, Unknown"),
        (503, String::new(), REPLY, "unsure, Unknown"),
        (503, String::new(), UPDATE, "retry, Unknown"),
        // The root is gone, or not the bot's: nobody is to blame.
        (502, failed("404"), UPDATE, "retry, Lost"),
        (502, failed("403"), REPLY, "retry, Lost"),
        // A text, as an expression may make it.
        (502, failed("\"404\""), UPDATE, "retry, Lost"),
        (502, failed("404"), ROOT, "refused, Unknown"),
        (502, failed("404"), None, "refused, Unknown"),
        (502, failed("412"), UPDATE, "retry, Busy"),
        (502, failed("429"), UPDATE, "pause, Unknown"),
        (502, failed("500"), UPDATE, "retry, Unknown"),
        // It may have been written.
        (502, failed("500"), REPLY, "unsure, Unknown"),
        (502, failed("502"), ROOT, "unsure, Unknown"),
        (502, failed("408"), ROOT, "unsure, Unknown"),
        (502, failed("500"), None, "unsure, Unknown"),
        // Teams did not answer the flow.
        (502, failed("0"), REPLY, "unsure, Unknown"),
        (502, failed("null"), ROOT, "unsure, Unknown"),
        (502, failed("0"), UPDATE, "retry, Unknown"),
        (502, failed("412"), REPLY, "retry, Busy"),
        // The flow ended before it wrote anything.
        (503, failed("503"), REPLY, "retry, Unknown"),
        (503, failed("503"), ROOT, "retry, Unknown"),
        // A text, as an expression may make it.
        (502, r#"{"ok":"False","status":"404"}"#.to_owned(), UPDATE, "retry, Lost"),
        (502, failed("400"), REPLY, "rejected, Unknown"),
        (502, failed("413"), ROOT, "too large, Unknown"),
        (400, failed("400"), ROOT, "rejected, Unknown"),
        // The URL itself is refused: the flow did not run.
        (404, String::new(), UPDATE, "refused, Unknown url"),
        (401, String::new(), REPLY, "refused, Unknown url"),
        (504, String::new(), REPLY, "unsure, Unknown"),
    ];
    for (status, body, message, expected) in table {
        assert_eq!(said(status, &body, message), expected, "{status} {body} {message:?}");
    }
}

#[test]
fn a_long_answer_of_which_only_the_beginning_is_read_is_understood() {
    let long = "x".repeat(100_000);
    for (status, message, expected) in
        [(404, UPDATE, "retry, Lost"), (412, REPLY, "retry, Busy"), (500, ROOT, "unsure, Unknown")]
    {
        let body = format!(r#"{{"ok":false,"status":{status},"error":{{"message":"{long}"}}}}"#);
        for end in [4096, 60_000, body.len()] {
            assert_eq!(said(502, &body[..end], message), expected, "{status} {end}");
        }
    }
}

#[test]
fn what_teams_answered_to_the_flow_is_not_said_of_the_webhook() {
    let why = |status: u16, outer: u16, message| {
        let body = format!(r#"{{"ok":false,"status":{status},"error":"no"}}"#);
        let answer = Answer { status: outer, body: &body, ..Answer::default() };
        let (outcome, _, _) = judged(&answer, message, Some("k"));
        outcome.why().unwrap().split(": {").next().unwrap().to_owned()
    };
    let table = [
        (404, UPDATE, "404 from Teams: the first card of the thread was deleted"),
        (
            403,
            REPLY,
            "403 from Teams: the first card of the thread is not the flow's, or its account may not \
             post there",
        ),
        (404, ROOT, "404 from Teams: Teams does not know the team or the channel"),
        (403, ROOT, "403 from Teams: the account of the connection to Teams may not post there"),
        (401, None, "401 from Teams: the connection to Teams is not signed in"),
        (400, ROOT, "400 from Teams: Teams refused the card"),
        (0, REPLY, "504 from Teams: Teams did not answer in time"),
        (502, REPLY, "502 from Teams: Teams failed"),
        (412, UPDATE, "412 from Teams: the thread was changed at the same time"),
    ];
    for (status, message, expected) in table {
        assert_eq!(why(status, 502, message), expected);
    }
    let unwritten = "503 from Teams: the flow failed before it wrote anything";
    assert_eq!(why(503, 503, UPDATE), unwritten);
}
