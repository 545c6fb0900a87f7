//! Pure. Keys of rows by a hash and a time: what is found under one hash is found in one look-up.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::mem;
use std::ops::{Bound, RangeInclusive};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::ledger::table::Key;

/// Keys of rows by hash and time.
#[derive(Debug)]
pub(crate) struct Index<K> {
    entries: HashMap<u64, Entries<K>>,
}

/// The keys under one hash. Nearly always there is only one, which needs no tree.
#[derive(Debug)]
enum Entries<K> {
    One(Timestamp, K),
    Many(BTreeSet<(Timestamp, Sorted<K>)>),
}

/// A key in the order of its text, with its first bytes beside it: among many keys with the same
/// time, most are distinguished without reading their texts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sorted<K> {
    begins: [u8; 8],
    key: K,
}

impl<K: Key> Sorted<K> {
    fn new(key: K) -> Self {
        let mut begins = [0; 8];
        begins.iter_mut().zip(key.text().bytes()).for_each(|(to, byte)| *to = byte);
        Self { begins, key }
    }

    /// The empty key, which is the first of all.
    fn first() -> Self {
        Self::new(K::of(""))
    }
}

impl<K: Key> Index<K> {
    pub(crate) fn new() -> Self {
        Self { entries: HashMap::new() }
    }

    pub(crate) fn insert(&mut self, hash: u64, at: Timestamp, key: K) {
        match self.entries.entry(hash) {
            Entry::Vacant(entry) => drop(entry.insert(Entries::One(at, key))),
            Entry::Occupied(mut entry) => entry.get_mut().insert(at, key),
        }
    }

    pub(crate) fn remove(&mut self, hash: u64, at: Timestamp, key: &K) {
        let Entry::Occupied(mut entry) = self.entries.entry(hash) else { return };
        let is_empty = match entry.get_mut() {
            Entries::One(only_at, only) => *only_at == at && only == key,
            Entries::Many(keys) => {
                keys.remove(&(at, Sorted::new(key.clone())));
                keys.is_empty()
            }
        };
        if is_empty {
            entry.remove();
        }
    }

    /// The keys under this hash within these times, ordered by time and key.
    pub(crate) fn find(
        &self,
        hash: u64,
        times: RangeInclusive<Timestamp>,
    ) -> impl DoubleEndedIterator<Item = (Timestamp, &K)> {
        let (one, many) = match self.entries.get(&hash) {
            Some(Entries::One(at, key)) => (times.contains(at).then_some((*at, key)), None),
            Some(Entries::Many(keys)) if !times.is_empty() => (None, Some(within(keys, times))),
            _ => (None, None),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

impl<K: Key> Entries<K> {
    fn insert(&mut self, at: Timestamp, key: K) {
        match self {
            Self::One(known_at, known) if *known_at == at && *known == key => {}
            Self::One(..) => {
                let one = mem::replace(self, Self::Many(BTreeSet::new()));
                if let Self::One(known_at, known) = one {
                    self.insert(known_at, known);
                }
                self.insert(at, key);
            }
            Self::Many(keys) => drop(keys.insert((at, Sorted::new(key)))),
        }
    }
}

fn within<K: Key>(
    keys: &BTreeSet<(Timestamp, Sorted<K>)>,
    times: RangeInclusive<Timestamp>,
) -> impl DoubleEndedIterator<Item = (Timestamp, &K)> {
    let (from, to) = times.into_inner();
    let until = match to.checked_add(SignedDuration::from_nanos(1)) {
        Ok(after) => Bound::Excluded((after, Sorted::first())),
        Err(_) => Bound::Unbounded,
    };
    let found = keys.range((Bound::Included((from, Sorted::first())), until));
    found.map(|(at, sorted)| (*at, &sorted.key))
}
