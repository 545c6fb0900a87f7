//! Digests: one group for each cause, the worst first, exact counts, names of all.

use footman::commit::About;
use footman::render::{Digest, DigestCause, DigestEntry};

use super::*;

fn now() -> Timestamp {
    at("2026-11-23T08:00:00Z")
}

fn entry(name: &str, text: &str, times: u32) -> DigestEntry {
    let about = About {
        cause: text.to_owned(),
        text: text.to_owned(),
        title: None,
        name: name.to_owned(),
        is_of_node: false,
        advice: Some("Check the source, then rerun the task.".to_owned()),
        kind: Some(Kind::ReloadFailed),
        unavailable: None,
    };
    DigestEntry { what: format!("Reload failed: {name}: {text}"), about, times }
}

/// A digest of causes: severity, text, number of incidents.
pub(crate) fn of_causes(causes: &[(Severity, &str, u32)]) -> Digest {
    let cause = |(severity, text, n): &(Severity, &str, u32)| DigestCause {
        severity: *severity,
        incidents: *n,
        cards: *n,
        last: now(),
        entries: (1..=*n).map(|n| entry(&format!("App {n:03}"), text, 1)).collect(),
    };
    let n = causes.iter().map(|(_, _, n)| n).sum();
    Digest {
        environment: Some("prod".to_owned()),
        from: at("2026-11-23T07:45:00Z"),
        to: now(),
        problems: n,
        over: 0,
        cards: n,
        unnamed: 0,
        causes: causes.iter().map(cause).collect(),
        recovered: Vec::new(),
    }
}

/// A digest of cards, each so many times with other names, and of recoveries.
pub(crate) fn of_cards(causes: &[((Severity, Card), u32)], recovered: &[Card]) -> Digest {
    let entry = |card: &Card, n: u32| {
        let name = if n == 1 { card.about.name.clone() } else { format!("App {n:03}") };
        let about = About { name, ..card.about.clone() };
        DigestEntry { what: card.summary.clone(), about, times: 1 }
    };
    let cause = |((severity, card), n): &((Severity, Card), u32)| DigestCause {
        severity: *severity,
        incidents: *n,
        cards: *n,
        last: now(),
        entries: (1..=*n).map(|n| entry(card, n)).collect(),
    };
    let n: u32 = causes.iter().map(|(_, n)| n).sum();
    let over = u32::try_from(recovered.len()).unwrap();
    Digest {
        problems: n,
        over,
        cards: n + over,
        causes: causes.iter().map(cause).collect(),
        recovered: recovered.iter().map(|card| entry(card, 1)).collect(),
        ..of_causes(&[])
    }
}

fn card_of(digest: &Digest) -> Card {
    let card = renderer().digest_card(&site(), digest, ChannelKind::Teams);
    assert!(message(&card.payload, false).len() <= 20_000, "{}", card.payload.len());
    card
}

fn lines_of(card: &Card) -> Vec<String> {
    let mut lines = Vec::new();
    read(&content(&card.payload)["body"], &mut lines);
    lines
}

#[test]
fn the_test_card_and_digests_are_written_for_the_checker() {
    let renderer = renderer();
    golden("test", &renderer.test_card(&site(), now(), "default"));
    let nowhere = Site { url: None, ..site() };
    golden("test.no-url", &renderer.test_card(&nowhere, now(), HOSTILE[2].1));
    for n in [1_usize, 8, 9, 57, 200] {
        let text = |i: usize| format!("Error {i}: {}", HOSTILE[i % HOSTILE.len()].1);
        let texts: Vec<String> = (0..n).map(text).collect();
        let severities = [Severity::Critical, Severity::Error, Severity::Warning];
        let causes = texts.iter().enumerate();
        let causes: Vec<_> = causes.map(|(i, text)| (severities[i * 3 / n], &**text, 1)).collect();
        golden(&format!("digest.{n}"), &card_of(&of_causes(&causes)));
    }
}

#[test]
fn twenty_nine_equal_errors_are_one_row_with_twenty_nine_names() {
    let card = card_of(&of_causes(&[(Severity::Error, "Cannot reach sql-prod-4", 29)]));
    let lines = lines_of(&card);
    let found = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!(found("Error · 29 reloads"), 1, "{lines:#?}");
    assert_eq!(found("Cannot reach sql-prod-4"), 1, "{lines:#?}");
    let names = lines.iter().find(|line| line.contains("App 001")).unwrap();
    assert!((1..=29).all(|n| names.contains(&format!("App {n:03}"))), "{names}");
    golden("digest.equal", &card);
}

#[test]
fn the_worst_cause_is_first_with_what_to_do_and_what_recovered_is_last() {
    let causes = [
        (Severity::Critical, "Qlik Sense Engine stopped", 1),
        (Severity::Error, "Cannot reach sql-prod-4", 52),
        (Severity::Warning, "Aborted at the time limit", 4),
    ];
    let recovered = vec![entry("Ledger", "x", 1), entry("Order Lines", "x", 1)];
    let digest = Digest { over: 2, recovered, ..of_causes(&causes) };
    let card = card_of(&digest);
    let text = lines_of(&card).join("\n");
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is in {text}"));
    let parts = [
        "Critical · PROD · qlik-prod-2",
        "57 problems in 15 min",
        "3 causes",
        "Critical · 1 reload",
        "What to do: ",
        "Error · 52 reloads",
        "Warning · 4 reloads",
        "Recovered meanwhile: 2 (Ledger · Order Lines)",
    ];
    assert!(parts.windows(2).all(|two| place(two[0]) < place(two[1])), "{text}");
    golden("digest.causes", &card);
}

#[test]
fn a_notification_of_a_digest_begins_with_the_worst_cause() {
    let causes =
        [(Severity::Critical, "Engine stopped", 1), (Severity::Error, "Cannot reach x", 5)];
    let banner = content(&card_of(&of_causes(&causes)).payload)["fallbackText"].clone();
    let banner = banner.as_str().unwrap();
    assert!(
        banner.starts_with("Critical in PROD: Reload failed: App 001: Engine stopped"),
        "{banner}"
    );
    assert!(banner.contains(" · 6 problems in 15 min"), "{banner}");
}

#[test]
fn incidents_of_one_node_are_named_by_what_differs() {
    let text = |n: u32| format!("Login of user {n} refused");
    let causes = [(Severity::Error, "x", 3), (Severity::Warning, "y", 1)];
    let mut digest = of_causes(&[causes.as_slice(); 5].concat());
    for cause in &mut digest.causes {
        for (n, entry) in (1..).zip(&mut cause.entries) {
            let about = &entry.about;
            entry.about = About {
                text: text(n),
                name: "qlik-prod-2".to_owned(),
                is_of_node: true,
                ..about.clone()
            };
        }
    }
    let lines = lines_of(&card_of(&digest)).join("\n");
    assert!(lines.contains(&[1, 2, 3].map(text).join(" · ")), "{lines}");
    assert!(!lines.contains("qlik-prod-2 · qlik-prod-2"), "{lines}");
}

#[test]
fn a_group_of_one_class_with_different_texts_is_called_by_its_class() {
    let mut digest = of_causes(&[(Severity::Error, "Field 'A' not found", 2)]);
    let entries = &mut digest.causes[0].entries;
    entries[1].about.text = "Field 'B' not found".to_owned();
    for entry in entries {
        entry.about.title = Some("Field not found".to_owned());
    }
    let text = lines_of(&card_of(&digest)).join("\n");
    assert!(text.contains("Field not found: Field 'A' not found"), "{text}");
}

#[test]
fn a_digest_names_two_hundred_incidents_within_the_limit() {
    for (what, keeps) in [
        ("Sales Dashboard EMEA 2026 of the north {}: Table not found", 200),
        ("{}: 売上ダッシュボード売上ダッシュボード売上ダッシュボード", 200),
        (r#"{} "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"#, 200),
    ] {
        let name = |i: usize| format!("App{i:03}");
        // All of one cause, and each of its own.
        let one = |n: usize| entry(&name(n), what, 1);
        let mut equal = of_causes(&[(Severity::Error, "Table not found", 200)]);
        equal.causes[0].entries = (0..200).map(one).collect();
        let apart = (0..200).map(|n| DigestCause {
            severity: Severity::Error,
            incidents: 1,
            cards: 1,
            last: now(),
            entries: vec![entry(&name(n), &what.replace("{}", &name(n)), 1)],
        });
        let apart = Digest { causes: apart.collect(), ..equal.clone() };
        for digest in [equal, apart] {
            let card = card_of(&digest);
            assert!(Value::from(message(&card.payload, false)).to_string().len() <= 28_000);
            let named = (0..200).filter(|i| card.payload.contains(&name(*i))).count();
            assert_eq!(named, keeps, "{what}");
        }
    }
}
