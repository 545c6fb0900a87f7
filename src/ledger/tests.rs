//! After any sequence of changes, the indexes of a table agree with a scan over all values.

use std::sync::Arc;

use jiff::SignedDuration;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::commit::{RowChange, RowKey, StoredRows};
use crate::ledger::{Sequence, Table, TableName, TableRow};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Value {
    groups: Vec<u8>,
    at: i64,
    due: Option<i64>,
    expires: Option<i64>,
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

impl TableRow for Value {
    const TABLE: TableName = TableName::Runs;
    type By = u8;
    /// Added to the due time.
    type Terms = SignedDuration;

    fn found_by(&self) -> Vec<(u8, Timestamp)> {
        self.groups.iter().map(|group| (*group, moment(self.at))).collect()
    }

    fn due(&self, wait: SignedDuration) -> Option<Timestamp> {
        self.due.map(|due| moment(due) + wait)
    }

    fn expires(&self) -> Option<Timestamp> {
        self.expires.map(moment)
    }
}

type Values = Table<Arc<str>, Value>;

const WAIT: SignedDuration = SignedDuration::from_secs(1);

#[derive(Clone, Debug)]
enum Act {
    Put(u8, Value),
    Remove(u8),
    Change(u8, i64),
    Forget(i64),
    KeepAtMost(usize),
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let time = || 0..20_i64;
    let maybe = || prop::option::of(0..20_i64);
    let value = (prop::collection::btree_set(0..3_u8, 1..4), time(), maybe(), maybe());
    let value = value.prop_map(|(groups, at, due, expires)| Value {
        groups: groups.into_iter().collect(),
        at,
        due,
        expires,
    });
    prop_oneof![
        10 => (0..60_u8, value).prop_map(|(key, value)| Act::Put(key, value)),
        2 => (0..60_u8).prop_map(Act::Remove),
        3 => (0..60_u8, time()).prop_map(|(key, at)| Act::Change(key, at)),
        1 => (0..12_i64).prop_map(Act::Forget),
        1 => (20..50_usize).prop_map(Act::KeepAtMost),
        1 => Just(Act::Restart),
    ]
}

/// Short keys, and long ones that differ only at the end.
fn key(n: u8) -> Arc<str> {
    if n.is_multiple_of(2) { format!("{n:02}") } else { format!("execution/{n:02}") }.into()
}

fn perform(table: &mut Values, rows: &mut StoredRows, act: Act) {
    match act {
        Act::Put(n, value) => table.put(key(n), value),
        Act::Remove(n) => drop(table.remove(&key(n))),
        Act::Change(n, at) => table.change(&key(n), |value| {
            value.at = at;
            true
        }),
        Act::Forget(now) => {
            table.forget(moment(now));
        }
        Act::KeepAtMost(most) => table.keep_at_most(most, Timestamp::MAX),
        Act::Restart => {
            rows.apply(table.take_changes());
            *table = restored(rows);
        }
    }
}

fn restored(rows: &StoredRows) -> Values {
    let mut table = Table::new(WAIT);
    table.restore(rows);
    table
}

/// Compares every query with a scan over all values.
fn check(table: &Values) {
    for (from, to) in [(0, 19), (5, 9), (7, 7), (9, 5)] {
        let times = moment(from)..=moment(to);
        for group in 0..3 {
            let fits =
                |value: &Value| value.groups.contains(&group) && (from..=to).contains(&value.at);
            let mut walked: Vec<_> = table.iter().filter(|(_, value)| fits(value)).collect();
            walked.sort_by_key(|(key, value)| (value.at, Arc::clone(key)));
            let found: Vec<_> =
                table.find(&group, times.clone()).map(|(_, key, value)| (key, value)).collect();
            assert_eq!(found, walked);
            let back = table.find(&group, times.clone()).rev();
            assert!(back.map(|(_, key, _)| key).eq(walked.iter().rev().map(|(key, _)| *key)));
            for at in [0, 6, 12] {
                let near = |(key, value): &(&Arc<str>, &Value)| {
                    (SignedDuration::from_secs((value.at - at).abs()), Arc::clone(key))
                };
                let nearest = walked.iter().map(near).min();
                assert_eq!(table.nearest(&group, moment(at), times.clone()), nearest);
            }
        }
    }
    let due = |value: &Value| value.due.map(|due| moment(due) + WAIT);
    let mut walked: Vec<_> =
        table.iter().filter_map(|(key, value)| Some((due(value)?, Arc::clone(key)))).collect();
    walked.sort();
    assert_eq!(table.next_due(), walked.first().map(|(due, _)| *due));
    let by_ten = walked.into_iter().filter(|(due, _)| *due <= moment(10));
    assert_eq!(table.due(moment(10)), by_ten.map(|(_, key)| key).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn indexes_agree_with_a_scan_over_all_values(acts in prop::collection::vec(act(), 0..120)) {
        let (mut table, mut rows) = (restored(&StoredRows::default()), StoredRows::default());
        for act in acts {
            let forgets = if let Act::Forget(now) = act { Some(now) } else { None };
            perform(&mut table, &mut rows, act);
            if let Some(now) = forgets {
                prop_assert!(table.values().all(|value| value.expires.is_none_or(|at| at >= now)));
            }
            check(&table);
        }
        rows.apply(table.take_changes());
        let again = restored(&rows);
        prop_assert_eq!(again.iter().collect::<Vec<_>>(), table.iter().collect::<Vec<_>>());
    }
}

#[test]
fn only_changed_rows_are_written() {
    let value = Value { groups: vec![1], at: 1, due: None, expires: None };
    let mut table: Values = Table::new(WAIT);
    table.put(key(1), value.clone());
    table.put(key(2), value);
    table.take_changes();
    table.change(&key(1), |value| {
        value.at = 2;
        false
    });
    assert_eq!(table.take_changes(), []);
    assert_eq!(table.find(&1, moment(2)..=moment(2)).count(), 1, "it is found by its changed key");
    table.remove(&key(2));
    table.remove(&key(3));
    assert_eq!(
        table.take_changes(),
        [RowChange::Delete { key: RowKey::new(TableName::Runs, "02") }]
    );
}

#[test]
fn a_row_of_another_table_and_an_unreadable_row_are_ignored() {
    let of = |table, key, json: &str| (RowKey::new(table, key), json.to_owned());
    let rows = [
        of(TableName::Incidents, "1", r#"{"groups":[],"at":1}"#),
        of(TableName::Runs, "2", "not JSON"),
    ];
    assert!(restored(&rows.into_iter().collect()).is_empty());
}

#[test]
fn a_sequence_continues_after_a_restart() {
    let mut sequence = Sequence::default();
    assert_eq!((sequence.advance(), sequence.advance()), (1, 2));
    let mut rows = StoredRows::default();
    rows.apply(sequence.take_changes());
    assert_eq!(sequence.take_changes(), None);
    let mut again = Sequence::restored(&rows);
    assert_eq!(again.advance(), 3);
}
