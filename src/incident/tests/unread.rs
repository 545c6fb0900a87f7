//! Incidents whose notices were readable in no channel.

use super::{at, book, detection};
use crate::commit::{Reason, RowChange, StoredRows, TableName};
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

/// A book with one open incident, and its notice.
fn opened() -> (IncidentBook, Notice) {
    let mut book = book(&StoredRows::default());
    let notices = fails(&mut book, 0.0);
    assert_eq!(notices.len(), 1);
    (book, notices.into_iter().next().unwrap())
}

fn notified_at(book: &mut IncidentBook) -> crate::clock::Timestamp {
    let rows = book.take_changes();
    let json = rows.iter().find_map(|row| match row {
        RowChange::Put { key, json } if key.table == TableName::Incidents => Some(json),
        _ => None,
    });
    let value: serde_json::Value = serde_json::from_str(json.unwrap()).unwrap();
    value["notified_at"].as_str().unwrap().parse().unwrap()
}

#[test]
fn the_next_failure_opens_an_unread_incident_again() {
    let (mut book, first) = opened();
    let notified = notified_at(&mut book);
    for channel in ["ops", "bi"] {
        book.unread(&first.fingerprint, channel, notified);
    }
    assert_eq!(fails(&mut book, 300.0), [], "a storm is not notified again");
    let again = fails(&mut book, 900.0);
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].reason, again[0].count), (Reason::Opened, 3));
    assert_eq!(again[0].fingerprint, first.fingerprint);
    assert_eq!(fails(&mut book, 1800.0), [], "it has been notified");
    let over = step(&mut book, 2000.0, "success task=A exec=2000");
    assert_eq!(over[0].notified_channels, ["ops", "bi"]);
}

#[test]
fn the_recovery_of_an_unread_incident_is_not_sent() {
    let (mut book, first) = opened();
    let notified = notified_at(&mut book);
    book.unread(&first.fingerprint, "ops", notified);
    book.unread(&first.fingerprint, "bi", notified);
    let over = step(&mut book, 900.0, "success task=A exec=900");
    assert!(over.iter().all(|notice| notice.notified_channels.is_empty()), "{over:?}");
}

#[test]
fn one_channel_that_received_the_notice_is_enough() {
    let (mut book, first) = opened();
    let notified = notified_at(&mut book);
    book.unread(&first.fingerprint, "ops", notified);
    assert_eq!(fails(&mut book, 900.0), [], "channel bi received it");
    let over = step(&mut book, 2000.0, "success task=A exec=2000");
    assert_eq!(over[0].notified_channels, ["bi"]);
}

#[test]
fn a_later_notice_is_not_marked_as_unread() {
    let (mut book, first) = opened();
    let earlier = notified_at(&mut book) - jiff::SignedDuration::from_secs(60);
    book.unread(&first.fingerprint, "ops", earlier);
    book.unread(&first.fingerprint, "bi", earlier);
    let over = step(&mut book, 900.0, "success task=A exec=900");
    assert_eq!(over[0].notified_channels, ["ops", "bi"]);
}

#[test]
fn a_card_that_is_sent_again_counts_as_notified() {
    let (mut book, first) = opened();
    let notified = notified_at(&mut book);
    for channel in ["ops", "bi"] {
        book.unread(&first.fingerprint, channel, notified);
    }
    book.note_notified(&first.fingerprint, &["ops".to_owned()]);
    assert_eq!(fails(&mut book, 900.0), [], "channel ops received it");
    let over = step(&mut book, 2000.0, "success task=A exec=2000");
    assert_eq!(over[0].notified_channels, ["ops"]);
}
