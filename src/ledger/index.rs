//! Pure. Keys of rows by a hash and a time: all keys under one hash are found in one look-up.

use std::collections::hash_map::Entry as MapEntry;
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

/// More keys than this under one hash are kept in a tree.
const FEW: usize = 16;

/// The keys under one hash, in order. Nearly always there is one, in a storm there are some; the
/// smallest tree has room for eleven.
#[derive(Debug)]
enum Entries<K> {
    One(Timestamp, K),
    Few(Vec<Entry<K>>),
    Many(BTreeSet<Entry<K>>),
}

type Entry<K> = (Timestamp, Sorted<K>);

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
            MapEntry::Vacant(entry) => drop(entry.insert(Entries::One(at, key))),
            MapEntry::Occupied(mut entry) => entry.get_mut().insert(at, key),
        }
    }

    pub(crate) fn remove(&mut self, hash: u64, at: Timestamp, key: &K) {
        let MapEntry::Occupied(mut entry) = self.entries.entry(hash) else { return };
        let is_empty = match entry.get_mut() {
            Entries::One(only_at, only) => *only_at == at && only == key,
            Entries::Few(keys) => {
                if let Ok(place) = keys.binary_search(&(at, Sorted::new(key.clone()))) {
                    keys.remove(place);
                }
                keys.is_empty()
            }
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
        let (mut one, mut few, mut many) = (None, &[][..], None);
        match self.entries.get(&hash) {
            Some(Entries::One(at, key)) => one = times.contains(at).then_some((*at, key)),
            Some(Entries::Few(keys)) if !times.is_empty() => {
                let from = keys.partition_point(|(at, _)| at < times.start());
                few = &keys[from..keys.partition_point(|(at, _)| at <= times.end())];
            }
            Some(Entries::Many(keys)) if !times.is_empty() => many = Some(within(keys, times)),
            _ => {}
        }
        let few = few.iter().map(|(at, sorted)| (*at, &sorted.key));
        one.into_iter().chain(few).chain(many.into_iter().flatten())
    }
}

impl<K: Key> Entries<K> {
    fn insert(&mut self, at: Timestamp, key: K) {
        match self {
            Self::One(known_at, known) if *known_at == at && *known == key => {}
            Self::One(..) => {
                let one = mem::replace(self, Self::Few(Vec::with_capacity(2)));
                if let Self::One(known_at, known) = one {
                    self.insert(known_at, known);
                }
                self.insert(at, key);
            }
            Self::Few(keys) if keys.len() < FEW => {
                let entry = (at, Sorted::new(key));
                if let Err(place) = keys.binary_search(&entry) {
                    keys.insert(place, entry);
                }
            }
            Self::Few(keys) => {
                let mut many: BTreeSet<_> = mem::take(keys).into_iter().collect();
                many.insert((at, Sorted::new(key)));
                *self = Self::Many(many);
            }
            Self::Many(keys) => drop(keys.insert((at, Sorted::new(key)))),
        }
    }
}

fn within<K: Key>(
    keys: &BTreeSet<Entry<K>>,
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
