//! What a notification shows: cause and app, in every kind and state.

use super::states::{STATES, in_state};
use super::*;

#[test]
fn a_notification_names_the_subject_and_the_cause() {
    for kind in states::kinds() {
        for state in STATES {
            let notice = in_state(kind, state);
            let card = renderer().card(&notice, &site(), ChannelKind::Teams);
            for payload in [&card.payload, &card.plain] {
                let message = content(&message(payload, false));
                let card = &message["attachments"][0]["content"];
                let banner = card["fallbackText"].as_str().unwrap();
                assert_eq!(message["summary"], banner);
                assert_eq!(card["speak"], banner);
                let [subject, _] = fixtures::about(kind);
                assert!(banner.contains(subject), "{kind:?} {state:?}: {banner}");
                let [cause, _] = &fixtures::cause(kind);
                assert!(banner.contains(cause), "{kind:?} {state:?}: {banner}");
            }
            let first = &content(&card.payload)["body"][0];
            let first = shown(first);
            assert!(first.contains(&fixtures::cause(kind)[0]), "{kind:?} {state:?}: {first}");
        }
    }
}

#[test]
fn the_severity_is_a_word_and_what_to_do_follows_the_cause() {
    for kind in states::kinds() {
        for state in STATES {
            let notice = in_state(kind, state);
            let card = renderer().card(&notice, &site(), ChannelKind::Teams);
            let mut lines = Vec::new();
            read(&content(&card.payload)["body"], &mut lines);
            let word = match (notice.reason, notice.severity) {
                (Reason::Recovered, _) => "Recovered",
                (_, Severity::Critical) => "Critical",
                (_, Severity::Warning) => "Warning",
                _ => "Error",
            };
            assert!(lines[0].contains(&format!("{word} · ")), "{kind:?} {state:?}: {lines:#?}");
            let place = lines.iter().position(|line| line.contains(&fixtures::cause(kind)[0]));
            let cause = place.expect("the cause is on the card");
            assert!(cause <= 4, "{kind:?} {state:?}: {lines:#?}");
            let next = &lines[cause + 1];
            assert!(next.starts_with("What to do: "), "{kind:?} {state:?}: {lines:#?}");
        }
    }
}

#[test]
fn nothing_on_a_card_says_nothing() {
    let mut notice = full(Kind::ReloadFailed);
    notice.facts.user = Some(r"INTERNAL\sa_scheduler".to_owned());
    let facts = |app: Option<&str>, task: Option<&str>| Facts {
        app_name: app.map(str::to_owned),
        task_name: task.map(str::to_owned),
        ..full(Kind::ReloadFailed).facts
    };
    let id = "6f2c3c5e-0f5b-4a38-9d55-0c52e3a4d0e1";
    let notices = [
        notice,
        full(Kind::ServiceStopped),
        Notice { facts: facts(None, None), ..full(Kind::ReloadFailed) },
        Notice { facts: facts(Some(id), None), ..full(Kind::ReloadFailed) },
    ];
    for notice in &notices {
        let card = renderer().card(notice, &site(), ChannelKind::Teams);
        let mut lines = Vec::new();
        read(&content(&card.payload)["body"], &mut lines);
        let lines: Vec<_> = lines.into_iter().filter(|line| !line.starts_with('[')).collect();
        let text = lines.join("\n");
        for nothing in ["sa_scheduler", "Automatic", "Start type", "Run by", "0000000"] {
            assert!(!text.contains(nothing), "{nothing} in {text}");
        }
        assert!(!lines[1].contains("0f5b-4a38"), "an id is no title: {}", lines[1]);
    }
    let unnamed = renderer().card(&notices[2], &site(), ChannelKind::Teams);
    assert!(shown(&content(&unnamed.payload)).contains("Reload failed: app 6f2c3c5e…"));
}
