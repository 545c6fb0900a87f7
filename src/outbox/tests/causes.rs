//! A digest groups by cause: exact counts of each, the worst first, and names of all.

use super::*;
use crate::outbox::{CauseCounts, Group, NAMED};

fn of_cause(id: &str, severity: Severity, cause: &str) -> Delivery {
    let about = About { cause: cause.to_owned(), ..About::default() };
    Delivery { about, ..of(card(id), severity, id) }
}

fn grouped(all: Vec<Delivery>) -> Group {
    let mut outbox = paced();
    outbox.add(all);
    outbox.next(start()).unwrap().group.unwrap()
}

fn counts(group: &Group) -> Vec<(&str, u32, u32)> {
    group.causes.iter().map(|one| (&*one.cause, one.incidents, one.cards)).collect()
}

#[test]
fn twenty_nine_equal_errors_are_one_cause_with_twenty_nine_names() {
    let all = (1..=29).map(|n| of_cause(&format!("n{n}"), Severity::Error, "sql")).collect();
    let group = grouped(all);
    assert_eq!(counts(&group), [("sql", 29, 29)]);
    assert_eq!((group.named.len(), group.counted.unnamed), (29, 0));
}

#[test]
fn the_worst_cause_is_first_and_each_has_its_exact_counts() {
    let mut all: Vec<_> =
        (1..=4).map(|n| of_cause(&format!("w{n}"), Severity::Warning, "abort")).collect();
    all.extend((1..=20).map(|n| of_cause(&format!("e{n}"), Severity::Error, "sql")));
    all.push(of_cause("f1", Severity::Error, "field"));
    let again = of_cause("f1", Severity::Error, "field");
    all.push(Delivery { id: "f1-2@ops".into(), reason: Reason::Repeated, ..again });
    let over = of_cause("e20", Severity::Error, "sql");
    all.push(Delivery { id: "e20-2@ops".into(), reason: Reason::Recovered, ..over });
    let group = grouped(all);
    assert_eq!(counts(&group), [("sql", 19, 19), ("field", 1, 2), ("abort", 4, 4)]);
    let CauseCounts { severity, .. } = group.causes[2];
    assert_eq!(severity, Severity::Warning);
    assert_eq!((group.counted.problems, group.counted.over), (25, 1));
    assert!(group.named.last().unwrap().is_over, "what is over is named last");
}

#[test]
fn a_cause_of_thousands_leaves_names_for_the_others() {
    let mut all: Vec<_> =
        (1..=1000).map(|n| of_cause(&format!("e{n}"), Severity::Error, "sql")).collect();
    all.extend((1..=30).map(|n| of_cause(&format!("w{n}"), Severity::Warning, &format!("c{n}"))));
    let all: Vec<Pending> = all.iter().map(Pending::new).collect();
    let incidents: Vec<Vec<&Pending>> = all.iter().map(|one| vec![one]).collect();
    let group = digest::group(&incidents, start());
    assert_eq!(group.named.len(), NAMED);
    for n in 1..=30 {
        let cause = format!("c{n}");
        assert!(group.named.iter().any(|row| row.cause == cause), "{cause} has a name");
    }
    assert_eq!(group.causes.iter().map(|one| one.incidents).sum::<u32>(), 1030);
}

#[test]
fn a_later_digest_has_only_what_came_after_the_one_before() {
    let mut outbox = paced();
    outbox.add((1..=20).map(|n| of_cause(&format!("n{n}"), Severity::Error, "sql")).collect());
    let first = outbox.next(start()).unwrap();
    drop(outbox.apply(start(), &first.id, accepted()));
    let again = |n: usize| Delivery {
        id: format!("n{n}-2@ops").into(),
        reason: Reason::Repeated,
        ..of_cause(&format!("n{n}"), Severity::Error, "sql")
    };
    let mut later: Vec<_> = (1..=2).map(again).collect();
    later.extend((21..=40).map(|n| of_cause(&format!("n{n}"), Severity::Error, "sql")));
    outbox.add(later);
    let mut now = start();
    let second = loop {
        let Some(attempt) = outbox.next(now) else {
            now = outbox.next_wakeup(now).unwrap();
            continue;
        };
        match attempt.group {
            Some(group) => break group,
            None => drop(outbox.apply(now, &attempt.id, accepted())),
        }
    };
    let old = first.group.unwrap().members;
    assert!(second.members.iter().all(|id| !old.contains(id)));
    assert_eq!(second.counted.cards as usize, second.members.len());
    assert_eq!(second.causes.iter().map(|one| one.cards).sum::<u32>(), second.counted.problems);
}
