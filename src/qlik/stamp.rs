//! Pure. Parses the time stamps of Qlik Sense.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The most by which rows of one file are out of order: clocks are corrected, and threads
/// interleave.
const OUT_OF_ORDER: SignedDuration = SignedDuration::from_mins(5);

/// A time stamp of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub at: Timestamp,
    /// The other reading, for a stamp without offset in the repeated hour: `at` is the first pass,
    /// this the second.
    pub or: Option<Timestamp>,
}

impl Stamp {
    /// The stamp, resolved if it was written after a row of the time `earlier`.
    #[must_use]
    pub fn not_before(self, earlier: Timestamp) -> Self {
        let is_over = self.at.duration_since(earlier) < -OUT_OF_ORDER;
        self.or.filter(|_| is_over).map_or(self, |at| Self { at, or: None })
    }

    /// The stamp, resolved if it was written at most `within` from the time `known`.
    #[must_use]
    pub fn near(self, known: Timestamp, within: SignedDuration) -> Self {
        let far = |at: Timestamp| at.duration_since(known).abs();
        let nearest = self.or.into_iter().chain([self.at]).min_by_key(|at| far(*at));
        nearest.filter(|at| far(*at) <= within).map_or(self, |at| Self { at, or: None })
    }
}

/// Parses `20211109T193744.331+0100`, `2021-11-09T18:37:44.331Z`, `2021-11-09 19:37:44,331` and
/// `2021-11-09 19:37:44`. The last two have no offset and are read in `zone`.
pub fn parse(text: &str, zone: &TimeZone) -> Option<Stamp> {
    let text = text.trim();
    if text.len() < 15 || text.len() > 40 || !text.is_ascii() {
        return None;
    }
    let known = basic(text).or_else(|| text.parse().ok());
    known.map(|at| Stamp { at, or: None }).or_else(|| local(text, zone))
}

/// `20211109T193744.331+0100`: the format of nearly all rows, so it is parsed by position.
fn basic(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(8)?;
    let (clock, rest) = rest.strip_prefix('T')?.split_at_checked(6)?;
    let (date, clock) = (number(date)?, number(clock)?);
    let (fraction, offset) = rest.split_at_checked(rest.find(['+', '-', 'Z'])?)?;
    let civil = DateTime::new(
        (date / 10_000).try_into().ok()?,
        (date / 100 % 100).try_into().ok()?,
        (date % 100).try_into().ok()?,
        (clock / 10_000).try_into().ok()?,
        (clock / 100 % 100).try_into().ok()?,
        (clock % 100).try_into().ok()?,
        nanoseconds(fraction)?,
    );
    self::offset(offset)?.to_timestamp(civil.ok()?).ok()
}

/// `.331`, or nothing.
fn nanoseconds(text: &str) -> Option<i32> {
    if text.is_empty() {
        return Some(0);
    }
    let digits = text.strip_prefix('.').filter(|digits| digits.len() <= 9)?;
    let missing = u32::try_from(9 - digits.len()).ok()?;
    Some(number(digits)? * 10_i32.pow(missing))
}

/// `+0100`, or `Z`.
fn offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, digits) = text.split_at_checked(1)?;
    let (hours, minutes) = digits.split_at_checked(2)?;
    if minutes.len() != 2 || minutes >= "60" {
        return None;
    }
    let seconds = number(hours)? * 3600 + number(minutes)? * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

fn number(digits: &str) -> Option<i32> {
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| digits.parse().ok())?
}

fn local(text: &str, zone: &TimeZone) -> Option<Stamp> {
    let text = text.replace(',', ".");
    let local = DateTime::strptime("%Y-%m-%d %H:%M:%S%.f", &text)
        .or_else(|_| DateTime::strptime("%Y-%m-%dT%H:%M:%S%.f", &text))
        .ok()?;
    let read = zone.to_ambiguous_timestamp(local);
    let or = match read.offset() {
        AmbiguousOffset::Fold { .. } => read.later().ok(),
        _ => None,
    };
    Some(Stamp { at: read.compatible().ok()?, or })
}

#[cfg(test)]
mod tests;
