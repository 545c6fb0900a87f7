//! What nobody could read of was not notified.

use super::{at, book, detection};
use crate::commit::Reason;
use crate::incident::{IncidentBook, Notice};

const FAILS: &str = "verdict task=A exec=E app=x";

fn step(book: &mut IncidentBook, seconds: f64, line: &str) -> Vec<Notice> {
    let (_, detection) = detection(&format!("{seconds} {line}"));
    let mut notices = book.step(at(seconds), vec![detection]).notices;
    // A run settles after its last row.
    notices.extend(book.step(at(seconds + 20.0), Vec::new()).notices);
    for notice in notices.iter().filter(|notice| notice.reason != Reason::Recovered) {
        book.note_notified(&notice.fingerprint, &["ops".to_owned(), "bi".to_owned()]);
    }
    notices
}

fn fails(book: &mut IncidentBook, seconds: f64) -> Vec<Notice> {
    step(book, seconds, &FAILS.replace('E', &seconds.to_string()))
}

/// Opened, and when: the settle time after its row.
fn opened() -> (IncidentBook, Notice) {
    let mut book = book(&[]);
    let notices = fails(&mut book, 0.0);
    assert_eq!(notices.len(), 1);
    (book, notices.into_iter().next().unwrap())
}

fn notified_at(book: &mut IncidentBook) -> crate::clock::Timestamp {
    let rows = book.take_changes();
    let json = rows.iter().find_map(|row| match row {
        crate::commit::RowChange::Put { key, json } if key.starts_with("incident:") => Some(json),
        _ => None,
    });
    let value: serde_json::Value = serde_json::from_str(json.unwrap()).unwrap();
    value["notified_at"].as_str().unwrap().parse().unwrap()
}

#[test]
fn an_incident_that_nobody_could_read_of_is_opened_again_by_its_next_failure() {
    let (mut book, first) = opened();
    let said_at = notified_at(&mut book);
    for channel in ["ops", "bi"] {
        book.unread(&first.fingerprint, channel, said_at);
    }
    assert_eq!(fails(&mut book, 300.0), [], "a storm is not told twice");
    let again = fails(&mut book, 900.0);
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].reason, again[0].count), (Reason::Opened, 3));
    assert_eq!(again[0].fingerprint, first.fingerprint);
    assert_eq!(fails(&mut book, 1800.0), [], "now it was told");
    let over = step(&mut book, 2000.0, "success task=A exec=2000");
    assert_eq!(over[0].notified_channels, ["ops", "bi"]);
}

#[test]
fn the_recovery_of_an_incident_that_nobody_could_read_of_is_not_sent() {
    let (mut book, first) = opened();
    let said_at = notified_at(&mut book);
    book.unread(&first.fingerprint, "ops", said_at);
    book.unread(&first.fingerprint, "bi", said_at);
    let over = step(&mut book, 900.0, "success task=A exec=900");
    assert!(over.iter().all(|notice| notice.notified_channels.is_empty()), "{over:?}");
}

#[test]
fn one_channel_that_got_it_is_enough() {
    let (mut book, first) = opened();
    let said_at = notified_at(&mut book);
    book.unread(&first.fingerprint, "ops", said_at);
    assert_eq!(fails(&mut book, 900.0), [], "bi knows of it");
    let over = step(&mut book, 2000.0, "success task=A exec=2000");
    assert_eq!(over[0].notified_channels, ["bi"]);
}

#[test]
fn what_was_told_since_counts() {
    let (mut book, first) = opened();
    let earlier = notified_at(&mut book) - jiff::SignedDuration::from_secs(60);
    book.unread(&first.fingerprint, "ops", earlier);
    book.unread(&first.fingerprint, "bi", earlier);
    let over = step(&mut book, 900.0, "success task=A exec=900");
    assert_eq!(over[0].notified_channels, ["ops", "bi"]);
}
