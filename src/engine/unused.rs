//! Pure. Captures and templates that nothing uses, and captures that a template uses but no pattern
//! provides.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use regex::Regex;

use crate::config::{FileOrigin, nearest};
use crate::detect::names::group_names;
use crate::detect::pattern::Pattern;
use crate::detect::{Detector, builtin_packs};
use crate::render::{TemplateSource, known_names};

/// Captures that facts, routes and cards use by name.
const KNOWN: [&str; 8] =
    ["task_name", "task_id", "app_name", "app_id", "execution_id", "user", "host", "stream"];

/// The prefix of the names of shared parts of templates.
const PARTS: &str = "parts/";

static ASKED: LazyLock<Regex> = LazyLock::new(|| {
    let text = r#"captures\s*(?:\.\s*(\w+)|\[\s*(?:\\?["'])(\w+)(?:\\?["'])\s*\])?"#;
    Regex::new(text).expect("the regex is a literal")
});

/// One sentence for each, about a user's own files only.
pub(crate) fn notes(detector: &Detector, templates: &[TemplateSource]) -> Vec<String> {
    let asked: Vec<(&TemplateSource, Vec<Option<String>>)> =
        templates.iter().map(|template| (template, asked(&template.text))).collect();
    // A template that takes them as they come shows all of them.
    let takes_all = asked.iter().any(|(_, names)| names.contains(&None));
    let shown: BTreeSet<&str> =
        asked.iter().flat_map(|(_, names)| names.iter().flatten().map(String::as_str)).collect();
    let all = || detector.patterns().iter().chain(detector.switched_off());
    let of_broken = detector.broken().iter().flat_map(|pattern| pattern.captures.clone());
    let given: BTreeSet<String> = all().flat_map(captures).chain(of_broken).collect();
    let mut notes = Vec::new();
    let has_own = |file: &FileOrigin| !file.is_built_in() && !takes_all;
    // A copy of what is built in is not to blame for it.
    let copied = if all().any(|pattern| has_own(&pattern.file)) || !detector.broken().is_empty() {
        built_in_captures()
    } else {
        BTreeSet::new()
    };
    let is_copied = |id: &str, name: &str| copied.contains(&(id.to_owned(), name.to_owned()));
    for pattern in all().filter(|pattern| has_own(&pattern.file)) {
        let is_new = |name: &String| {
            !is_used(pattern, name, &shown) && !is_copied(pattern.id.as_str(), name)
        };
        let unused = captures(pattern).into_iter().filter(is_new);
        notes.extend(
            unused.map(|name| {
                unused_capture(&pattern.file, pattern.line, pattern.id.as_str(), &name)
            }),
        );
    }
    for pattern in detector.broken().iter().filter(|_| !takes_all) {
        let is_used = |name: &&String| {
            pattern.used.contains(*name)
                || KNOWN.contains(&name.as_str())
                || shown.contains(name.as_str())
        };
        let is_new = |name: &&String| !is_used(name) && !is_copied(&pattern.id, name);
        let unused = pattern.captures.iter().filter(is_new);
        notes.extend(
            unused.map(|name| unused_capture(&pattern.file, pattern.line, &pattern.id, name)),
        );
    }
    for (template, names) in asked.iter().filter(|(it, _)| !it.file.is_built_in()) {
        let missing = names.iter().flatten().filter(|name| !given.contains(*name));
        notes.extend(missing.map(|name| {
            let file = &template.file;
            format!("{file}: no pattern captures `{name}`, so that captures.{name} is never there")
        }));
    }
    notes.extend(templates.iter().filter_map(of_no_kind));
    notes
}

fn unused_capture(file: &FileOrigin, line: usize, id: &str, name: &str) -> String {
    format!(
        "{file}:{line}: nothing uses the capture `{name}` of `{id}`; name it in `key` or `by`, or \
         show it in a template as captures.{name}"
    )
}

/// A template that no card uses, because of its name.
fn of_no_kind(template: &TemplateSource) -> Option<String> {
    let name = template.name.strip_suffix("-cloud").unwrap_or(&template.name);
    let known = known_names();
    if known.contains(name) || name.starts_with(PARTS) {
        return None;
    }
    let near = nearest(name, known.iter().copied());
    let or = near.map_or_else(
        || "docs/templates.md lists the names".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Some(format!("{}: no card is made from a template of this name; {or}", template.file))
}

/// The captures that a template names; `None` stands for all of them.
fn asked(text: &str) -> Vec<Option<String>> {
    let found = ASKED.captures_iter(text);
    let names: BTreeSet<Option<String>> = found
        .map(|found| found.get(1).or_else(|| found.get(2)).map(|name| name.as_str().to_owned()))
        .collect();
    names.into_iter().collect()
}

/// The captures of each built-in pattern, by its id.
fn built_in_captures() -> BTreeSet<(String, String)> {
    let (detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    let all = detector.patterns().iter().chain(detector.switched_off());
    let named = |pattern: &Pattern| {
        let id = pattern.id.to_string();
        captures(pattern).into_iter().map(move |name| (id.clone(), name))
    };
    all.flat_map(named).collect()
}

fn captures(pattern: &Pattern) -> Vec<String> {
    pattern.conditions.iter().flat_map(|one| group_names(one.regex.as_str())).collect()
}

fn is_used(pattern: &Pattern, name: &str, shown: &BTreeSet<&str>) -> bool {
    let in_terms = pattern.key.iter().chain(&pattern.by).any(|word| word == name);
    let in_when = pattern.conditions.iter().any(|one| one.column == name);
    in_terms || in_when || KNOWN.contains(&name) || shown.contains(name)
}

#[cfg(test)]
mod tests;
