use super::*;
use crate::incident::IncidentBook;
use crate::incident::tests::{at, book, detection};

const SALES: &str = "e7af59a0-c243-480d-9571-08727551a66f";
const OTHER: &str = "11111111-c243-480d-9571-08727551a66f";

fn named(id: &str, name: &str, seconds: f64) -> Named {
    Named { what: Nameable::App, id: id.into(), name: name.into(), at: Some(at(seconds)) }
}

fn hub_failure(seconds: f64, app: &str, error: &str) -> crate::detection::Detection {
    detection(&format!("{seconds} script app={app} error={error}")).1
}

/// The names on all notices until then.
fn names_until(book: &mut IncidentBook, seconds: f64) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(due) = book.next_wakeup().filter(|due| *due <= at(seconds)) {
        let decisions = book.step(due, Vec::new());
        names.extend(
            decisions
                .notices
                .iter()
                .filter_map(|notice| crate::incident::display_name(&notice.facts)),
        );
    }
    names
}

#[test]
fn a_script_log_alone_is_shown_with_the_name_of_its_app() {
    let mut book = book(&StoredRows::default());
    book.learn_names(at(0.0), vec![named(SALES, "Sales", 0.0)]);
    drop(book.step(at(5.0), vec![hub_failure(5.0, SALES, "odd")]));
    drop(book.step(at(5.0), vec![hub_failure(5.0, OTHER, "odder")]));
    assert_eq!(names_until(&mut book, 60.0), ["Sales", OTHER]);
}

#[test]
fn a_name_that_comes_while_the_failure_settles_is_used() {
    let mut book = book(&StoredRows::default());
    drop(book.step(at(5.0), vec![hub_failure(5.0, SALES, "odd")]));
    book.learn_names(at(6.0), vec![named(SALES, "Sales", 4.0)]);
    assert_eq!(names_until(&mut book, 60.0), ["Sales"]);
}

#[test]
fn a_restart_forgets_no_name() {
    let (mut rows, mut first) = (StoredRows::default(), book(&StoredRows::default()));
    first.learn_names(at(0.0), vec![named(SALES, "Sales", 0.0)]);
    rows.apply(first.take_changes());
    let mut book = book(&rows);
    drop(book.step(at(5.0), vec![hub_failure(5.0, &SALES.to_uppercase(), "odd")]));
    assert_eq!(names_until(&mut book, 60.0), ["Sales"]);
}

#[test]
fn the_newest_name_wins_whichever_row_is_read_last() {
    let mut names = RecentNames::default();
    names.learn(at(100.0), named(SALES, "New", 90.0));
    names.learn(at(100.0), named(SALES, "Old", 10.0));
    let mut facts = Facts { app_id: Some(SALES.into()), ..Facts::default() };
    names.fill(at(100.0), at(95.0), &mut facts);
    assert_eq!(facts.app_name.as_deref(), Some("New"));
    // What a row says itself stays, unless a later row says something else.
    facts.app_name = Some("Own".into());
    names.fill(at(100.0), at(95.0), &mut facts);
    assert_eq!(facts.app_name.as_deref(), Some("Own"));
    names.fill(at(100.0), at(85.0), &mut facts);
    assert_eq!(facts.app_name.as_deref(), Some("New"));
    // A clock that is ahead holds no name for ever.
    names.learn(at(100.0), named(SALES, "Ahead", 1e9));
    names.learn(at(200.0), named(SALES, "Right", 150.0));
    names.fill(at(200.0), at(85.0), &mut facts);
    assert_eq!(facts.app_name.as_deref(), Some("Right"));
}

#[test]
fn a_repeated_card_and_the_recovery_have_the_newer_name() {
    let mut book = book(&StoredRows::default());
    let failure = |seconds: f64| {
        let mut failure =
            detection(&format!("{seconds} verdict task=t exec={seconds} app={SALES}")).1;
        failure.facts.app_name = Some("Old".into());
        failure
    };
    drop(book.step(at(0.0), vec![failure(0.0)]));
    assert_eq!(names_until(&mut book, 60.0), ["Old"]);
    drop(book.step(at(600.0), vec![failure(600.0)]));
    book.learn_names(at(700.0), vec![named(SALES, "New", 700.0)]);
    assert_eq!(names_until(&mut book, 5.0 * 3600.0), ["New"]);
    let success = detection(&format!("20000 success task=t exec=9 app={SALES}")).1;
    let decisions = book.step(at(20_000.0), vec![success]);
    assert_eq!(decisions.notices[0].facts.app_name.as_deref(), Some("New"));
}

#[test]
fn a_name_changes_no_fingerprint() {
    let print = |names: Vec<Named>| {
        let mut book = book(&StoredRows::default());
        book.learn_names(at(0.0), names);
        let script = hub_failure(5.0, SALES, "odd");
        let row = detection(&format!("5 verdict task={OTHER} exec=1 message=x")).1;
        let decisions = book.step(at(5.0), vec![script, row]);
        let mut prints: Vec<_> = decisions.notices.into_iter().map(|one| one.fingerprint).collect();
        while let Some(due) = book.next_wakeup().filter(|due| *due <= at(60.0)) {
            prints
                .extend(book.step(due, Vec::new()).notices.into_iter().map(|one| one.fingerprint));
        }
        prints
    };
    let task = Named { what: Nameable::Task, ..named(OTHER, "Nightly", 0.0) };
    let with = print(vec![named(SALES, "Sales", 0.0), task]);
    assert_eq!(with.len(), 2);
    assert_eq!(with, print(Vec::new()));
}

#[test]
fn one_name_for_two_apps_leaves_them_two() {
    let mut book = book(&StoredRows::default());
    book.learn_names(at(0.0), vec![named(SALES, "Sales", 0.0), named(OTHER, "Sales", 0.0)]);
    drop(
        book.step(at(5.0), vec![hub_failure(5.0, SALES, "odd"), hub_failure(5.0, OTHER, "odder")]),
    );
    assert_eq!(names_until(&mut book, 60.0), ["Sales", "Sales"], "two incidents");
}

#[test]
fn what_was_not_used_for_the_longest_time_is_forgotten_first() {
    let id = |n: usize| format!("{n:08x}-0000-4000-8000-000000000000");
    let mut names = RecentNames::default();
    let seconds = (0..).map(f64::from);
    for (n, seconds) in (0..MOST).zip(seconds) {
        names.learn(at(seconds), named(&id(n), "x", seconds));
    }
    let mut facts = Facts { app_id: Some(id(0).as_str().into()), ..Facts::default() };
    names.fill(at(1e6), at(1e6), &mut facts);
    names.learn(at(2e6), named(SALES, "Sales", 2e6));
    assert_eq!(names.len(), MOST);
    let mut known = |id: &str| names.find(at(3e6), Nameable::App, id).is_some();
    assert!(known(&id(0)), "it was used");
    assert!(!known(&id(1)), "it was not");
    assert!(known(&id(2)) && known(SALES));
}

#[test]
fn a_name_that_every_row_uses_is_written_seldom() {
    let mut names = RecentNames::default();
    names.learn(at(0.0), named(SALES, "Sales", 0.0));
    assert_eq!(names.take_changes().len(), 1);
    for seconds in 1..3600 {
        names.learn(at(f64::from(seconds)), named(SALES, "Sales", f64::from(seconds)));
    }
    assert_eq!(names.take_changes().len(), 0);
    names.learn(at(3600.0), named(SALES, "Sales", 3600.0));
    assert_eq!(names.take_changes().len(), 1);
}

#[test]
fn what_is_held_back_is_listed_with_its_name() {
    let mut book = book(&StoredRows::default());
    book.learn_names(at(0.0), vec![named(SALES, "Sales", 0.0)]);
    let row = detection(&format!("5 attempt task=t exec=1 app={SALES}")).1;
    let decisions = book.step(at(5.0), vec![row]);
    assert_eq!(decisions.suppressed[0].name.as_deref(), Some("Sales"));
}

#[test]
fn the_first_use_after_a_restart_writes_no_name_again() {
    let (mut rows, mut first) = (StoredRows::default(), book(&StoredRows::default()));
    first.learn_names(at(0.0), vec![named(SALES, "Sales", 0.0)]);
    rows.apply(first.take_changes());
    let mut names = RecentNames::restored(&rows);
    names.learn(at(60.0), named(SALES, "Sales", 60.0));
    assert!(names.find(at(61.0), Nameable::App, SALES).is_some());
    assert_eq!(names.take_changes(), []);
    assert!(names.find(at(3600.0), Nameable::App, SALES).is_some());
    assert_eq!(names.take_changes().len(), 1);
}

#[test]
fn the_owner_and_the_stream_that_another_row_named_are_on_the_notice() {
    let mut book = book(&StoredRows::default());
    let of = |what, name| Named { what, ..named(SALES, name, 0.0) };
    let said = [of(Nameable::Owner, "LAB\\anna"), of(Nameable::Stream, "Finance")];
    book.learn_names(at(0.0), said.to_vec());
    drop(book.step(at(5.0), vec![hub_failure(5.0, SALES, "odd")]));
    let notice = book.step(at(60.0), Vec::new()).notices.remove(0);
    let Facts { owner, stream, app_name, .. } = notice.facts;
    assert_eq!(owner.as_deref(), Some("LAB\\anna"));
    assert_eq!(stream.as_deref(), Some("Finance"));
    assert_eq!(app_name, None, "an owner is no name of the app");
}
