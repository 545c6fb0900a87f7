//! Pure. Searches for many literals at once by reading a few bytes at regular intervals.
//!
//! A window of the same length is taken from each literal. Wherever a window occurs in the text,
//! one of the sampled positions begins a *gram*, a few bytes of fixed length, entirely within it.
//! So each step only tests whether the gram there belongs to a window; the answer is nearly always
//! no, whatever the number of literals. Grams ignore case; each hit is compared in full.

use std::collections::BTreeMap;

use crate::detect::literal::{Literal, Set};

/// The bit of each byte that distinguishes capital from small letters. Setting it may make other
/// bytes equal, too, which the full comparison rules out.
const NO_CASE: u64 = 0x2020_2020_2020_2020;
/// Distributes grams over a table: the fractional part of the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
/// Window and gram, in bytes: the longer, the larger the steps and the rarer false hits.
const SHAPES: [(usize, usize); 5] = [(24, 8), (16, 8), (10, 6), (6, 4), (1, 3)];

/// The literals of one shape.
#[derive(Clone, Debug)]
pub(crate) struct Sampler {
    step: usize,
    /// Length of a gram in bytes.
    gram: usize,
    mask: u64,
    /// Three bits of one word for each gram's hash: a table with much more room than grams, yet
    /// small enough for the L1 cache.
    filter: Vec<u64>,
    filter_shift: u32,
    /// The start of each slot in `grams`, with one more entry at the end.
    slots: Vec<u32>,
    slot_shift: u32,
    /// Sorted by slot.
    grams: Vec<Gram>,
    literals: Vec<Sought>,
}

/// A literal and its owners.
#[derive(Clone, Debug)]
pub(crate) struct Sought {
    literal: Literal,
    /// The indexes of the owners.
    owners: Vec<usize>,
}

impl Sought {
    /// The literals of these sets, each with the indexes of the sets that contain it.
    pub(crate) fn of<'a>(sets: impl Iterator<Item = (usize, &'a Set)>) -> Vec<Self> {
        let mut all: BTreeMap<&Literal, Vec<usize>> = BTreeMap::new();
        for (number, set) in sets {
            for literal in set {
                all.entry(literal).or_default().push(number);
            }
        }
        let sought = |(literal, owners): (&Literal, _)| Self { literal: literal.clone(), owners };
        all.into_iter().map(sought).collect()
    }

    pub(crate) fn literal(&self) -> &Literal {
        &self.literal
    }
}

/// One gram of a literal's window.
#[derive(Clone, Copy, Debug)]
struct Gram {
    bytes: u64,
    /// The literal's last bytes, up to eight: many literals share a gram, few also share their end.
    end: u64,
    literal: u32,
    /// Its offset in the literal.
    offset: u32,
    /// Length of the literal.
    len: u32,
}

impl Sampler {
    /// The fewest samplers that can search for all these literals in large steps.
    pub(crate) fn all(mut literals: Vec<Sought>) -> Vec<Self> {
        let mut samplers = Vec::new();
        for (window, gram) in SHAPES {
            let fitting = |one: &Sought| one.literal.text.len() >= window;
            let (taken, left): (Vec<_>, Vec<_>) = literals.into_iter().partition(fitting);
            literals = left;
            if let Some(shortest) = taken.iter().map(|one| one.literal.text.len()).min() {
                samplers.push(Self::new(taken, shortest, gram.min(shortest)));
            }
        }
        samplers
    }

    /// The step, in bytes, of a search for literals of this length.
    pub(crate) fn step_of(length: usize) -> usize {
        let fitting = SHAPES.into_iter().find(|(window, _)| length >= *window);
        fitting.map_or(1, |(_, gram)| length - gram.min(length) + 1)
    }

    fn new(literals: Vec<Sought>, window: usize, gram: usize) -> Self {
        let step = window - gram + 1;
        let mask = if gram == 8 { u64::MAX } else { (1 << (8 * gram)) - 1 };
        let grams = grams_of(&literals, window, gram);
        let bits = grams.len().next_power_of_two().trailing_zeros();
        let (filter_bits, slot_bits) = ((bits + 4).clamp(12, 18).max(bits + 2), bits + 1);
        let mut sampler = Self {
            step,
            gram,
            mask,
            filter: vec![0; 1 << (filter_bits - 6)],
            filter_shift: 64 - (filter_bits - 6),
            slots: vec![0; (1 << slot_bits) + 1],
            slot_shift: 64 - slot_bits,
            grams,
            literals,
        };
        sampler.fill();
        sampler
    }

    fn fill(&mut self) {
        let shift = self.slot_shift;
        self.grams.sort_by_key(|gram| place(hash(gram.bytes), shift));
        for gram in &self.grams {
            let hash = hash(gram.bytes);
            self.filter[place(hash, self.filter_shift)] |= bits_of(hash);
            self.slots[place(hash, shift) + 1] += 1;
        }
        let mut sum = 0;
        for slot in &mut self.slots {
            sum += *slot;
            *slot = sum;
        }
    }

    /// The first match that begins at or after `at` and ends after `beyond`, or another one in the
    /// same line.
    pub(crate) fn find(&self, bytes: &[u8], at: usize, beyond: usize) -> Option<usize> {
        let mut at = at;
        while let Some(window) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let gram = (u64::from_le_bytes(*window) | NO_CASE) & self.mask;
            if self.may_be(gram)
                && let Some(start) = self.verify(bytes, at, gram, beyond)
            {
                return Some(start);
            }
            at += self.step;
        }
        self.find_in_tail(bytes, at, beyond)
    }

    /// Searches the last bytes, where fewer than eight are left.
    fn find_in_tail(&self, bytes: &[u8], mut at: usize, beyond: usize) -> Option<usize> {
        while at + self.gram <= bytes.len() {
            let gram = gram_at(&bytes[at..], self.gram);
            if let Some(start) = self.verify(bytes, at, gram, beyond) {
                return Some(start);
            }
            at += self.step;
        }
        None
    }

    fn may_be(&self, gram: u64) -> bool {
        let hash = hash(gram);
        let bits = bits_of(hash);
        self.filter[place(hash, self.filter_shift)] & bits == bits
    }

    /// Adds the owners of all literals in `bytes`.
    pub(crate) fn owners(&self, bytes: &[u8], owners: &mut Vec<usize>) {
        let mut at = 0;
        while at + self.gram <= bytes.len() {
            let gram = match bytes[at..].first_chunk::<8>() {
                Some(window) => (u64::from_le_bytes(*window) | NO_CASE) & self.mask,
                None => gram_at(&bytes[at..], self.gram),
            };
            if self.may_be(gram) {
                for (_, literal) in self.begun(bytes, at, gram) {
                    owners.extend_from_slice(&self.literals[literal].owners);
                }
            }
            at += self.step;
        }
    }

    fn verify(&self, bytes: &[u8], at: usize, gram: u64, beyond: usize) -> Option<usize> {
        let mut begun = self.begun(bytes, at, gram);
        let late = |(start, literal): &(usize, usize)| {
            start + self.literals[*literal].literal.text.len() > beyond
        };
        begun.find(late).map(|(start, _)| start)
    }

    /// The literals with this gram at `at`: their start and index.
    fn begun<'a>(
        &'a self,
        bytes: &'a [u8],
        at: usize,
        gram: u64,
    ) -> impl Iterator<Item = (usize, usize)> + 'a {
        let slot = place(hash(gram), self.slot_shift);
        let grams = &self.grams[self.slots[slot] as usize..self.slots[slot + 1] as usize];
        grams.iter().filter(move |known| known.bytes == gram).filter_map(move |known| {
            let start = at.checked_sub(known.offset as usize)?;
            let found = bytes.get(start..start + known.len as usize)?;
            let literal = known.literal as usize;
            (end_of(found) == known.end && self.literals[literal].literal.begins(found))
                .then_some((start, literal))
        })
    }
}

/// The last bytes of a text, up to eight.
fn end_of(text: &[u8]) -> u64 {
    match text.last_chunk::<8>() {
        Some(end) => u64::from_le_bytes(*end) | NO_CASE,
        None => gram_at(text, text.len()),
    }
}

fn hash(gram: u64) -> u64 {
    // Otherwise the last bytes of a gram would only affect the upper bits.
    let mixed = gram ^ (gram >> 29);
    mixed.wrapping_mul(SPREAD)
}

/// Bits from the middle of a hash, independent of the filter's word index.
fn bits_of(hash: u64) -> u64 {
    1 << (hash >> 38 & 63) | 1 << (hash >> 32 & 63) | 1 << (hash >> 26 & 63)
}

fn place(hash: u64, shift: u32) -> usize {
    usize::try_from(hash >> shift).expect("a table's size is a number of bytes in memory")
}

fn gram_at(bytes: &[u8], len: usize) -> u64 {
    let mut padded = [0; 8];
    padded[..len].copy_from_slice(&bytes[..len]);
    let mask = if len == 8 { u64::MAX } else { (1 << (8 * len)) - 1 };
    (u64::from_le_bytes(padded) | NO_CASE) & mask
}

/// The grams of one window of each literal: the window whose grams are the rarest among all
/// literals, because shared text is often a phrase that occurs all over the logs.
fn grams_of(literals: &[Sought], window: usize, gram: usize) -> Vec<Gram> {
    let mut all: Vec<u64> = literals.iter().flat_map(|one| all_grams(&one.literal, gram)).collect();
    all.sort_unstable();
    let count = |gram: u64| {
        all.partition_point(|one| *one <= gram) - all.partition_point(|one| *one < gram)
    };
    let step = window - gram + 1;
    let mut grams = Vec::new();
    for (number, Sought { literal, .. }) in (0..).zip(literals) {
        let of_literal: Vec<u64> = all_grams(literal, gram).collect();
        let counts: Vec<usize> = of_literal.iter().map(|gram| count(*gram)).collect();
        let sums = counts.windows(step).map(|window| window.iter().sum::<usize>());
        let best = sums.enumerate().min_by_key(|(at, sum)| (*sum, std::cmp::Reverse(*at)));
        let from = best.map_or(0, |(at, _)| at);
        grams.extend((0..).zip(&of_literal).skip(from).take(step).map(|(offset, bytes)| Gram {
            bytes: *bytes,
            end: end_of(&literal.text),
            literal: number,
            offset,
            len: u32::try_from(literal.text.len()).unwrap_or(u32::MAX),
        }));
    }
    grams
}

fn all_grams(literal: &Literal, gram: usize) -> impl Iterator<Item = u64> {
    literal.text.windows(gram).map(move |window| gram_at(window, gram))
}
