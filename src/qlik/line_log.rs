//! Pure. Logs of the services that the Service Dispatcher runs: one record per line, JSON or plain
//! text.
//!
//! No two of them agree on names. Their values get the names of the tab-separated logs; nothing
//! here fails, and text that is not understood becomes the message.
//!
//! Apart from levels, each text returned here occurs unchanged in its line, except for characters
//! that JSON may escape: the scan relies on this.

mod members;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::value::RawValue;

use crate::qlik::line_log::members::Members;

/// Names in JSON for each name of the tab-separated logs; the first existing one counts.
const NAMES: [(&str, &[&str]); 6] = [
    ("Timestamp", &["timestamp", "time", "@timestamp", "ts", "date"]),
    ("Level", &["level", "severity", "logseverity", "loglevel", "levelname"]),
    ("Message", &["message", "msg", "text", "description"]),
    ("Exception", &["exception", "err", "error", "stack"]),
    ("Logger", &["logger", "component", "module", "service", "name"]),
    ("Hostname", &["hostname", "host", "server"]),
];
/// The keys of an error's text, within an object that describes the error.
const OF_ERROR: [&str; 4] = ["code", "name", "message", "stack"];

static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xs)^\s*
        (?:\[?([0-9]{4}-?[0-9]{2}-?[0-9]{2}[T\x20][0-9]{2}:?[0-9]{2}:?[0-9]{2}(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)\]?)?
        [\s|:-]*
        (?:\[[^\]]{1,60}\]\s*)?
        (?:\[?((?i:TRACE|DEBUG|VERBOSE|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL))\]?(?:\s*[|:]|\s+-|\s))?
        \s*(.*)$",
    )
    .expect("the pattern is fixed")
});

/// One line, by the names of its parts.
#[derive(Clone, Debug)]
pub struct LineRecord<'a> {
    text: &'a str,
    parts: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> LineRecord<'a> {
    /// Reads a line; its line end does not matter.
    pub fn new(line: &'a str) -> Self {
        let text = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
        let parts = match serde_json::from_str::<Members<'_>>(text) {
            Ok(members) => of_json(&members),
            Err(_) => of_text(text),
        };
        Self { text, parts }
    }

    /// The part under this name, ignoring case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.parts.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, text)| text.as_ref())
    }

    /// The line as written.
    pub fn text(&self) -> &'a str {
        self.text
    }
}

fn of_json<'a>(members: &Members<'_>) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
    let mut parts = Vec::new();
    for (ours, theirs) in NAMES {
        let find = |name: &&str| members.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        let texts = theirs.iter().filter_map(find).map(|(_, value)| shown(value));
        if let Some(text) = texts.into_iter().find(|text| !text.is_empty()) {
            let text = match ours {
                "Level" => level(text),
                "Timestamp" => since_epoch(&text).unwrap_or(text),
                _ => text,
            };
            parts.push((Cow::Borrowed(ours), Cow::Owned(text)));
        }
    }
    for (key, value) in &members.0 {
        parts.push((Cow::Owned(key.clone()), Cow::Owned(shown(value))));
        for (inner, value) in Members::of(value).into_iter().flat_map(|inner| inner.0) {
            parts.push((Cow::Owned(inner), Cow::Owned(shown(value))));
        }
    }
    parts
}

/// A value as text; for an error, its description.
fn shown(value: &RawValue) -> String {
    match value.get() {
        "null" => String::new(),
        text if text.starts_with('"') => members::decoded(text),
        text if text.starts_with('{') => {
            let error = Members::of(value).map(|members| members.texts(OF_ERROR).join(": "));
            error.filter(|error| !error.is_empty()).unwrap_or_else(|| members::readable(text))
        }
        text => members::readable(text),
    }
}

/// Some loggers number their levels: 30 is INFO, 60 FATAL.
fn level(text: String) -> String {
    let name = match text.as_str() {
        "10" | "20" => "DEBUG",
        "30" => "INFO",
        "40" => "WARN",
        "50" => "ERROR",
        "60" => "FATAL",
        _ if text.eq_ignore_ascii_case("critical") => "FATAL",
        _ => return text,
    };
    name.to_owned()
}

/// A time in milliseconds since 1970, as loggers of Node.js write it.
fn since_epoch(text: &str) -> Option<String> {
    let millis = text.parse::<i64>().ok().filter(|_| text.len() == 13)?;
    Some(jiff::Timestamp::from_millisecond(millis).ok()?.to_string())
}

fn of_text(text: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let Some(parts) = PLAIN.captures(text) else {
        return vec![(Cow::Borrowed("Message"), Cow::Borrowed(text))];
    };
    let part = |group: usize| parts.get(group).map(|found| found.as_str());
    let named = [("Timestamp", part(1)), ("Message", part(3))];
    let named = named.into_iter().filter_map(|(name, text)| Some((name, text?)));
    let mut named: Vec<_> =
        named.map(|(name, text)| (Cow::Borrowed(name), Cow::Borrowed(text))).collect();
    named.extend(part(2).map(|text| (Cow::Borrowed("Level"), Cow::Owned(level(text.to_owned())))));
    named
}

#[cfg(test)]
mod tests;
