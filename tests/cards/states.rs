//! Every kind in every state, in every language: written for `tests/cards/pictures`, which draws each
//! of them.

use std::collections::BTreeSet;

use footman::config::Language;
use footman::detection::{Detection, Lately};
use footman::incident::{Acknowledgement, Flapping, Note, SilenceEnd, StillFailing};
use footman::render::{Digest, emergency_card};

use super::*;

/// The states of an incident that have a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Opened,
    Repeated,
    Reopened,
    Acknowledged,
    Escalated,
    Flapping,
    Recovered,
    SilenceEnded,
}

pub(crate) const STATES: [State; 8] = [
    State::Opened,
    State::Repeated,
    State::Reopened,
    State::Acknowledged,
    State::Escalated,
    State::Flapping,
    State::Recovered,
    State::SilenceEnded,
];

/// The kinds of incidents that open; the other kinds have one card each.
pub(crate) fn kinds() -> Vec<Kind> {
    let opens = |kind: &Kind| match kind {
        Kind::ReloadFailed
        | Kind::ReloadAborted
        | Kind::ReloadFailedOutsideTask
        | Kind::TaskFailed
        | Kind::TaskNotStarted
        | Kind::Performance
        | Kind::Security
        | Kind::Service
        | Kind::ServiceStopped
        | Kind::CloudTaskDisabled
        | Kind::Agent => true,
        Kind::ReloadRecovered
        | Kind::ServiceStarted
        | Kind::Heartbeat
        | Kind::Digest
        | Kind::Test => false,
    };
    Kind::ALL.into_iter().filter(opens).collect()
}

/// The cause that the fixture of a kind has.
pub(crate) fn cause(kind: Kind) -> &'static str {
    match kind {
        Kind::ServiceStopped | Kind::ServiceStarted => "its process ended (1067)",
        _ => "Field 'OrderDte' not found",
    }
}

pub(crate) fn in_state(kind: Kind, state: State) -> Notice {
    let since = at("2026-11-21T04:14:00Z");
    let opened = full(kind);
    let repeated =
        || Notice { reason: Reason::Repeated, count: 3, held_back: 2, since, ..full(kind) };
    let flapping = Flapping { changes: 3, since, is_over: false };
    match state {
        State::Opened => opened,
        State::Repeated => repeated(),
        State::Reopened => Notice { count: 4, since, ..opened },
        State::Acknowledged => Notice {
            acknowledged: Some(Acknowledgement {
                by: "Anna Berg".to_owned(),
                at: at("2026-11-23T06:55:00Z"),
                note: None,
                command: None,
            }),
            note: Some(Note {
                by: "Anna Berg".to_owned(),
                at: at("2026-11-12T06:55:00Z"),
                text: "the column was renamed in the source".to_owned(),
            }),
            ..repeated()
        },
        State::Escalated => Notice { reason: Reason::Escalated, ..repeated() },
        State::Flapping => Notice { flapping: Some(flapping), ..opened },
        State::Recovered => Notice {
            reason: Reason::Recovered,
            severity: Severity::Info,
            kind: match kind {
                Kind::ServiceStopped => Kind::ServiceStarted,
                kind if kind.name().starts_with("reload-") => Kind::ReloadRecovered,
                kind => kind,
            },
            still_failing: vec![StillFailing { kind, name: "Stock Levels".to_owned() }],
            ..repeated()
        },
        State::SilenceEnded => {
            let end = SilenceEnd { by: "Anna Berg".to_owned(), reason: "database move".to_owned() };
            Notice { after_silence: Some(end), ..repeated() }
        }
    }
}

fn site_in(language: Language) -> Site {
    Site {
        page: Some("https://footman.example.com".to_owned()),
        scripts: Some(r"C:\ProgramData\Qlik\Sense\Log\Script".to_owned()),
        ..site().in_language(language)
    }
}

/// Whether a card of this state asks for somebody.
fn asks(state: State) -> bool {
    match state {
        State::Opened
        | State::Repeated
        | State::Reopened
        | State::Escalated
        | State::Flapping
        | State::SilenceEnded => true,
        State::Acknowledged | State::Recovered => false,
    }
}

fn submits(payload: &str) -> usize {
    payload.matches("\"Action.Submit\"").count()
}

#[test]
fn a_card_waits_in_the_states_in_which_somebody_is_to_take_it() {
    let now = at("2026-11-23T05:20:00Z");
    for language in Language::ALL {
        let site = site_in(language);
        for kind in kinds() {
            for state in STATES {
                let card = renderer().card(&in_state(kind, state), &site, ChannelKind::Teams);
                assert_eq!(submits(&card.payload) + submits(&card.plain), 0, "{kind:?} {state:?}");
                let waiting = card.clone().waiting(&site, now);
                let expected = usize::from(asks(state));
                for (form, payload) in [("full", &waiting.payload), ("plain", &waiting.plain)] {
                    let name = format!("{kind:?} {state:?} {form}");
                    assert_eq!(submits(payload), expected, "{name}");
                    assert!(message(payload, true).len() <= 20_000, "{name}");
                    let both = [payload, if form == "full" { &card.payload } else { &card.plain }];
                    let [with, without] = both.map(|it| footman::render::without_button(it));
                    assert_eq!(with, without, "{name}: the rest is the same");
                }
                if asks(state) {
                    let name = format!("{}.{state:?}.{}", kind.name(), language.name());
                    write_waiting(&name.to_lowercase(), &waiting);
                }
            }
        }
        for (name, card) in others(&site) {
            let waiting = card.waiting(&site, now);
            let is_call = name != "heartbeat";
            assert_eq!(submits(&waiting.payload), usize::from(is_call), "{name}");
            assert!(message(&waiting.payload, true).len() <= 20_000, "{name}");
            if is_call {
                write_waiting(&format!("{name}.{}", language.name()), &waiting);
            }
        }
    }
    let over = Digest { causes: Vec::new(), problems: 0, over: 2, ..digests::of_causes(&[]) };
    let over = renderer().digest_card(&site(), &over, ChannelKind::Teams);
    assert_eq!(submits(&over.waiting(&site(), now).payload), 0, "nobody takes recoveries");
}

fn write_waiting(name: &str, card: &Card) {
    write(&format!("{name}.waiting"), &message(&card.payload, false));
    write(&format!("{name}.plain.waiting"), &message(&card.plain, false));
    write(&format!("{name}.again.waiting"), &message(&card.payload, true));
}

#[test]
fn the_longest_card_that_waits_has_its_button_and_fits() {
    let now = at("2026-11-23T05:20:00Z");
    for language in Language::ALL {
        let site = site_in(language);
        for (n, piece) in ["x", "\\\"", "𝕏"].into_iter().enumerate() {
            let text = piece.repeat(100_000 / piece.len());
            for kind in [Kind::ReloadFailed, Kind::ServiceStopped, Kind::TaskNotStarted] {
                let notice = everywhere(&text, kind);
                let card = renderer().card(&notice, &site, ChannelKind::Teams).waiting(&site, now);
                for payload in [&card.payload, &card.plain] {
                    assert_eq!(submits(payload), 1, "{piece} {kind:?}");
                    assert!(message(payload, false).len() <= 20_000, "{piece} {kind:?}");
                }
                write_waiting(&format!("size.{n}.{}.{}", kind.name(), language.name()), &card);
            }
        }
    }
}

/// The cards that belong to no incident.
fn others(site: &Site) -> Vec<(&'static str, Card)> {
    let now = at("2026-11-23T05:13:52Z");
    let lately = Lately { since: at("2026-10-24T05:13:52Z"), reloads: 412, incidents: 7, cards: 9 };
    let alive = Notice::of(&Detection::of_alive(now, "qlik-prod-2", lately), now);
    let digest = digests::of_causes(&[
        (Severity::Critical, "Qlik Sense Engine stopped", 1),
        (Severity::Error, "Cannot reach sql-prod-4 (Connector reply error)", 52),
        (Severity::Warning, "Aborted at the time limit of 60 min", 4),
    ]);
    let no_space = "There is not enough space on the disk. (os error 112)";
    let unexplained = Notice { script: None, ..full(Kind::ReloadFailed) };
    vec![
        ("heartbeat", renderer().card(&alive, site, ChannelKind::Teams)),
        ("digest", renderer().digest_card(site, &digest, ChannelKind::Teams)),
        ("test", renderer().test_card(site, now, "ops-qlik")),
        ("emergency", emergency_card(site, now, no_space)),
        ("no-script-log", renderer().card(&unexplained, site, ChannelKind::Teams)),
    ]
}

#[test]
fn every_kind_in_every_state_and_language_is_written_to_be_drawn() {
    let mut names = BTreeSet::new();
    for language in Language::ALL {
        let site = site_in(language);
        for kind in kinds() {
            for state in STATES {
                let card = renderer().card(&in_state(kind, state), &site, ChannelKind::Teams);
                assert_eq!(card.problems, Vec::<String>::new(), "{kind:?} {state:?}");
                assert!(message(&card.payload, true).len() <= 20_000, "{kind:?} {state:?}");
                let name = format!("{}.{state:?}.{}", kind.name(), language.name()).to_lowercase();
                write(&format!("drawn.{name}"), &message(&card.payload, false));
                names.insert(name);
                if state == State::Escalated {
                    let waiting = card.waiting(&site, at("2026-11-23T05:20:00Z"));
                    let name = format!("{}.waiting.{}", kind.name(), language.name());
                    write(&format!("drawn.{name}"), &message(&waiting.payload, false));
                    names.insert(name);
                }
            }
        }
        for (name, card) in others(&site) {
            assert!(message(&card.payload, true).len() <= 20_000, "{name}");
            let name = format!("{name}.{}", language.name());
            write(&format!("drawn.{name}"), &message(&card.payload, false));
            names.insert(name);
        }
    }
    // `tests/cards/pictures` fails if one of them was not drawn.
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/cards");
    let list = Vec::from_iter(names).join("\n");
    fs::write(folder.join("drawn.txt"), list + "\n").unwrap();
}

#[test]
fn a_german_card_has_no_english_label() {
    let card = renderer().card(
        &in_state(Kind::ReloadFailed, State::Repeated),
        &site_in(Language::German),
        ChannelKind::Teams,
    );
    let text = shown(&content(&card.payload));
    for english in
        ["What to do", "Last good", "Duration", "In a row", "Owner", "Incident", "Error ·"]
    {
        assert!(!text.contains(english), "{english}: {text}");
    }
    for german in ["Was ist zu tun: ", "Zuletzt gut", "3. Fehlschlag seit", "Fehler · PROD"] {
        assert!(text.contains(german), "{german}: {text}");
    }
}
