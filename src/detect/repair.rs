//! Pure. Reads a table of a pack despite mistakes: each is reported and replaced by a stand-in.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue, ValueDeserializer};

use crate::config::limits::PROBLEMS;
use crate::config::tables::{path_to, take_out};
use crate::config::{KeyForm, Problem, ProblemKind, nearest, worded};
use crate::detect::error_class::ErrorEntry;
use crate::detect::pack::{Adjustment, PackFile, PatternTable};
use crate::detect::translation::{self, LANGUAGES};

/// A kind of table in a pack.
pub(crate) trait Repair: DeserializeOwned {
    /// The keys of the table, with a description of their values.
    const KEYS: &'static [(&'static str, &'static str)];
    /// Stand-ins for required keys that are broken or missing.
    const STAND_INS: &'static str;

    /// Stores the broken keys, so that their stand-ins are not used.
    fn note_broken(&mut self, broken: BTreeSet<String>);
}

const TEXT: &str = "a text in quotes";
const TEXTS: &str = "a text or a list of texts";
const LIST: &str = "a list of texts: ['first', 'second']";
const LINKS: &str = "a list of links: [{ title = 'Runbook', url = 'https://…' }]";
const TABLE: &str = "a table of texts: { title = '…', meaning = '…', advice = '…' }";
const LIMIT: &str = "{ count = 5, within = '10m' }";

impl Repair for PatternTable {
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("id", TEXT),
        ("title", TEXT),
        ("meaning", TEXT),
        ("advice", TEXT),
        ("log", TEXTS),
        ("kind", TEXT),
        ("role", TEXT),
        ("severity", "`info`, `warning`, `error` or `critical`"),
        ("enabled", "`true` or `false`"),
        ("verified", "`seen`, `documented` or `assumed`"),
        ("source", TEXT),
        ("when", "a table of columns: { Message = 'regex' }"),
        ("key", LIST),
        ("threshold", LIMIT),
        ("max-age", "a time such as '1h'"),
        ("overdue", "a time such as '4h'"),
        ("final-after", "a time such as '2m'"),
        ("learned", "`true` or `false`"),
        ("closes", LIST),
        ("suppressed-by", LIST),
        ("same-as", TEXT),
        ("channel", TEXT),
        ("links", LINKS),
        ("de", TABLE),
        ("matches", "a list of samples: [{ Message = 'text' }]"),
        ("misses", "a list of samples: [{ Message = 'text' }]"),
    ];
    const STAND_INS: &'static str = "id = '(broken)'\ntitle = 'x'\nmeaning = 'x'\n\
        log = 'System_Scheduler'\nkind = 'service'\nseverity = 'error'\nwhen = { Message = 'x' }\n";

    fn note_broken(&mut self, broken: BTreeSet<String>) {
        self.broken = broken;
    }
}

impl Repair for Adjustment {
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("id", TEXT),
        ("severity", "`info`, `warning`, `error` or `critical`"),
        ("enabled", "`true` or `false`"),
        ("threshold", LIMIT),
        ("channel", TEXT),
        ("links", LINKS),
    ];
    const STAND_INS: &'static str = "id = '(broken)'\n";

    fn note_broken(&mut self, broken: BTreeSet<String>) {
        self.broken = broken;
    }
}

impl Repair for ErrorEntry {
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("class", TEXT),
        ("title", TEXT),
        ("advice", TEXT),
        ("codes", LIST),
        ("broad-codes", LIST),
        ("texts", LIST),
        ("links", LINKS),
        ("de", TABLE),
    ];
    const STAND_INS: &'static str = "class = '(broken)'\ntitle = 'x'\nadvice = 'x'\n";

    fn note_broken(&mut self, broken: BTreeSet<String>) {
        self.broken = broken;
    }
}

/// Keys of a threshold.
const LIMIT_KEYS: [&str; 3] = ["count", "within", "by"];

/// The table, if it could be read, and its problems.
pub(crate) fn read<T: Repair>(
    source: &PackFile,
    mut table: Spanned<DeValue<'_>>,
) -> (Option<T>, Vec<Problem>) {
    let mut problems = Vec::new();
    let (mut broken, mut taken) = (BTreeSet::new(), BTreeSet::new());
    if let DeValue::Table(keys) = table.get_mut() {
        drop_unknown::<T>(source, keys, &mut broken, &mut problems);
        drop_backspaces(source, keys, &mut problems, &mut broken);
    }
    for _ in 0..PROBLEMS {
        let error = match T::deserialize(ValueDeserializer::from(table.clone())) {
            Ok(mut one) => {
                one.note_broken(broken);
                return (Some(one), problems);
            }
            Err(error) => error,
        };
        let DeValue::Table(keys) = table.get_mut() else {
            let hint = "write the keys of the table below its header".to_owned();
            problems.push(source.problem(table.span(), "this is not a table", Some(hint)));
            break;
        };
        let missing = error.message().trim().strip_prefix("missing field `");
        let missing = missing.map(|name| name.trim_end_matches('`').to_owned());
        let span = error.span().unwrap_or_else(|| table_span(keys));
        let name = missing.unwrap_or_default();
        // A field of the table itself, or of a nested table.
        let is_own = T::KEYS.iter().any(|(key, _)| *key == name)
            && !keys.contains_key(name.as_str())
            && path_to(keys, &span).is_empty();
        if is_own {
            if broken.insert(name.clone()) {
                problems.push(worded_problem(source, &error, span, &name, None));
            }
            if !stand_in::<T>(keys, &name) {
                break;
            }
            continue;
        }
        let path = path_to(keys, &span);
        let key = path.first().cloned().unwrap_or_default();
        let form = T::KEYS.iter().find(|(known, _)| *known == key && path.len() == 1);
        let form = form.map(|(_, form)| KeyForm::Other(form));
        // A field that is missing because it was removed was reported already.
        if !taken.contains(&name) {
            problems.push(worded_problem(source, &error, span.clone(), &path.join("."), form));
        }
        taken.extend(path.last().cloned());
        broken.insert(key.clone());
        if !take_out(keys, &span) && keys.remove(key.as_str()).is_none() {
            break;
        }
    }
    (None, problems)
}

fn worded_problem(
    source: &PackFile,
    error: &toml::de::Error,
    span: std::ops::Range<usize>,
    key: &str,
    form: Option<KeyForm>,
) -> Problem {
    let found = source.text.get(span.clone()).unwrap_or_default();
    let (message, hint) = worded::value(key, error, found, form);
    let is_missing = error.message().trim().starts_with("missing field `");
    let kind = if is_missing { ProblemKind::Missing } else { ProblemKind::Invalid };
    source.mistake(worded::Mistake { span, message, hint }).of_kind(kind)
}

fn table_span(keys: &DeTable<'_>) -> std::ops::Range<usize> {
    keys.iter().next().map_or(0..0, |(key, _)| key.span())
}

/// Inserts the stand-in for a required key.
fn stand_in<T: Repair>(keys: &mut DeTable<'_>, name: &str) -> bool {
    let Ok(all) = DeTable::parse(T::STAND_INS) else { return false };
    let found = all.into_inner().into_iter().find(|(key, _)| key.get_ref() == name);
    let Some((key, value)) = found else { return false };
    // Outside the file, so that it is not confused with any other value.
    let nowhere = usize::MAX..usize::MAX;
    keys.insert(
        Spanned::new(nowhere.clone(), key.into_inner()),
        Spanned::new(nowhere, value.into_inner()),
    );
    true
}

fn drop_unknown<T: Repair>(
    source: &PackFile,
    keys: &mut DeTable<'_>,
    broken: &mut BTreeSet<String>,
    problems: &mut Vec<Problem>,
) {
    let known: Vec<&str> = T::KEYS.iter().map(|(key, _)| *key).collect();
    drop_unknown_in(source, keys, &known, "", broken, problems);
    if known.contains(&"threshold")
        && let Some(limit) = keys.get_mut("threshold")
        && let DeValue::Table(limit) = limit.get_mut()
    {
        drop_unknown_in(source, limit, &LIMIT_KEYS, " in `threshold`", broken, problems);
    }
    for language in LANGUAGES.into_iter().filter(|language| known.contains(language)) {
        if let Some(texts) = keys.get_mut(language)
            && let DeValue::Table(texts) = texts.get_mut()
        {
            let place = format!(" in `{language}`");
            drop_unknown_in(source, texts, &translation::KEYS, &place, broken, problems);
        }
    }
}

fn drop_unknown_in(
    source: &PackFile,
    keys: &mut DeTable<'_>,
    known: &[&str],
    place: &str,
    broken: &mut BTreeSet<String>,
    problems: &mut Vec<Problem>,
) {
    let is_known = |key: &Spanned<DeString<'_>>| known.contains(&key.get_ref().as_ref());
    let foreign: Vec<(String, std::ops::Range<usize>)> = keys
        .keys()
        .filter(|key| !is_known(key))
        .map(|key| (key.get_ref().to_string(), key.span()))
        .collect();
    for (key, span) in foreign.into_iter().take(PROBLEMS) {
        let near = nearest(&key, known.iter().copied());
        let hint = near.map_or_else(
            || format!("known here: {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let problem = source.problem(span, format!("unknown key `{key}`{place}"), Some(hint));
        problems.push(problem.of_kind(ProblemKind::UnknownKey));
        keys.remove(key.as_str());
        broken.extend(near.map(str::to_owned));
        broken.insert(key);
    }
}

/// In double quotes `\b` is a backspace, which no log contains: a word boundary was meant.
fn drop_backspaces(
    source: &PackFile,
    keys: &mut DeTable<'_>,
    problems: &mut Vec<Problem>,
    broken: &mut BTreeSet<String>,
) {
    let Some(when) = keys.get("when") else { return };
    let DeValue::Table(columns) = when.get_ref() else { return };
    let mut found = Vec::new();
    for value in columns.values() {
        let DeValue::String(text) = value.get_ref() else { continue };
        let raw = source.text.get(value.span()).unwrap_or_default();
        if let Some((message, hint)) = worded::control(raw, text).filter(|_| text.contains('\u{8}'))
        {
            found.push(worded::Mistake { span: value.span(), message, hint });
        }
    }
    for mistake in found {
        take_out(keys, &mistake.span);
        problems.push(source.mistake(mistake));
        broken.insert("when".to_owned());
    }
}

#[cfg(test)]
mod tests;
