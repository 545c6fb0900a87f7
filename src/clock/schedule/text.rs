//! Pure. Parses the text of a schedule.
//!
//! ```text
//! schedule = range { "," range }
//! range    = days | times | days times
//! days     = "Mon" | "Mon-Fri"            the first letters or the whole name
//! times    = "08:00-18:00"                up to 24:00; over midnight if it ends before it begins
//! ```
//!
//! Days without times belong to the next range that has times, so that `Mon, Wed 08:00-12:00` is a
//! list of days; if none follows, they are whole days. Times without days have the days of the
//! range before them, or all. A range over midnight belongs to the day on which it begins.

use std::ops::Range;

use crate::clock::schedule::{DAY, WEEK};

/// In the order of the week.
pub(crate) const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Far more than a person writes.
const MOST_RANGES: usize = 100;

/// The open ranges of a week in minutes, in order; neither overlapping nor touching.
pub(crate) fn parse(text: &str) -> Result<Vec<Range<u32>>, String> {
    if text.trim().is_empty() {
        return Err("the time range is empty; write days and times, such as \
                    \"Mon-Fri 08:00-18:00\""
            .to_owned());
    }
    if text.split(',').count() > MOST_RANGES {
        return Err(format!("there are more than {MOST_RANGES} time ranges; {EXAMPLES}"));
    }
    let mut ranges = Vec::new();
    let mut listed: Vec<u32> = Vec::new();
    let mut before: Vec<u32> = (0..7).collect();
    for part in plain(text).split(',') {
        let (days, times) = days_and_times(part)?;
        listed.extend(days);
        let Some(times) = times else { continue };
        if !listed.is_empty() {
            before = std::mem::take(&mut listed);
        }
        ranges.extend(before.iter().map(|day| day * DAY + times.start..day * DAY + times.end));
    }
    ranges.extend(listed.iter().map(|day| day * DAY..(day + 1) * DAY));
    Ok(merged(ranges))
}

const EXAMPLES: &str = "write days and times, such as \"Mon-Fri 08:00-18:00\" or \"Sat, Sun\"";

/// One kind of dash, without blanks around it.
fn plain(text: &str) -> String {
    let text = text.replace(['–', '—'], "-");
    text.split('-').map(str::trim).collect::<Vec<_>>().join("-")
}

/// The days and times of one range; times may end on the next day.
fn days_and_times(part: &str) -> Result<(Vec<u32>, Option<Range<u32>>), String> {
    let words: Vec<&str> = part.split_whitespace().collect();
    let is_times = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    match words[..] {
        [] => Err(format!("there is a comma without a time range; {EXAMPLES}")),
        [times] if is_times(times) => Ok((Vec::new(), Some(times_of(times)?))),
        [days] => Ok((days_of(days)?, None)),
        [days, times] if !is_times(days) && is_times(times) => {
            Ok((days_of(days)?, Some(times_of(times)?)))
        }
        _ => Err(format!("`{}` is not a valid time range; {EXAMPLES}", short(part.trim()))),
    }
}

/// `Fri-Mon` is Friday to Monday.
fn days_of(word: &str) -> Result<Vec<u32>, String> {
    let Some((first, last)) = word.split_once('-') else { return Ok(vec![day(word)?]) };
    let (first, last) = (day(first)?, day(last)?);
    Ok((0..=(last + 7 - first) % 7).map(|more| (first + more) % 7).collect())
}

fn day(word: &str) -> Result<u32, String> {
    let lower = word.to_ascii_lowercase();
    let mut days = (0..).zip(DAYS);
    let known = days.find(|(_, name)| lower.len() >= 3 && name.starts_with(&lower));
    known.map(|(day, _)| day).ok_or_else(|| {
        let word = short(word);
        format!("`{word}` is not a day; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
    })
}

fn times_of(word: &str) -> Result<Range<u32>, String> {
    let Some((begin, end)) = word.split_once('-') else {
        return Err(format!("`{}` has no end; write it as 08:00-18:00", short(word)));
    };
    let (begin, end) = (time(begin)?, time(end)?);
    if begin == DAY {
        return Err("a time range cannot begin at 24:00; write 00:00 and the day after".to_owned());
    }
    if begin == end {
        return Err(format!(
            "`{word}` never opens: it ends when it begins; write 00:00-24:00 for whole days"
        ));
    }
    Ok(begin..if end > begin { end } else { end + DAY })
}

/// Minutes since midnight.
fn time(text: &str) -> Result<u32, String> {
    let number = |text: &str, most_digits: usize| {
        let is_number = text.chars().all(|c| c.is_ascii_digit()) && text.len() <= most_digits;
        text.parse::<u32>().ok().filter(|_| is_number)
    };
    let parts = text.split_once(':').filter(|(_, minutes)| minutes.len() == 2);
    let time = parts.and_then(|(hours, minutes)| Some((number(hours, 2)?, number(minutes, 2)?)));
    time.filter(|(_, minutes)| *minutes < 60)
        .map(|(hours, minutes)| hours * 60 + minutes)
        .filter(|time| *time <= DAY)
        .ok_or_else(|| {
            format!("`{}` is not a time of day; write it as 08:00, up to 24:00", short(text))
        })
}

/// Ranges beyond the end of the week continue at its beginning.
fn merged(ranges: Vec<Range<u32>>) -> Vec<Range<u32>> {
    let wrapped = ranges.into_iter().flat_map(|range| {
        let rest = 0..range.end.saturating_sub(WEEK);
        [range.start..range.end.min(WEEK), rest]
    });
    let mut ranges: Vec<Range<u32>> = wrapped.filter(|range| !range.is_empty()).collect();
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<u32>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The beginning of a faulty text.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
