//! Pure. Reads, checks and fills one template file.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use minijinja::{Environment, Value as Var};
use serde_json::Value;

use crate::config::limits::PROBLEMS;
use crate::config::{FileOrigin, Problem, ProblemKind, worded};
use crate::detection::Kind;
use crate::incident::Reason;
use crate::render::context::Context;
use crate::render::expand::{TemplateFault, expand, var};
use crate::render::parts::{self, PartPlace, Parts};
use crate::render::{check, sample, shape, spans};

/// A card template as a file holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateSource {
    /// Its kind, such as `reload-failed`, or `trouble` for kinds without their own template; a
    /// shared part is `parts/` and its name.
    pub name: String,
    pub file: FileOrigin,
    pub text: String,
}

/// The templates that Footman ships.
pub fn builtin_templates() -> Vec<TemplateSource> {
    [
        ("reload-failed", include_str!("../../templates/reload-failed.json")),
        ("reload-failed-cloud", include_str!("../../templates/reload-failed-cloud.json")),
        ("reload-aborted", include_str!("../../templates/reload-aborted.json")),
        ("reload-recovered", include_str!("../../templates/reload-recovered.json")),
        ("task-not-started", include_str!("../../templates/task-not-started.json")),
        ("service-stopped", include_str!("../../templates/service-stopped.json")),
        ("service-started", include_str!("../../templates/service-started.json")),
        ("heartbeat", include_str!("../../templates/heartbeat.json")),
        ("trouble", include_str!("../../templates/trouble.json")),
        ("test", include_str!("../../templates/test.json")),
    ]
    .map(|(name, text)| TemplateSource {
        name: name.to_owned(),
        file: FileOrigin::BuiltIn(format!("templates/{name}.json")),
        text: text.to_owned(),
    })
    .into()
}

/// The names of a kind's template; the first that exists is used.
pub(crate) fn names(kind: Kind, reason: Reason) -> &'static [&'static str] {
    match kind {
        Kind::ServiceStopped | Kind::ServiceStarted if reason == Reason::Recovered => {
            &["service-started", "reload-recovered"]
        }
        _ if reason == Reason::Recovered => &["reload-recovered"],
        Kind::ReloadFailed => &["reload-failed"],
        Kind::ReloadFailedOutsideTask => &["reload-failed-outside-task", "reload-failed"],
        Kind::TaskFailed => &["task-failed", "reload-failed"],
        Kind::ReloadAborted => &["reload-aborted"],
        Kind::TaskNotStarted => &["task-not-started"],
        Kind::ReloadRecovered => &["reload-recovered"],
        Kind::CloudTaskDisabled => &["cloud-task-disabled", "reload-failed"],
        Kind::Performance => &["performance", "trouble"],
        Kind::Security => &["security", "trouble"],
        Kind::Service => &["service", "trouble"],
        Kind::ServiceStopped => &["service-stopped", "trouble"],
        Kind::ServiceStarted => &["service-started", "trouble"],
        Kind::Agent => &["agent", "trouble"],
        Kind::Heartbeat => &["heartbeat"],
        Kind::Digest => &["digest", "trouble"],
        Kind::Test => &["test"],
    }
}

/// The name of each template that a card may use; a name that ends with `-cloud` is for reports of
/// Qlik Cloud.
pub(crate) fn known_names() -> BTreeSet<&'static str> {
    let reasons = [Reason::Opened, Reason::Recovered];
    let each = Kind::ALL.into_iter().flat_map(|kind| reasons.map(|reason| names(kind, reason)));
    each.flatten().copied().collect()
}

/// A checked template. Kept as text and parsed for each card: cards are rare, and parsed templates
/// take many times the memory.
#[derive(Debug)]
pub(crate) struct Template {
    file: String,
    text: Arc<str>,
    /// The same with its parts, if it has any.
    joined: Option<Arc<str>>,
    places: Vec<PartPlace>,
}

impl Template {
    /// A template that rendered both sample notices, or all its problems.
    pub(crate) fn compile(
        env: &Environment<'_>,
        source: &TemplateSource,
        parts: &Parts,
        samples: &Samples,
    ) -> Result<Self, Vec<Problem>> {
        let text = source.text.trim_start_matches('\u{FEFF}').into();
        let file = source.file.to_string();
        let mut template = Self { file, text, joined: None, places: Vec::new() };
        let mut json = template.json().map_err(|problem| vec![problem])?;
        let mut faults = Vec::from_iter(shape::too_large(&json));
        if faults.is_empty() {
            let (places, fault) = parts.join(&mut json);
            template.joined = (!places.is_empty()).then(|| json.to_string().into());
            template.places = places;
            faults.extend(fault);
        }
        if faults.is_empty() {
            faults.extend(check::check(env, &json, &samples.variables));
            faults.extend(shape::faults(&json));
            faults.truncate(PROBLEMS);
        }
        if faults.is_empty() {
            faults.extend(samples.fault(env, &json));
        }
        let problems: Vec<Problem> = faults.iter().map(|fault| template.problem(fault)).collect();
        if problems.is_empty() { Ok(template) } else { Err(problems) }
    }

    /// The filled card.
    pub(crate) fn expand(&self, env: &Environment<'_>, vars: &Var) -> Result<Value, Problem> {
        expand(env, &self.json()?, vars).map_err(|fault| self.problem(&fault))
    }

    fn json(&self) -> Result<Value, Problem> {
        serde_json::from_str(self.joined.as_ref().unwrap_or(&self.text))
            .map_err(|error| not_json(&self.file, &self.text, &error))
    }

    fn problem(&self, fault: &TemplateFault) -> Problem {
        let own = || (self.file.clone(), Arc::clone(&self.text), self.span(&fault.pointer));
        let (file, text, span) = parts::locate(&self.places, &fault.pointer).unwrap_or_else(own);
        let pointer = if fault.pointer.is_empty() { "the card" } else { &fault.pointer };
        Problem {
            file,
            text,
            span,
            kind: fault.kind,
            message: format!("{} (at {pointer})", fault.message),
            hint: fault.hint.clone().or_else(|| Some(HINT.to_owned())),
        }
    }

    /// The place of the value, or of the nearest one around it.
    fn span(&self, pointer: &str) -> Range<usize> {
        spans::span(&self.text, pointer)
    }
}

/// The hint for problems without a better one.
const HINT: &str =
    "docs/templates.md shows what a template may hold; `footman preview` shows its card";

/// The notices with which every template is checked.
pub(crate) struct Samples {
    contexts: Vec<Var>,
    /// The names that templates may use.
    variables: BTreeSet<String>,
}

impl Samples {
    pub(crate) fn new() -> Self {
        let contexts = sample::contexts();
        let variables = contexts.first().map(variables).unwrap_or_default();
        Self { contexts: contexts.iter().map(var).collect(), variables }
    }

    /// The first fault on a notice with all values, or on one with none.
    fn fault(&self, env: &Environment<'_>, json: &Value) -> Option<TemplateFault> {
        self.contexts.iter().find_map(|context| {
            let card = expand(env, json, context);
            card.and_then(|card| is_card(&card)).err()
        })
    }
}

/// The minimum that Teams requires of a card.
fn is_card(card: &Value) -> Result<(), TemplateFault> {
    if card["type"] != "AdaptiveCard" {
        return Err(TemplateFault::new("/type", "`type` is not \"AdaptiveCard\"")
            .hint("the file holds the card itself, without the message around it"));
    }
    if card["body"].as_array().is_none_or(Vec::is_empty) {
        return Err(TemplateFault::new("/body", "the card has no `body`, or an empty one")
            .hint("add \"body\": [ … ] with at least one element that no `$when` leaves out"));
    }
    Ok(())
}

/// The names in a context, with those inside objects whose members are fixed: `words.task`.
fn variables(full: &Context) -> BTreeSet<String> {
    let Ok(Value::Object(members)) = serde_json::to_value(full) else { return BTreeSet::new() };
    let inside = |(name, value): (&String, &Value)| {
        let fixed = value.as_object().filter(|_| name != "captures").into_iter().flatten();
        fixed.map(|(member, _)| format!("{name}.{member}")).collect::<Vec<_>>()
    };
    let mut names: BTreeSet<String> = members.iter().flat_map(inside).collect();
    names.extend(members.into_iter().map(|(name, _)| name));
    names
}

/// A file that is not JSON, at the place where reading ended.
pub(crate) fn not_json(file: &str, text: &Arc<str>, error: &serde_json::Error) -> Problem {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    Problem {
        file: file.to_owned(),
        text: Arc::clone(text),
        span: at..end,
        kind: ProblemKind::Syntax,
        message: format!("not valid JSON: {}", worded::json(error)),
        hint: Some("a template is a plain JSON card; expressions go inside its strings".to_owned()),
    }
}
