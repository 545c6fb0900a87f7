//! Pure. Who can read a file, according to its Windows access list in text form (SDDL).
#![cfg_attr(
    not(any(windows, test)),
    expect(dead_code, reason = "only Windows has such lists; it is tested everywhere")
)]

/// Groups that include people unrelated to Footman: their SDDL abbreviation, security identifier
/// and name.
const WIDE: [(&str, &str, &str); 9] = [
    ("WD", "S-1-1-0", "everyone"),
    ("AU", "S-1-5-11", "all authenticated users"),
    ("BU", "S-1-5-32-545", "the group Users"),
    ("BG", "S-1-5-32-546", "the group Guests"),
    ("IU", "S-1-5-4", "all users who sign in here"),
    ("NU", "S-1-5-2", "all users on the network"),
    ("AN", "S-1-5-7", "anonymous users"),
    ("PU", "S-1-5-32-547", "the group Power Users"),
    ("AC", "S-1-15-2-1", "all app packages"),
];
/// Domain-wide groups of the same sort: abbreviation, end of the identifier, name.
const WIDE_IN_DOMAIN: [(&str, &str, &str); 3] = [
    ("DU", "-513", "the group Domain Users"),
    ("DG", "-514", "the group Domain Guests"),
    ("DC", "-515", "the group Domain Computers"),
];
/// Rights that include reading, as SDDL abbreviates them.
const READING: [&str; 5] = ["GA", "GR", "FA", "FR", "CC"];
/// `FILE_READ_DATA`, `GENERIC_READ`, `GENERIC_ALL`.
const READING_BITS: u32 = 0x1 | 0x8000_0000 | 0x1000_0000;

/// Access for the owner, the system and administrators only, without inheritance. `flags` apply
/// to each entry.
pub(crate) fn private(list: &str, flags: &str) -> String {
    let owner = list.split_once("O:").map_or("", |(_, rest)| rest);
    let end = owner.find(':').map_or(owner.len(), |colon| colon.saturating_sub(1));
    let entry = |who: &str| format!("(A;{flags};FA;;;{who})");
    let owner = if end == 0 { String::new() } else { entry(&owner[..end]) };
    format!("D:P{}{}{owner}", entry("SY"), entry("BA"))
}

/// The first broad group that can read the file.
pub(crate) fn other_readers(list: &str) -> Option<&'static str> {
    let Some((_, entries)) = list.split_once("D:") else { return Some("everyone") };
    if entries.contains("NO_ACCESS_CONTROL") {
        return Some("everyone");
    }
    entries.split('(').skip(1).find_map(|entry| reader(entry.split(')').next()?))
}

/// The broad group that an entry (`type;flags;rights;object;inherited object;who`) lets read.
fn reader(entry: &str) -> Option<&'static str> {
    let mut parts = entry.split(';');
    let (kind, flags, rights) = (parts.next()?, parts.next()?, parts.next()?);
    let who = parts.nth(2)?;
    // An inherit-only entry applies to new children, not to this file.
    let is_for_this = !pairs(flags).any(|flag| flag == "IO");
    (kind == "A" && is_for_this && includes_reading(rights)).then(|| wide(who)).flatten()
}

fn includes_reading(rights: &str) -> bool {
    match rights.strip_prefix("0x") {
        Some(bits) => u32::from_str_radix(bits, 16).is_ok_and(|bits| bits & READING_BITS != 0),
        None => pairs(rights).any(|right| READING.contains(&right)),
    }
}

fn wide(who: &str) -> Option<&'static str> {
    let known = WIDE.iter().find(|(short, id, _)| who == *short || who == *id);
    let of_domain = || {
        let is = |(short, end, _): &&(&str, &str, &str)| {
            who == *short || who.starts_with("S-1-5-21-") && who.ends_with(end)
        };
        WIDE_IN_DOMAIN.iter().find(is)
    };
    known.or_else(of_domain).map(|(_, _, name)| *name)
}

/// The two-letter words of a list without separators.
fn pairs(words: &str) -> impl Iterator<Item = &str> {
    words.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok())
}

#[cfg(test)]
mod tests;
