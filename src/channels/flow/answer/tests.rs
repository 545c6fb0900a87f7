use super::*;

const UPDATE: Option<ThreadMessage> = Some(ThreadMessage::Update);
const REPLY: Option<ThreadMessage> = Some(ThreadMessage::Reply);
const ROOT: Option<ThreadMessage> = Some(ThreadMessage::Root { continues: None, may_exist: false });

/// The outcome, the thread, and whether the URL is refused, in one line.
fn said(status: u16, body: &str, message: Option<ThreadMessage>) -> String {
    let (outcome, thread, refuses_url) =
        judged(&Answer { status, body, ..Answer::default() }, message);
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
fn every_answer_of_the_flow_has_its_outcome() {
    let failed = |status: &str| format!(r#"{{"ok":false,"status":{status},"error":"no"}}"#);
    let ok = r#"{"ok":true,"key":"k","rootId":"17","messageId":"18","opened":false,"run":"r1"}"#;
    let new = r#"{"ok":true,"key":"k","rootId":"17","messageId":"17","opened":true,"run":"r1"}"#;
    let table = [
        (200, ok.to_owned(), REPLY, "accepted 18, Root { id: Some(\"17\"), is_new: false }"),
        (200, new.to_owned(), ROOT, "accepted 17, Root { id: Some(\"17\"), is_new: true }"),
        (202, String::new(), ROOT, "accepted , Unknown"),
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
