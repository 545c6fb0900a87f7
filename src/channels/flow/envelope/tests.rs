use super::*;

const CARD: &str = r#"{"type":"AdaptiveCard","body":[{"type":"Container"}]}"#;

fn write(message: ThreadMessage, root: Option<&str>) -> ThreadWrite {
    let root = root.map(str::to_owned);
    ThreadWrite { message, key: "0123456789abcdef".to_owned(), root, card: "a1@ops".into() }
}

fn sent(possible_repeat: bool, write: &ThreadWrite) -> Value {
    serde_json::from_str(&envelope(CARD, possible_repeat, write).body).unwrap()
}

const ROOT: ThreadMessage = ThreadMessage::Root { continues: None, may_exist: false };
const SOUGHT: ThreadMessage = ThreadMessage::Root { continues: None, may_exist: true };

#[test]
fn a_message_says_what_it_is_and_of_which_thread() {
    let table = [
        (false, write(ROOT, None), json!({ "key": "0123456789abcdef", "mode": "open" })),
        // The flow looks for what may have arrived.
        (true, write(SOUGHT, None), json!({ "key": "0123456789abcdef", "mode": "update" })),
        (
            false,
            write(ThreadMessage::Update, Some("17")),
            json!({ "key": "0123456789abcdef", "mode": "update", "messageId": "17" }),
        ),
        (
            true,
            write(ThreadMessage::Reply, Some("17")),
            json!({ "key": "0123456789abcdef", "mode": "reply", "messageId": "17" }),
        ),
        (
            false,
            write(ThreadMessage::Reply, None),
            json!({ "key": "0123456789abcdef", "mode": "reply" }),
        ),
    ];
    for (possible_repeat, write, expected) in table {
        let sent = sent(possible_repeat, &write);
        assert_eq!(sent["thread"], expected);
        assert_eq!(sent["type"], "message");
        assert_eq!(sent["attachments"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn whatever_may_begin_a_thread_has_the_key_by_which_it_is_found() {
    let has_key = |card: &str, write: &ThreadWrite| {
        let Envelope { body, lacks_key } = envelope(card, false, write);
        let has_key = body.contains("footman:0123456789abcdef");
        assert!(!(has_key && lacks_key), "{body}");
        (has_key, lacks_key)
    };
    for card in [CARD, r#"{"type":"AdaptiveCard","actions":[]}"#] {
        for message in [ROOT, ThreadMessage::Update, ThreadMessage::Reply] {
            assert_eq!(has_key(card, &write(message, None)), (true, false), "{message:?}");
        }
        assert_eq!(has_key(card, &write(ThreadMessage::Update, Some("17"))), (true, false));
        // It begins none, whatever the flow finds.
        assert_eq!(has_key(card, &write(ThreadMessage::Reply, Some("17"))), (false, false));
    }
    for odd in [r#"{"type":"AdaptiveCard","body":"x"}"#, "[]", "no card"] {
        assert_eq!(has_key(odd, &write(ROOT, None)), (false, true), "{odd}");
    }
}

#[test]
fn a_root_and_a_reply_are_marked_as_possible_repeats_and_an_update_is_not() {
    let is_marked = |message| sent(true, &write(message, None)).to_string().contains("epeat");
    assert!(is_marked(ROOT) && is_marked(ThreadMessage::Reply));
    assert!(!is_marked(ThreadMessage::Update));
}
