//! Pure. From the text of `footman.toml` to values, with every problem and not only the first.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue, Error};

use crate::config::keys::{accepts, inside, named};
use crate::config::load::limits::PROBLEMS;
use crate::config::{Config, Problem, Written, nearest};

pub(in crate::config) fn parse(written: &Written) -> (Config, Vec<Problem>) {
    let (mut table, errors) = DeTable::parse_recoverable(&written.text);
    if !errors.is_empty() {
        // Values guessed from broken text would only cause misleading problems.
        let reported = errors.iter().take(PROBLEMS).map(|error| unreadable(written, error));
        return (Config::default(), reported.collect());
    }
    let mut problems = Vec::new();
    drop_unknown(table.get_mut(), &mut Vec::new(), written, &mut problems);
    let config = read(table, written, &mut problems);
    (config, problems)
}

/// Reads the values; what cannot be read is reported and removed, and the rest is read again.
fn read(mut table: Spanned<DeTable<'_>>, written: &Written, problems: &mut Vec<Problem>) -> Config {
    for _ in 0..PROBLEMS {
        let error = match Config::deserialize(toml::Deserializer::from(table.clone())) {
            Ok(config) => return config,
            Err(error) => error,
        };
        problems.push(unreadable(written, &error));
        if !error.span().is_some_and(|span| take_out(table.get_mut(), &span)) {
            break;
        }
    }
    Config::default()
}

fn unreadable(written: &Written, error: &Error) -> Problem {
    let message = error.message().replace('\n', ", ");
    written.problem(error.span().unwrap_or(0..0), &message, None)
}

fn take_out(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let before = table.len();
    *table = std::mem::take(table).into_iter().filter(|(_, value)| value.span() != *span).collect();
    table.len() < before || table.iter_mut().any(|(_, value)| take_out_of(value.get_mut(), span))
}

fn take_out_of(value: &mut DeValue<'_>, span: &Range<usize>) -> bool {
    match value {
        DeValue::Table(table) => take_out(table, span),
        DeValue::Array(list) => {
            let before = list.len();
            // `DeArray` is `Default` for `'static` only, so it cannot be taken out of its place.
            *list = list.clone().into_iter().filter(|inner| inner.span() != *span).collect();
            list.len() < before || list.iter_mut().any(|inner| take_out_of(inner.get_mut(), span))
        }
        _ => false,
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
    // A table where a plain value belongs is a matter of type, which reading reports.
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
    written.problem(key.span(), &message, Some(suggestion(name, path, known)))
}

fn suggestion(name: &str, path: &[String], known: &[&str]) -> String {
    if path.first().is_some_and(|first| first == "channel") && is_webhook(name) {
        return "the URL is a secret and does not stand in this file: name the variable that holds it with `webhook-env`, or the file with `webhook-file`".to_owned();
    }
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    if let Some((section, _)) = named(name).next().and_then(|path| path.rsplit_once('.')) {
        return format!("`{name}` belongs in `{section}`");
    }
    format!("known here: {}", known.join(", "))
}

fn is_webhook(name: &str) -> bool {
    ["webhook", "webhook-url", "webhook_url", "url"].contains(&name)
}
