//! Pure. Parses the text of `footman.toml` and reports every problem, not only the first.

use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue, Error};

use crate::config::keys::{KEYS, accepts, inside, named, unnested};
use crate::config::limits::PROBLEMS;
use crate::config::tables::{path_to, take_out};
use crate::config::{Config, Problem, ProblemKind, Written, nearest, worded};

pub(crate) fn parse(written: &Written) -> (Config, Vec<Problem>) {
    let (mut table, errors) = DeTable::parse_recoverable(&written.text);
    if !errors.is_empty() {
        // Values recovered from invalid TOML would only cause misleading problems.
        let mistakes = worded::syntax(&written.text, &errors).into_iter().take(PROBLEMS);
        let problem = |mistake| written.mistake(mistake).of_kind(ProblemKind::Syntax);
        let begin = errors.iter().filter_map(|error| Some(error.span()?.start)).min().unwrap_or(0);
        return (before_error(table.get_ref(), begin), mistakes.map(problem).collect());
    }
    let mut problems = Vec::new();
    drop_escaped(table.get_mut(), written, &mut problems);
    drop_unusable(table.get_mut(), written, &mut problems);
    drop_lists(table.get_mut(), &mut Vec::new(), written, &mut problems);
    drop_unknown(table.get_mut(), &mut Vec::new(), written, &mut problems);
    let config = read(table, written, &mut problems);
    (config, problems)
}

/// What commands that read the state need, as far as it is written before the first error.
fn before_error(table: &DeTable<'_>, error: usize) -> Config {
    let text = |key: &str| {
        let (_, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
        match value.get_ref() {
            DeValue::String(text) if value.span().end <= error => Some(text.to_string()),
            _ => None,
        }
    };
    let state_dir = text("state-dir").map(PathBuf::from);
    Config { state_dir, timezone: text("timezone"), ..Config::default() }
}

/// Reads the values; each unreadable one is reported and removed, and the rest is read again.
fn read(mut table: Spanned<DeTable<'_>>, written: &Written, problems: &mut Vec<Problem>) -> Config {
    for _ in 0..PROBLEMS {
        let error = match Config::deserialize(toml::Deserializer::from(table.clone())) {
            Ok(config) => return config,
            Err(error) => error,
        };
        problems.push(unreadable(written, table.get_ref(), &error));
        if !error.span().is_some_and(|span| take_out(table.get_mut(), &span)) {
            break;
        }
    }
    Config::default()
}

/// A value of the wrong form, described in the words of the key's documentation.
fn unreadable(written: &Written, table: &DeTable<'_>, error: &Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    let path = path_to(table, &span);
    let found = written.text.get(span.clone()).unwrap_or_default();
    let is_table = found.starts_with(['[', '{']) && !found.starts_with("[[");
    let (message, hint) = section(&path, is_table).unwrap_or_else(|| {
        let form = KEYS.iter().find(|key| is_at(key.path, unnested(&path))).map(|key| key.form);
        worded::value(&path.join("."), error, found, form)
    });
    written.problem(span, &message, Some(hint))
}

/// The problem and hint for a value in place of a section. `is_table`: the value is a section, too.
fn section(path: &[String], is_table: bool) -> Option<(String, String)> {
    let name = path.last()?;
    if let [first, second] = path
        && first == "channel"
        && KEYS.iter().any(|key| key.path == format!("channel.NAME.{second}"))
    {
        let hint = format!("write [channel.default] above it, and {second} = … below");
        return Some((format!("`{name}` needs the name of its channel"), hint));
    }
    if inside(path).is_empty() {
        return None;
    }
    let whole = path.join(".");
    if is_list(path) {
        let what = if is_table { "a list of sections" } else { "a section, not a value" };
        let hint = format!("write [[{whole}]], with two brackets, and its keys below");
        return Some((format!("`{whole}` is {what}"), hint));
    }
    let hint = if let Some(name) = named_below(path) {
        format!("write [{whole}.{name}] and its keys below it")
    } else {
        format!("write [{whole}] and its keys below it")
    };
    Some((format!("`{whole}` is a section, not a value"), hint))
}

/// Whether the sections of this path are written with two brackets: there may be several.
fn is_list(path: &[String]) -> bool {
    match path {
        [only] if ["maintenance", "escalation"].contains(&only.as_str()) => true,
        path => !path.is_empty() && path.iter().all(|step| step == "route"),
    }
}

/// An example of the name in a section such as `[channel.…]`.
fn named_below(path: &[String]) -> Option<&'static str> {
    let has_names = inside(path).contains(&"NAME");
    has_names.then(|| if path == ["channel"] { "default" } else { "NAME" })
}

/// Reports and drops sections in double brackets that may exist only once. They would be read as
/// the values of a section in the order of its keys.
fn drop_lists(
    table: &mut DeTable<'_>,
    path: &mut Vec<String>,
    written: &Written,
    problems: &mut Vec<Problem>,
) {
    let holds_tables = |list: &DeArray<'_>| {
        list.iter().any(|element| matches!(element.get_ref(), DeValue::Table(_)))
    };
    let mut wrong = HashSet::new();
    for (key, value) in table.iter_mut() {
        path.push(key.get_ref().to_string());
        let span = value.span();
        match value.get_mut() {
            DeValue::Array(list)
                if !inside(path).is_empty() && !is_list(path) && holds_tables(list) =>
            {
                wrong.insert(span.start);
                if problems.len() < PROBLEMS {
                    problems.push(one_section(written, span, path));
                }
            }
            DeValue::Array(list) => {
                for element in list.iter_mut() {
                    if let DeValue::Table(table) = element.get_mut() {
                        drop_lists(table, path, written, problems);
                    }
                }
            }
            DeValue::Table(table) => drop_lists(table, path, written, problems),
            _ => {}
        }
        path.pop();
    }
    *table = std::mem::take(table)
        .into_iter()
        .filter(|(_, value)| !wrong.contains(&value.span().start))
        .collect();
}

fn one_section(written: &Written, span: Range<usize>, path: &[String]) -> Problem {
    let whole = path.join(".");
    let message = format!("`{whole}` is one section, not a list of them");
    let name = named_below(path).map_or_else(String::new, |name| format!(".{name}"));
    let hint = format!("write [{whole}{name}], with one bracket, and its keys below it");
    written.problem(span, &message, Some(hint))
}

/// Whether a documented key has this path.
fn is_at(known: &str, path: &[String]) -> bool {
    let mut steps = known.split('.');
    path.iter().all(|step| steps.next().is_some_and(|known| accepts(known, step)))
        && steps.next().is_none()
}

/// Reports and drops texts whose backslash became a tab or the like: no key accepts one.
fn drop_escaped(table: &mut DeTable<'_>, written: &Written, problems: &mut Vec<Problem>) {
    let mut found = Vec::new();
    for value in table.values() {
        escaped(value, written, &mut found);
    }
    found.truncate(PROBLEMS);
    for mistake in found {
        take_out(table, &mistake.span);
        problems.push(written.mistake(mistake));
    }
}

fn escaped(value: &Spanned<DeValue<'_>>, written: &Written, found: &mut Vec<worded::Mistake>) {
    match value.get_ref() {
        DeValue::String(text) => {
            let span = value.span();
            let raw = written.text.get(span.clone()).unwrap_or_default();
            if let Some((message, hint)) = worded::control(raw, text) {
                found.push(worded::Mistake { span, message, hint });
            }
        }
        DeValue::Table(table) => table.values().for_each(|value| escaped(value, written, found)),
        DeValue::Array(list) => list.iter().for_each(|value| escaped(value, written, found)),
        _ => {}
    }
}

/// Reports and drops paths and names that are empty, and paths with a variable in them.
fn drop_unusable(table: &mut DeTable<'_>, written: &Written, problems: &mut Vec<Problem>) {
    let mut found = Vec::new();
    unusable_in(table, &mut Vec::new(), &mut found);
    found.truncate(PROBLEMS);
    for mistake in found {
        take_out(table, &mistake.span);
        problems.push(written.mistake(mistake));
    }
}

fn unusable_in(table: &DeTable<'_>, path: &mut Vec<String>, found: &mut Vec<worded::Mistake>) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        unusable(value, path, found);
        path.pop();
    }
}

fn unusable(
    value: &Spanned<DeValue<'_>>,
    path: &mut Vec<String>,
    found: &mut Vec<worded::Mistake>,
) {
    match value.get_ref() {
        DeValue::String(text) => {
            let form = KEYS.iter().find(|key| is_at(key.path, unnested(path))).map(|key| key.form);
            let mistake = form.and_then(|form| worded::unusable(&path.join("."), text, form));
            found.extend(mistake.map(|(message, hint)| worded::Mistake {
                span: value.span(),
                message,
                hint,
            }));
        }
        DeValue::Table(table) => unusable_in(table, path, found),
        DeValue::Array(list) => list.iter().for_each(|value| unusable(value, path, found)),
        _ => {}
    }
}

/// Reports and drops every unknown key, at any depth.
fn drop_unknown(
    table: &mut DeTable<'_>,
    path: &mut Vec<String>,
    written: &Written,
    problems: &mut Vec<Problem>,
) {
    let known = inside(path);
    let is_known = |key: &str| known.iter().any(|known| accepts(known, key));
    let (mine, foreign): (DeTable<'_>, DeTable<'_>) =
        std::mem::take(table).into_iter().partition(|(key, _)| is_known(key.get_ref()));
    let room = PROBLEMS.saturating_sub(problems.len());
    problems.extend(foreign.keys().take(room).map(|key| unknown(written, key, path, &known)));
    *table = mine;
    for (key, value) in table.iter_mut() {
        path.push(key.get_ref().to_string());
        drop_unknown_in(value.get_mut(), path, written, problems);
        path.pop();
    }
}

fn drop_unknown_in(
    value: &mut DeValue<'_>,
    path: &mut Vec<String>,
    written: &Written,
    problems: &mut Vec<Problem>,
) {
    // A table in place of a plain value is a type error, which is reported when it is read.
    if inside(path).is_empty() {
        return;
    }
    match value {
        DeValue::Table(table) => drop_unknown(table, path, written, problems),
        DeValue::Array(list) => {
            for element in list.iter_mut() {
                drop_unknown_in(element.get_mut(), path, written, problems);
            }
        }
        _ => {}
    }
}

fn unknown(
    written: &Written,
    key: &Spanned<DeString<'_>>,
    path: &[String],
    known: &[&str],
) -> Problem {
    let name = key.get_ref();
    let whereabouts =
        if path.is_empty() { String::new() } else { format!(" in `{}`", path.join(".")) };
    let message = format!("unknown key `{name}`{whereabouts}");
    let problem = written.problem(key.span(), &message, Some(suggestion(name, path, known)));
    problem.of_kind(ProblemKind::UnknownKey)
}

fn suggestion(name: &str, path: &[String], known: &[&str]) -> String {
    let is_in_channel = path.first().is_some_and(|first| first == "channel");
    if is_webhook(name) && (is_in_channel || name != "url") {
        return "the URL is a secret and does not belong in this file: name the variable that holds it with `webhook-env`, the file with `webhook-file`, or what `footman secret set NAME` stored with `webhook-secret`".to_owned();
    }
    if path == ["heartbeat"] && name == "url" {
        return "the address is a secret and does not belong in this file: name the variable that holds it with `url-env`, or the file with `url-file`".to_owned();
    }
    if path.first().is_some_and(|first| first == "cloud") {
        let named =
            [("api-key", "api-key"), ("key", "api-key"), ("client-secret", "client-secret")];
        let named = named.iter().find(|(written, _)| name.replace('_', "-") == *written);
        if let Some((_, known)) = named {
            return format!(
                "it is a secret and does not belong in this file: name the variable that holds it with `{known}-env`, the file with `{known}-file`, or what `footman secret set NAME` stored with `{known}-secret`"
            );
        }
    }
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    belongs(name).unwrap_or_else(|| format!("known here: {}", known.join(", ")))
}

/// The right place of a key that is known elsewhere.
fn belongs(name: &str) -> Option<String> {
    let sections = named(name).map(|path| path.rsplit_once('.').map(|(section, _)| section));
    let sections: Vec<Option<&str>> = sections.collect();
    if sections.contains(&None) {
        return Some(format!("`{name}` belongs to no section: move it above the first [section]"));
    }
    let sections: Vec<String> =
        sections.into_iter().flatten().map(|section| format!("`{section}`")).collect();
    if !sections.is_empty() {
        return Some(format!("`{name}` belongs in {}", sections.join(" or ")));
    }
    let is_section = KEYS.iter().any(|key| key.path.split('.').next() == Some(name));
    is_section.then(|| {
        format!("`{name}` is a section: write [{name}], or move the line above the first [section]")
    })
}

fn is_webhook(name: &str) -> bool {
    ["webhook", "webhook-url", "webhook_url", "url"].contains(&name)
}
