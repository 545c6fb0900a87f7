//! Texts that people give.

use super::*;

#[test]
fn a_text_of_which_nothing_would_be_seen_is_blank() {
    for text in ["", " \t", "\u{200b}", "\u{2800} \u{feff}", "\u{202e}", "\u{3164}"] {
        assert!(is_blank(text), "{text:?}");
        assert!(check(TextField::Note, text, MOST_TEXT).is_err(), "{text:?}");
    }
    for text in ["Anna", "李", "👩\u{200d}💻", "-", "e\u{301}"] {
        assert!(!is_blank(text), "{text:?}");
    }
}

#[test]
fn a_stored_command_of_an_earlier_version_is_read_and_undoes_nothing() {
    let stored = |action: &str| {
        let json = format!(
            r#"{{"id":"x","at":"2026-11-23T06:00:00Z","by":"Anna","origin":"link","action":{action}}}"#
        );
        serde_json::from_str::<Command>(&json).unwrap().action
    };
    let acknowledged = Action::Acknowledge { incident: "a".into(), note: None, is_undoable: false };
    assert_eq!(stored(r#"{"what":"acknowledge","incident":"a","note":null}"#), acknowledged);
    let given_up = Action::Unacknowledge { incident: "a".into(), is_undo: false };
    assert_eq!(stored(r#"{"what":"unacknowledge","incident":"a"}"#), given_up);
    let undoable = Action::Acknowledge { incident: "a".into(), note: None, is_undoable: true };
    let json = serde_json::to_string(&undoable).unwrap();
    assert_eq!(serde_json::from_str::<Action>(&json).unwrap(), undoable);
}

#[test]
fn a_refused_matcher_of_an_earlier_version_keeps_its_words_unless_its_fault_is_known() {
    let stored = |fault: &str| {
        let json = format!(
            r#"{{"matcher":{{"key":"kind","message":"no such kind","hint":"known: a"{fault}}}}}"#
        );
        let Refusal::Matcher(read) = serde_json::from_str(&json).unwrap() else { panic!("{json}") };
        let again = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<UnusableMatcher>(&again).unwrap(), read);
        read.fault
    };
    let (message, hint) = ("no such kind".to_owned(), "known: a".to_owned());
    assert_eq!(stored(""), MatcherFault::Worded { message, hint });
    assert_eq!(stored(r#","fault":"empty""#), MatcherFault::Empty);
}
