//! What the flow does, step by step: its definition is run with every outcome of what it asks of Teams,
//! and what it answers is judged.

mod expression;
mod run;

use serde_json::{Value, json};

use self::run::{Asked, Run, inner};
use crate::channels::flow::answer::judged;
use crate::channels::teams::answer::Answer;
use crate::outbox::{Outcome, ThreadAnswer, ThreadMessage};

const KEY: &str = "0123456789abcdef";
const WRITERS: [&str; 3] =
    ["PostCardToConversation", "ReplyWithCardToConversation", "UpdateCardInConversation"];

fn definition() -> Value {
    serde_json::from_str(include_str!("definition.json")).unwrap()
}

fn request(thread: Value) -> Value {
    let card = json!({ "type": "AdaptiveCard", "body": [] });
    let mut request = json!({ "type": "message", "attachments": [{ "content": card }] });
    if !thread.is_null() {
        request["thread"] = thread;
    }
    request
}

/// Each request that Footman makes, with the message that it means.
fn requests() -> Vec<(&'static str, Value, Option<ThreadMessage>)> {
    let root = |may_exist| Some(ThreadMessage::Root { continues: None, may_exist });
    let (update, reply) = (Some(ThreadMessage::Update), Some(ThreadMessage::Reply));
    let of = |mode: &str| json!({ "key": KEY, "mode": mode });
    let known = |mode: &str| json!({ "key": KEY, "mode": mode, "messageId": "17" });
    vec![
        ("a card of its own", request(Value::Null), None),
        ("a root", request(of("open")), root(false)),
        ("a root again", request(of("update")), root(true)),
        ("an update by search", request(of("update")), update),
        ("a reply by search", request(of("reply")), reply),
        ("an update", request(known("update")), update),
        ("a reply", request(known("reply")), reply),
    ]
}

/// What the channel has, with the root or without.
fn page(has_root: bool) -> Asked {
    let of = |id: &str, text: &str| json!({ "id": id, "attachments": [{ "content": text }] });
    let mut messages = vec![of("1", "lunch?"), json!({ "id": "2", "attachments": null })];
    if has_root {
        messages.push(of("17", &format!("{{\"text\":\"footman:{KEY}\"}}")));
    }
    Asked::Answered(json!({ "value": messages }))
}

fn failures() -> Vec<Asked> {
    let mut all = vec![Asked::TimedOut];
    for status in [400, 403, 404, 408, 412, 429, 500, 502, 503, 504] {
        all.push(Asked::Failed(status, json!({ "error": { "code": "no" } })));
        all.push(Asked::Failed(status, json!("<html>no</html>")));
        all.push(Asked::Failed(status, Value::Null));
    }
    all
}

/// Every outcome of looking the root up, and of writing.
fn outcomes() -> (Vec<Asked>, Vec<Asked>) {
    let lost = [
        Asked::TimedOut,
        Asked::Failed(403, json!({ "error": { "code": "Forbidden" } })),
        Asked::Failed(429, json!("<html>later</html>")),
        Asked::Failed(503, Value::Null),
    ];
    let found = [page(false), page(true)].into_iter().chain(lost).collect();
    // The last three are odd.
    let ids =
        [json!({ "id": "18" }), json!({ "messageId": "18" }), json!({}), Value::Null, json!("x")];
    (found, ids.map(Asked::Answered).into_iter().chain(failures()).collect())
}

fn judge((status, body): &(u16, Value), message: Option<ThreadMessage>) -> (Outcome, ThreadAnswer) {
    let key = body.get("key").and_then(Value::as_str);
    let text = body.to_string();
    let answer = Answer { status: *status, body: &text, ..Answer::default() };
    let (outcome, thread, refuses_url) = judged(&answer, message, key);
    assert!(!refuses_url, "the flow ran: {status} {body}");
    (outcome, thread)
}

/// Runs each request with each outcome: the name of the case, what it means, the run, the outcomes.
fn each_run(check: impl Fn(&str, Option<ThreadMessage>, &Run<'_>, &Asked, &Asked)) {
    let (definition, (found, written)) = (definition(), outcomes());
    for (what, request, message) in requests() {
        for look_up in &found {
            for write in &written {
                let teams = |operation: &str| match operation {
                    "GetMessagesFromChannel" => look_up.clone(),
                    _ => write.clone(),
                };
                let run = Run::of(&definition, &request, &teams);
                let case = format!("{what}, {look_up:?}, {write:?}");
                check(&case, message, &run, look_up, write);
            }
        }
    }
}

#[test]
fn every_run_answers_exactly_once() {
    each_run(|case, _, run, _, _| assert_eq!(run.answers.len(), 1, "{case}: {:?}", run.answers));
}

#[test]
fn nothing_is_written_while_the_root_could_not_be_looked_up_and_the_same_is_sent_again() {
    each_run(|case, message, run, look_up, _| {
        let is_looked_up = run.asked.iter().any(|(name, _)| name == "GetMessagesFromChannel");
        let writes = run.asked.iter().filter(|(name, _)| WRITERS.contains(&name.as_str()));
        if !is_looked_up || matches!(look_up, Asked::Answered(_)) {
            return assert_eq!(writes.count(), 1, "{case}");
        }
        assert_eq!(writes.count(), 0, "{case}");
        let (outcome, thread) = judge(&run.answers[0], message);
        let is_sure = matches!(outcome, Outcome::Retry { unsure: false, pause: false, .. });
        assert!(is_sure && thread == ThreadAnswer::Unknown, "{case}: {outcome:?} {thread:?}");
        assert_eq!(run.answers[0].0, 503, "{case}");
    });
}

#[test]
fn what_became_of_the_message_is_answered_as_it_is() {
    each_run(|case, message, run, _, write| {
        let is_written = run.asked.iter().any(|(name, _)| WRITERS.contains(&name.as_str()));
        if !is_written {
            return;
        }
        let (outcome, thread) = judge(&run.answers[0], message);
        let is_update = message == Some(ThreadMessage::Update);
        let of_root = matches!(message, Some(ThreadMessage::Update | ThreadMessage::Reply));
        let is_so = match write {
            Asked::Answered(body) if body.is_object() || body.is_null() => {
                matches!(outcome, Outcome::Accepted { .. })
            }
            // It is written, but the flow does not understand the answer.
            Asked::Answered(_) | Asked::TimedOut => match &outcome {
                Outcome::Accepted { .. } => true,
                Outcome::Retry { unsure, .. } => *unsure != is_update,
                _ => false,
            },
            Asked::Failed(403 | 404, _) if of_root => thread == ThreadAnswer::Lost,
            Asked::Failed(403 | 404, _) => matches!(outcome, Outcome::Refused { .. }),
            Asked::Failed(400, _) => matches!(outcome, Outcome::Rejected { .. }),
            Asked::Failed(412, _) => {
                matches!(outcome, Outcome::Retry { unsure: false, pause: false, .. })
            }
            Asked::Failed(429, _) => {
                matches!(outcome, Outcome::Retry { unsure: false, pause: true, .. })
            }
            Asked::Failed(..) => {
                matches!(outcome, Outcome::Retry { unsure, .. } if unsure != is_update)
            }
        };
        assert!(is_so, "{case}: {outcome:?} {thread:?} of {:?}", run.answers[0]);
    });
}

#[test]
fn the_root_is_found_updated_answered_or_opened() {
    each_run(|case, message, run, look_up, write| {
        let Some((operation, parameters)) = run.asked.last() else { panic!("{case}") };
        let is_root = |name: &str| parameters[name] == "17";
        let is_open = operation == "PostCardToConversation";
        let finds =
            !case.contains("again") && !case.contains("by search") || *look_up == page(true);
        let is_so = match operation.as_str() {
            "PostCardToConversation" => parameters.get("body/messageId").is_none(),
            "UpdateCardInConversation" => finds && is_root("body/messageId"),
            "ReplyWithCardToConversation" => finds && is_root("body/parentMessageId"),
            _ => return,
        };
        assert!(is_so, "{case}: {operation} {parameters}");
        assert_eq!(parameters["body/messageBody"], r#"{"type":"AdaptiveCard","body":[]}"#);
        let is_meant = message == Some(ThreadMessage::Reply) && operation.starts_with("Reply")
            || message == Some(ThreadMessage::Update) && operation.starts_with("Update")
            || is_open
            || case.starts_with("a root again");
        assert!(is_meant, "{case}: {operation}");
        if let Asked::Answered(body @ Value::Object(members)) = write
            && !members.is_empty()
        {
            let (_, thread) = judge(&run.answers[0], message);
            let id = if is_open { "18" } else { "17" };
            let expected = ThreadAnswer::Root { id: Some(id.to_owned()), is_new: is_open };
            assert_eq!(thread, expected, "{case} {body}");
        }
    });
}

#[test]
fn a_request_that_is_none_of_footman_writes_nothing_and_is_refused() {
    let teams = |_: &str| page(false);
    let two = json!({ "attachments": [{ "content": {} }, { "content": {} }] });
    let unknown = request(json!({ "mode": "close", "messageId": "17" }));
    for request in [two, json!({ "attachments": [] }), json!({}), json!({ "text": "x" }), unknown] {
        let run = Run::of(&definition(), &request, &teams);
        assert_eq!(run.asked, [], "{request}");
        let [answer] = &run.answers[..] else { panic!("{request}: {:?}", run.answers) };
        assert_eq!((answer.0, &answer.1["status"]), (400, &json!(400)), "{request}");
        assert!(matches!(judge(answer, None).0, Outcome::Rejected { .. }), "{request}");
    }
}

/// Teams may have written what it answers with 5xx, and the retries of a flow carry no mark.
#[test]
fn what_writes_is_never_repeated_by_the_flow() {
    fn each<'a>(steps: &'a Value, found: &mut Vec<(&'a String, &'a Value)>) {
        for (name, step) in steps.as_object().into_iter().flatten() {
            found.push((name, step));
            for steps in inner(step) {
                each(steps, found);
            }
        }
    }
    let definition = definition();
    let mut found = Vec::new();
    each(&definition["actions"], &mut found);
    let asking = found.iter().filter(|(_, step)| step["type"] == "OpenApiConnection");
    for (name, step) in asking.clone() {
        let operation = step["inputs"]["host"]["operationId"].as_str().unwrap();
        let policy = &step["inputs"]["retryPolicy"]["type"];
        let expected = if WRITERS.contains(&operation) { "none" } else { "exponential" };
        assert_eq!(policy, expected, "{name}");
    }
    assert_eq!(asking.count(), 4);
    // An answer must not be in parallel branches.
    let answers = found.iter().filter(|(_, step)| step["type"] == "Response");
    assert_eq!(answers.count(), 1);
}
