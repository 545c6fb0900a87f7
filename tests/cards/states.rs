//! Every kind in every state, in every language: written for `tests/cards/pictures`, which draws each
//! of them.

use std::collections::BTreeSet;

use footman::config::Language;
use footman::detection::{BadEnd, CloudCondition};
use footman::incident::{Acknowledgement, EndedSilencer, Flapping, Note, SilenceEnd, StillFailing};
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

pub(crate) fn in_state(kind: Kind, state: State) -> Notice {
    state_of(full(kind), state)
}

/// The notice in this state.
fn state_of(opened: Notice, state: State) -> Notice {
    let since = at("2026-11-21T04:14:00Z");
    let kind = opened.kind;
    let count = opened.count.max(3);
    let repeated =
        || Notice { reason: Reason::Repeated, count, held_back: 2, since, ..opened.clone() };
    let flapping = Flapping { changes: 3, since, is_over: false };
    match state {
        State::Opened => opened,
        State::Repeated => repeated(),
        State::Reopened => Notice { has_reopened: true, ..opened },
        State::Acknowledged => Notice {
            acknowledged: Some(by_anna()),
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
            recovered_from: Some(kind),
            severity: Severity::Info,
            kind: match kind {
                Kind::ServiceStopped => Kind::ServiceStarted,
                kind if kind.name().starts_with("reload-") => Kind::ReloadRecovered,
                kind => kind,
            },
            still_failing: vec![StillFailing {
                kind,
                name: Some("Stock Levels".to_owned()),
                title: String::new(),
                translations: Translations::new(),
            }],
            ..repeated()
        },
        State::SilenceEnded => {
            let end = SilenceEnd {
                of: EndedSilencer::By("Anna Berg".to_owned()),
                reason: "database move".to_owned(),
            };
            Notice { after_silence: Some(end), ..repeated() }
        }
    }
}

fn by_anna() -> Acknowledgement {
    Acknowledgement {
        by: "Anna Berg".to_owned(),
        at: at("2026-11-23T06:55:00Z"),
        note: None,
        command: None,
        replaced: None,
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
    let card = |notice: &Notice| renderer().card(notice, site, ChannelKind::Teams);
    let causes: Vec<_> = [Kind::ServiceStopped, Kind::ReloadFailed, Kind::ReloadAborted]
        .map(|kind| (full(kind).severity, card(&full(kind))))
        .into_iter()
        .zip([1, 52, 4])
        .collect();
    let recovered = card(&in_state(Kind::TaskNotStarted, State::Recovered));
    let digest = digests::of_cards(&causes, &[recovered]);
    let why = match site.language {
        Language::English => "There is not enough space on the disk. (os error 112)",
        Language::German => {
            "Es steht nicht genug Speicherplatz auf dem Datenträger zur Verfügung. (os error 112)"
        }
    };
    vec![
        ("heartbeat", card(&fixtures::alive(now))),
        ("digest", renderer().digest_card(site, &digest, ChannelKind::Teams)),
        ("test", renderer().test_card(site, now, "ops-qlik")),
        ("emergency", emergency_card(site, now, why)),
    ]
}

/// Cards of incidents that differ from those of the states.
fn variants(site: &Site) -> Vec<(&'static str, Card)> {
    let card = |notice: &Notice| renderer().card(notice, site, ChannelKind::Teams);
    let over = |kind| Notice { still_failing: Vec::new(), ..in_state(kind, State::Recovered) };
    let people = ["Anna Berg <anna.berg@example.com>", "bo@example.com"];
    let people = people.map(|text| footman::config::Mention::parse(text).unwrap());
    let taken = Notice {
        reason: Reason::Acknowledged,
        acknowledged: Some(by_anna()),
        ..in_state(Kind::ReloadFailed, State::Repeated)
    };
    let nobody = Facts {
        user: Some(r"INTERNAL\sa_scheduler".to_owned()),
        ..full(Kind::ReloadAborted).facts
    };
    let by_system = Notice { facts: nobody, ..full(Kind::ReloadAborted) };
    let by_system = fixtures::worded(by_system, "reload-aborted-by-system");
    let canceled = CloudCondition::ReloadEnded { end: BadEnd::Canceled, code: None };
    let canceled = Notice {
        kind: Kind::ReloadAborted,
        severity: Severity::Warning,
        condition: Condition::Cloud(canceled),
        error: String::new(),
        script: None,
        ..fixtures::cloud()
    };
    vec![
        ("no-script-log", card(&Notice { script: None, ..full(Kind::ReloadFailed) })),
        ("acknowledged-now", card(&taken)),
        ("all-recovered", card(&over(Kind::ReloadFailed))),
        ("service-recovered", card(&over(Kind::ServiceStopped))),
        ("aborted-by-system", card(&by_system)),
        ("canceled-cloud", card(&canceled)),
        ("mentions", card(&in_state(Kind::ReloadFailed, State::Escalated)).mentioning(&people)),
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
        for state in STATES {
            let card =
                renderer().card(&state_of(fixtures::cloud(), state), &site, ChannelKind::Teams);
            let name = format!("reload-failed-cloud.{state:?}.{}", language.name()).to_lowercase();
            write(&format!("drawn.{name}"), &message(&card.payload, false));
            names.insert(name);
        }
        for (name, card) in others(&site).into_iter().chain(variants(&site)) {
            assert!(message(&card.payload, true).len() <= 20_000, "{name}");
            assert_eq!(card.problems, Vec::<String>::new(), "{name}");
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
fn a_german_card_has_no_english_text_of_the_product() {
    let site = site_in(Language::German);
    let mut cards: Vec<(String, Card)> = Vec::new();
    let mut english: BTreeSet<String> = BTreeSet::new();
    for kind in kinds() {
        for state in STATES {
            let notice = in_state(kind, state);
            let card = renderer().card(&notice, &site, ChannelKind::Teams);
            cards.push((format!("{kind:?} {state:?}"), card));
            let script = notice.script.as_ref();
            let class =
                script.and_then(|it| Some([it.error_title.clone()?, it.error_advice.clone()?]));
            english.extend([notice.title, notice.meaning].into_iter().chain(notice.advice));
            english.extend(class.into_iter().flatten());
        }
    }
    let more = others(&site).into_iter().chain(variants(&site));
    cards.extend(more.map(|(name, card)| (name.to_owned(), card)));
    english.remove("");
    let labels =
        ["What to do", "Last good", "Duration", "In a row", "Owner", "Incident", "Error ·"];
    english.extend(labels.map(str::to_owned));
    for (name, card) in cards {
        let text = shown(&content(&card.payload)) + &card.summary;
        for english in &english {
            assert!(!text.contains(english.as_str()), "{name}: {english}: {text}");
        }
    }
    let repeated =
        renderer().card(&in_state(Kind::ReloadFailed, State::Repeated), &site, ChannelKind::Teams);
    let text = shown(&content(&repeated.payload));
    for german in ["Was ist zu tun: ", "Zuletzt erfolgreich", "3. Fehlschlag seit", "Fehler · PROD"]
    {
        assert!(text.contains(german), "{german}: {text}");
    }
}

#[test]
fn a_card_says_that_its_incident_has_reopened() {
    for (language, word) in
        [(Language::English, "reopened"), (Language::German, "erneut aufgetreten")]
    {
        let site = site_in(language);
        for kind in kinds() {
            let of = |state| renderer().card(&in_state(kind, state), &site, ChannelKind::Teams);
            let reopened = of(State::Reopened);
            for payload in [&reopened.payload, &reopened.plain] {
                assert!(
                    shown(&content(payload)).contains(&format!(" · {word} · PROD")),
                    "{kind:?}"
                );
            }
            assert!(!of(State::Opened).payload.contains(word), "{kind:?}");
        }
    }
}

#[test]
fn a_security_card_offers_only_what_the_page_does_not_refuse() {
    for (language, button) in
        [(Language::English, "Acknowledge…"), (Language::German, "Quittieren…")]
    {
        let site = site_in(language);
        let card = |kind| renderer().card(&full(kind), &site, ChannelKind::Teams).payload;
        assert!(card(Kind::Security).contains(&format!("\"{button}\"")));
        assert!(!card(Kind::ReloadFailed).contains(&format!("\"{button}\"")));
    }
}

#[test]
fn a_canceled_reload_of_qlik_cloud_has_advice() {
    for language in Language::ALL {
        let site = site_in(language);
        let (_, card) =
            variants(&site).into_iter().find(|(name, _)| *name == "canceled-cloud").unwrap();
        assert!(card.about.advice.is_some());
        let label = ["What to do: ", "Was ist zu tun: "];
        assert!(label.iter().any(|label| card.payload.contains(label)), "{}", card.payload);
    }
}

#[test]
fn an_explanation_is_no_advice() {
    let card = renderer().card(&full(Kind::ReloadFailed), &site(), ChannelKind::Teams);
    let mut lines = Vec::new();
    read(&content(&card.payload)["body"], &mut lines);
    let advice = lines.iter().position(|line| line.starts_with("What to do: ")).unwrap();
    assert!(!lines[advice].contains("will not be retried"), "{lines:#?}");
    assert!(lines[advice + 1].contains("will not be retried"), "{lines:#?}");
}

#[test]
fn the_first_text_of_every_card_is_its_cause_and_no_icon() {
    for language in Language::ALL {
        let site = site_in(language);
        for (name, card) in others(&site).into_iter().chain(variants(&site)) {
            for payload in [&card.payload, &card.plain] {
                let card = content(payload);
                let first = shown(&card["body"][0]);
                let first = first.trim();
                assert_eq!(first, card["fallbackText"].as_str().unwrap(), "{name}");
                assert!(first.starts_with(char::is_alphabetic), "{name}: {first}");
            }
        }
    }
}
