//! Pure. One table: values by key, with indexes by secondary key and time, and its changed rows.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Timestamp;
use crate::commit::{RowChange, RowKey, StoredRows, TableName};
use crate::ledger::index::Index;

/// The key of a row, convertible to and from text.
pub trait Key: Clone + Hash + Ord {
    fn of(text: &str) -> Self;
    fn text(&self) -> Cow<'_, str>;
}

impl Key for Arc<str> {
    fn of(text: &str) -> Self {
        text.into()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

/// A value in a table.
pub trait TableRow: Serialize + DeserializeOwned {
    const TABLE: TableName;
    /// A secondary key of a value.
    type By: Hash + Eq;
    /// Parameters of [`Self::due`], in addition to the value.
    type Terms: Copy;

    /// The current secondary keys, each with the time that orders its entries.
    fn found_by(&self) -> Vec<(Self::By, Timestamp)> {
        Vec::new()
    }

    /// When the value needs attention.
    fn due(&self, _: Self::Terms) -> Option<Timestamp> {
        None
    }

    /// From this time on, the value is no longer needed.
    fn expires(&self) -> Option<Timestamp> {
        None
    }
}

/// A time, a hash of the key, and the key. The hash avoids comparing keys in memory when many rows
/// have the same time.
type Timed<K> = (Timestamp, u64, K);

/// The places of a value in the indexes.
#[derive(Default)]
struct Places {
    index: Vec<(u64, Timestamp)>,
    due: Option<Timestamp>,
    expires: Option<Timestamp>,
}

impl Places {
    fn of<V: TableRow>(value: &V, terms: V::Terms) -> Self {
        let found_by = value.found_by().into_iter();
        Self {
            index: found_by.map(|(by, at)| (hash(&by), at)).collect(),
            due: value.due(terms),
            expires: value.expires(),
        }
    }
}

/// Values by key, with indexes. After each change, the indexes give the same results as a scan over
/// all values.
#[derive(Debug)]
pub struct Table<K, V: TableRow> {
    /// Boxed, because many are large and some are taken out and put back.
    rows: HashMap<K, Box<V>>,
    terms: V::Terms,
    /// By the hashes of secondary keys.
    index: Index<K>,
    due: BTreeSet<Timed<K>>,
    expires: BTreeSet<Timed<K>>,
    /// Keys of the rows to write with the next commit.
    dirty: BTreeSet<K>,
}

impl<K: Key, V: TableRow<Terms: Default>> Default for Table<K, V> {
    fn default() -> Self {
        Self::new(V::Terms::default())
    }
}

impl<K: Key, V: TableRow<Terms: Default>> Table<K, V> {
    /// A table with its stored rows.
    pub fn restored(rows: &StoredRows) -> Self {
        let mut table = Self::default();
        table.restore(rows);
        table
    }
}

impl<K: Key, V: TableRow> Table<K, V> {
    /// Creates an empty table.
    pub fn new(terms: V::Terms) -> Self {
        let (due, expires, dirty) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { rows: HashMap::new(), terms, index: Index::new(), due, expires, dirty }
    }

    /// Replaces the terms and updates the indexes.
    pub fn set_terms(&mut self, terms: V::Terms) {
        let before = std::mem::replace(&mut self.terms, terms);
        let rows = self.rows.iter();
        let moved = rows.map(|(key, value)| {
            (key.clone(), Places::of(&**value, before), Places::of(&**value, terms))
        });
        for (key, before, after) in moved.collect::<Vec<_>>() {
            self.reindex(&key, &before, &after);
        }
    }

    /// Restores the stored rows of this table. Unreadable rows are ignored.
    pub fn restore(&mut self, rows: &StoredRows) {
        self.restore_if(rows, |_| true);
    }

    /// The same for those whose keys fit.
    pub fn restore_if(&mut self, rows: &StoredRows, fits: impl Fn(&K) -> bool) {
        for (key, json) in rows.of(V::TABLE) {
            let key = K::of(key);
            if let (true, Ok(value)) = (fits(&key), serde_json::from_str(json)) {
                self.insert(key, Box::new(value));
            }
        }
    }

    /// Changes to write, collected since the last call.
    pub fn take_changes(&mut self) -> Vec<RowChange> {
        let dirty = std::mem::take(&mut self.dirty);
        dirty.into_iter().map(|key| self.change_of(&key)).collect()
    }

    fn change_of(&self, key: &K) -> RowChange {
        let value = self.get(key);
        let key = RowKey::new(V::TABLE, key.text());
        match value {
            Some(value) => {
                let json = serde_json::to_string(value)
                    .expect("rows of the ledger hold only text, numbers and times");
                RowChange::Put { key, json }
            }
            None => RowChange::Delete { key },
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key).map(|value| &**value)
    }

    /// All rows in the order of keys. Takes linear time: for small tables and tests.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let mut rows: Vec<(&K, &V)> =
            self.rows.iter().map(|(key, value)| (key, &**value)).collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        rows.into_iter()
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Inserts a value, or replaces the one with this key.
    pub fn put(&mut self, key: K, value: V) {
        self.dirty.insert(key.clone());
        self.insert(key, Box::new(value));
    }

    /// Removes a value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let value = self.rows.remove(key)?;
        self.reindex(key, &Places::of(&*value, self.terms), &Places::default());
        self.dirty.insert(key.clone());
        Some(*value)
    }

    /// Changes a value; `change` returns whether the row must be written.
    pub fn change(&mut self, key: &K, change: impl FnOnce(&mut V) -> bool) {
        let Some(value) = self.rows.get_mut(key) else { return };
        let before = Places::of(&**value, self.terms);
        if change(value) {
            self.dirty.insert(key.clone());
        }
        let after = Places::of(&**value, self.terms);
        self.reindex(key, &before, &after);
    }

    /// Changes a value, or `fresh` if there is none.
    pub fn change_or(&mut self, key: &K, fresh: V, change: impl FnOnce(&mut V) -> bool) {
        if !self.rows.contains_key(key) {
            self.insert(key.clone(), Box::new(fresh));
        }
        self.change(key, change);
    }

    /// Changes each value. Takes linear time: for small tables.
    pub fn change_each(&mut self, mut change: impl FnMut(&K, &mut V) -> bool) {
        for key in self.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.change(&key, |value| change(&key, value));
        }
    }

    /// Removes values that do not fit. Takes linear time: for small tables.
    pub fn retain(&mut self, fits: impl Fn(&K, &V) -> bool) {
        let unfit = self.iter().filter(|(key, value)| !fits(key, value));
        for key in unfit.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.remove(&key);
        }
    }

    /// Values with this secondary key within these times, ordered by time and key.
    pub fn find<'a>(
        &'a self,
        by: &'a V::By,
        times: RangeInclusive<Timestamp>,
    ) -> impl DoubleEndedIterator<Item = (Timestamp, &'a K, &'a V)> {
        let found = self.index.find(hash(by), times);
        let found = found.filter_map(|(at, key)| Some((at, key, self.get(key)?)));
        found.filter(|(at, _, value)| {
            // Two secondary keys may have the same hash.
            value.found_by().iter().any(|it| it.0 == *by && it.1 == *at)
        })
    }

    /// Keys of all values with this secondary key, in order.
    pub fn find_all(&self, by: &V::By) -> BTreeSet<K> {
        let found = self.find(by, Timestamp::MIN..=Timestamp::MAX);
        found.map(|(_, key, _)| key.clone()).collect()
    }

    /// The value with this secondary key that is nearest to `at` within these times: its distance
    /// and key. If several are equally near, the one with the first key.
    pub fn nearest(
        &self,
        by: &V::By,
        at: Timestamp,
        times: RangeInclusive<Timestamp>,
    ) -> Option<(SignedDuration, K)> {
        let (from, to) = times.into_inner();
        let far = |one: Timestamp| at.duration_since(one).abs();
        let before = (from <= at).then(|| self.find(by, from..=to.min(at)));
        let before = before.and_then(|mut found| found.next_back());
        // The first key among those with exactly this time.
        let before = before.and_then(|(time, ..)| self.find(by, time..=time).next());
        let after = (at <= to).then(|| self.find(by, from.max(at)..=to));
        let after = after.and_then(|mut found| found.next());
        let sides = before.into_iter().chain(after);
        sides.map(|(time, key, _)| (far(time), key.clone())).min()
    }

    /// Keys of the values that are due, ordered by time and key.
    pub fn due(&self, now: Timestamp) -> Vec<K> {
        let due = self.due.iter().take_while(|(due, ..)| *due <= now);
        let mut due: Vec<_> = due.map(|(due, _, key)| (*due, key.clone())).collect();
        due.sort();
        due.into_iter().map(|(_, key)| key).collect()
    }

    /// The values that are or become due, ordered by time.
    pub fn all_due(&self) -> impl Iterator<Item = (Timestamp, &V)> {
        self.due.iter().filter_map(|(due, _, key)| Some((*due, self.get(key)?)))
    }

    /// When the next value is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(due, ..)| *due)
    }

    /// Removes expired values and returns their keys.
    pub fn forget(&mut self, now: Timestamp) -> Vec<K> {
        let mut gone = Vec::new();
        while self.expires.first().is_some_and(|(at, ..)| *at < now) {
            gone.extend(self.forget_first());
        }
        gone
    }

    /// Removes the next expired value and returns it.
    pub fn forget_one(&mut self, now: Timestamp) -> Option<V> {
        let (at, _, key) = self.expires.first().cloned()?;
        if at < now { self.remove(&key) } else { None }
    }

    /// Keys of the values that changed since the last call of [`Self::take_changes`].
    pub fn changed(&self) -> Vec<K> {
        self.dirty.iter().cloned().collect()
    }

    /// While there are more than `most` values, removes those that expire first, at `until` at the
    /// latest.
    pub fn keep_at_most(&mut self, most: usize, until: Timestamp) {
        while self.rows.len() > most && self.expires.first().is_some_and(|(at, ..)| *at <= until) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) -> Option<K> {
        let (.., key) = self.expires.first().cloned()?;
        self.remove(&key);
        Some(key)
    }

    fn insert(&mut self, key: K, value: Box<V>) {
        let known = self.rows.get(&key);
        let before = known.map(|known| Places::of(&**known, self.terms)).unwrap_or_default();
        self.reindex(&key, &before, &Places::of(&*value, self.terms));
        self.rows.insert(key, value);
    }

    /// Moves a row in the indexes. Most changes leave most places as they are.
    fn reindex(&mut self, key: &K, before: &Places, after: &Places) {
        for place in before.index.iter().filter(|place| !after.index.contains(place)) {
            self.index.remove(place.0, place.1, key);
        }
        for place in after.index.iter().filter(|place| !before.index.contains(place)) {
            self.index.insert(place.0, place.1, key.clone());
        }
        reindex_at(&mut self.due, key, before.due, after.due);
        reindex_at(&mut self.expires, key, before.expires, after.expires);
    }
}

fn reindex_at<K: Key>(
    times: &mut BTreeSet<Timed<K>>,
    key: &K,
    before: Option<Timestamp>,
    after: Option<Timestamp>,
) {
    if before != after {
        before.map(|at| times.remove(&timed(at, key)));
        times.extend(after.map(|at| timed(at, key)));
    }
}

fn timed<K: Key>(at: Timestamp, key: &K) -> Timed<K> {
    (at, hash(key), key.clone())
}

fn hash(by: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    by.hash(&mut hasher);
    hasher.finish()
}
