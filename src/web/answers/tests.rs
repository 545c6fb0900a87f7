//! How long links work and can be undone.

use super::*;
use crate::command::link::LinkKey;
use crate::view::tests::seen;

fn at(text: &str) -> Timestamp {
    format!("2026-11-27T{text}Z").parse().unwrap()
}

/// A link to an incident that was acknowledged through it at 05:01.
fn link() -> Answerable {
    let mut incident = seen();
    incident
        .acknowledged
        .iter_mut()
        .for_each(|it| it.command = Some(LinkCommands::of("a").id("1")));
    Answerable {
        token: Token {
            fingerprint: incident.fingerprint.clone(),
            expires: at("23:00:00"),
            key: LinkKey { id: "a1".to_owned(), secret: Default::default(), made: at("00:00:00") },
        },
        incident,
        silences: Vec::new(),
        commands: LinkCommands::of("a"),
    }
}

#[test]
fn a_link_works_until_it_expires_or_an_hour_after_the_end_of_its_incident() {
    let mut link = link();
    assert!(!link.expired(at("22:59:59")));
    assert!(link.expired(at("23:00:00")));
    link.incident.ended = Some(Moment(at("06:00:00")));
    assert!(!link.expired(at("07:00:00")));
    assert!(link.expired(at("07:00:01")));
}

#[test]
fn what_a_link_did_can_be_undone_for_ten_minutes_and_only_through_it() {
    let mut link = link();
    assert!(link.undoable(at("05:11:00")).is_some());
    assert!(link.undoable(at("05:11:01")).is_none());
    link.commands = LinkCommands::of("b");
    assert!(link.undoable(at("05:02:00")).is_none());
}

#[test]
fn an_answer_shows_as_long_as_it_was_neither_taken_back_nor_replaced() {
    let mut link = link();
    let incident = link.incident.fingerprint.to_string();
    let taken = |id| Command {
        id: LinkCommands::of("a").id(id),
        at: at("05:01:00"),
        by: "Anna".to_owned(),
        origin: CommandOrigin::Link,
        action: Action::Acknowledge { incident: incident.clone(), note: None, is_undoable: true },
    };
    assert!(link.shows(&taken("1")));
    assert!(!link.shows(&taken("2")), "somebody else has taken it since");
    link.incident.acknowledged = None;
    assert!(!link.shows(&taken("1")));
    link.incident.ended = Some(Moment(at("06:00:00")));
    assert!(link.shows(&taken("1")), "an end takes nothing back");
}
