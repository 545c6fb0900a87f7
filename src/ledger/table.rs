//! Pure. One table: values by key, found by what they belong to and by time; knows which rows changed.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;

use jiff::SignedDuration;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Timestamp;
use crate::commit::RowChange;
use crate::ledger::TableName;

/// What a row is stored and known under.
pub trait Key: Clone + Hash + Ord {
    fn of(text: &str) -> Self;
    fn text(&self) -> &str;
}

impl Key for Arc<str> {
    fn of(text: &str) -> Self {
        text.into()
    }

    fn text(&self) -> &str {
        self
    }
}

/// A value of a table.
pub trait Row: Serialize + DeserializeOwned {
    const TABLE: TableName;
    /// What a value can be found by, beside its key.
    type By: Hash + Eq;
    /// What the times below depend on, beside the value.
    type Terms: Copy;

    /// What it is found by now, each with the time by which its like are in order.
    fn found_by(&self) -> Vec<(Self::By, Timestamp)> {
        Vec::new()
    }

    /// When something is to be done about it.
    fn due(&self, _: Self::Terms) -> Option<Timestamp> {
        None
    }

    /// From when on nothing will come of it any more.
    fn expires(&self) -> Option<Timestamp> {
        None
    }
}

/// A time and a key, and between them a hash of the key: many rows may have the same time, and
/// comparing their keys would fetch each of them from memory.
type Timed<K> = (Timestamp, u64, K);

/// Values by key. Every index is kept by the table itself: after each change it equals what a walk
/// over all values finds.
#[derive(Debug)]
pub struct Table<K, V: Row> {
    /// Boxed: they are taken out and put back with each change.
    rows: HashMap<K, Box<V>>,
    terms: V::Terms,
    /// A hash of what values are found by, in the order of time.
    index: BTreeSet<(u64, Timestamp, K)>,
    due: BTreeSet<Timed<K>>,
    expires: BTreeSet<Timed<K>>,
    /// Rows to write with the next commit.
    dirty: BTreeSet<K>,
}

impl<K: Key, V: Row<Terms = ()>> Default for Table<K, V> {
    fn default() -> Self {
        Self::new(())
    }
}

impl<K: Key, V: Row> Table<K, V> {
    /// An empty table.
    pub fn new(terms: V::Terms) -> Self {
        let (index, due, expires) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { rows: HashMap::new(), terms, index, due, expires, dirty: BTreeSet::new() }
    }

    /// Takes up a stored row, if it is one of this table. One that cannot be read is left out.
    pub fn take_row(&mut self, key: &str, json: &str) {
        if let Some(key) = key.strip_prefix(V::TABLE.prefix())
            && let Ok(value) = serde_json::from_str(json)
        {
            self.insert(K::of(key), Box::new(value));
        }
    }

    /// The rows that changed since the last call.
    pub fn take_changes(&mut self) -> Vec<RowChange> {
        let dirty = std::mem::take(&mut self.dirty);
        dirty.into_iter().map(|key| self.change_of(&key)).collect()
    }

    fn change_of(&self, key: &K) -> RowChange {
        let value = self.get(key);
        let key = format!("{}{}", V::TABLE.prefix(), key.text());
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

    /// All of it in the order of keys: for tables that are small by nature, and for tests.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let mut rows: Vec<(&K, &V)> =
            self.rows.iter().map(|(key, value)| (key, &**value)).collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        rows.into_iter()
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Keeps a value under a key, in the place of what was there.
    pub fn put(&mut self, key: K, value: V) {
        self.dirty.insert(key.clone());
        self.insert(key, Box::new(value));
    }

    /// Takes a value out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let value = self.withdraw(key)?;
        self.dirty.insert(key.clone());
        Some(*value)
    }

    /// Lets a value be changed; whether its row is to be written says what the change returns.
    pub fn change(&mut self, key: &K, change: impl FnOnce(&mut V) -> bool) {
        let Some(mut value) = self.withdraw(key) else { return };
        if change(&mut value) {
            self.dirty.insert(key.clone());
        }
        self.insert(key.clone(), value);
    }

    /// Lets a value be changed, or a fresh one where there is none.
    pub fn change_or(&mut self, key: &K, fresh: V, change: impl FnOnce(&mut V) -> bool) {
        if !self.rows.contains_key(key) {
            self.insert(key.clone(), Box::new(fresh));
        }
        self.change(key, change);
    }

    /// Lets each value be changed: for tables that are small by nature.
    pub fn change_each(&mut self, mut change: impl FnMut(&K, &mut V) -> bool) {
        for key in self.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.change(&key, |value| change(&key, value));
        }
    }

    /// Removes what does not fit: for tables that are small by nature.
    pub fn retain(&mut self, fits: impl Fn(&K, &V) -> bool) {
        let unfit = self.iter().filter(|(key, value)| !fits(key, value));
        for key in unfit.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.remove(&key);
        }
    }

    /// What is found by this at these times, in the order of time and key.
    pub fn find<'a>(
        &'a self,
        by: &'a V::By,
        times: RangeInclusive<Timestamp>,
    ) -> impl DoubleEndedIterator<Item = (Timestamp, &'a K, &'a V)> {
        let hash = hash(by);
        let (from, to) = times.into_inner();
        // The empty key is the least: what comes before it at the next moment is within the times.
        let until = match (to.checked_add(SignedDuration::from_nanos(1)), hash.checked_add(1)) {
            (Ok(after), _) => Bound::Excluded((hash, after, K::of(""))),
            (Err(_), Some(next)) => Bound::Excluded((next, Timestamp::MIN, K::of(""))),
            (Err(_), None) => Bound::Unbounded,
        };
        let first = Bound::Included((hash, from.min(to), K::of("")));
        let found = self.index.range((first, until));
        let found = found.filter_map(|(_, at, key)| Some((*at, key, self.get(key)?)));
        found.filter(move |(at, _, value)| {
            // Two names may share a hash.
            (from..=to).contains(at) && value.found_by().iter().any(|it| it.0 == *by && it.1 == *at)
        })
    }

    /// What is found by this at any time, in the order of keys.
    pub fn find_all(&self, by: &V::By) -> BTreeSet<K> {
        let found = self.find(by, Timestamp::MIN..=Timestamp::MAX);
        found.map(|(_, key, _)| key.clone()).collect()
    }

    /// What is found by this, nearest to `at` within these times: how far it is, and its key. Of
    /// those that are equally near it is the first by key.
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
        // The first by key of those at that very time.
        let before = before.and_then(|(time, ..)| self.find(by, time..=time).next());
        let after = (at <= to).then(|| self.find(by, from.max(at)..=to));
        let after = after.and_then(|mut found| found.next());
        let sides = before.into_iter().chain(after);
        sides.map(|(time, key, _)| (far(time), key.clone())).min()
    }

    /// What is due, in the order of time and key.
    pub fn due(&self, now: Timestamp) -> Vec<K> {
        let due = self.due.iter().take_while(|(due, ..)| *due <= now);
        let mut due: Vec<_> = due.map(|(due, _, key)| (*due, key.clone())).collect();
        due.sort();
        due.into_iter().map(|(_, key)| key).collect()
    }

    /// When something is to be done next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(due, ..)| *due)
    }

    /// Removes what nothing will come of any more, and says what that was.
    pub fn forget(&mut self, now: Timestamp) -> Vec<K> {
        let mut gone = Vec::new();
        while self.expires.first().is_some_and(|(at, ..)| *at < now) {
            gone.extend(self.forget_first());
        }
        gone
    }

    /// Removes what expires first, and until then, while there are more than this.
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
        self.withdraw(&key);
        for (by, at) in value.found_by() {
            self.index.insert((hash(&by), at, key.clone()));
        }
        self.due.extend(value.due(self.terms).map(|due| timed(due, &key)));
        self.expires.extend(value.expires().map(|at| timed(at, &key)));
        self.rows.insert(key, value);
    }

    /// Takes a value out of rows and indexes.
    fn withdraw(&mut self, key: &K) -> Option<Box<V>> {
        let (key, value) = self.rows.remove_entry(key)?;
        for (by, at) in value.found_by() {
            self.index.remove(&(hash(&by), at, key.clone()));
        }
        if let Some(due) = value.due(self.terms) {
            self.due.remove(&timed(due, &key));
        }
        if let Some(at) = value.expires() {
            self.expires.remove(&timed(at, &key));
        }
        Some(value)
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
