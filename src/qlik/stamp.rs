//! Pure. Reads the time stamps that Qlik Sense writes.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads `20211109T193744.331+0100`, `2021-11-09T18:37:44.331Z`, `2021-11-09 19:37:44,331` and
/// `2021-11-09 19:37:44`. The last two name no zone; they are taken to be in `zone`.
pub fn parse(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() < 15 || text.len() > 40 || !text.is_ascii() {
        return None;
    }
    basic(text).or_else(|| text.parse().ok()).or_else(|| local(text, zone))
}

fn basic(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y%m%dT%H%M%S%.f%z", text).ok()
}

fn local(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.replace(',', ".");
    let local = DateTime::strptime("%Y-%m-%d %H:%M:%S%.f", &text)
        .or_else(|_| DateTime::strptime("%Y-%m-%dT%H:%M:%S%.f", &text))
        .ok()?;
    zone.to_timestamp(local).ok()
}

#[cfg(test)]
mod tests;
