use super::*;
use crate::commit::RowKey;

const EVERY: SignedDuration = SignedDuration::from_hours(24);

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + hours * 3600).unwrap()
}

fn counters(reloads: u64, incidents: u64, cards: u64) -> Counts {
    let mut counts = Counts::default();
    counts.add(Single::ReloadsSucceeded, reloads);
    counts.add(CounterSet::Notices.of("opened"), incidents);
    counts.add(DeliveryResult::Accepted.counter(), cards);
    counts.add(Single::BytesRead, 99);
    counts
}

/// The same cards after a restart.
fn restarted(cards: &mut HeartbeatCards) -> HeartbeatCards {
    let mut rows = StoredRows::default();
    rows.apply(cards.take_changes());
    HeartbeatCards::restore(Some(EVERY), &rows)
}

#[test]
fn the_first_card_comes_after_the_whole_time_and_a_restart_repeats_none() {
    let mut cards = HeartbeatCards::restore(Some(EVERY), &StoredRows::default());
    assert!(cards.is_due(at(0)), "the time of the first start is remembered");
    assert_eq!(cards.take(at(0), &counters(5, 2, 3)), None);
    let mut cards = restarted(&mut cards);
    assert!(!cards.is_due(at(23)));
    assert_eq!(cards.next(), Some(at(24)));
    assert!(cards.is_due(at(25)));
    let lately = cards.take(at(25), &counters(417, 9, 12));
    assert_eq!(lately, Some(Lately { since: at(0), reloads: 412, incidents: 7, cards: 9 }));
    let cards = restarted(&mut cards);
    assert!(!cards.is_due(at(26)));
    assert_eq!(cards.next(), Some(at(49)));
}

#[test]
fn without_an_interval_there_is_no_card() {
    let cards = HeartbeatCards::restore(None, &StoredRows::default());
    assert!(!cards.is_due(at(0)));
    assert_eq!(cards.next(), None);
}

#[test]
fn a_clock_that_was_set_back_delays_the_card_by_its_interval_at_most() {
    let mut cards = HeartbeatCards::restore(Some(EVERY), &StoredRows::default());
    cards.take(at(1_000_000), &Counts::default());
    assert!(cards.is_due(at(0)));
    assert_eq!(cards.take(at(0), &Counts::default()), None);
    assert_eq!(cards.next(), Some(at(24)));
}

#[test]
fn counters_of_a_new_state_say_nothing_impossible() {
    let mut cards = HeartbeatCards::restore(Some(EVERY), &StoredRows::default());
    cards.take(at(0), &counters(500, 50, 50));
    let lately = cards.take(at(30), &counters(1, 0, 2)).unwrap();
    assert_eq!((lately.reloads, lately.incidents, lately.cards), (0, 0, 0));
}

#[test]
fn the_first_card_after_a_row_of_an_earlier_version_has_what_was_counted_since() {
    let row = format!(r#"{{"at":"{}","reloads":500,"incidents":2,"cards":3}}"#, at(0));
    let key = RowKey::new(TableName::Heartbeats, KEY);
    let rows: StoredRows = [(key, row)].into_iter().collect();
    let mut cards = HeartbeatCards::restore(Some(EVERY), &rows);
    let lately = cards.take(at(24), &counters(20, 4, 5));
    assert_eq!(lately, Some(Lately { since: at(0), reloads: 20, incidents: 2, cards: 2 }));
}
