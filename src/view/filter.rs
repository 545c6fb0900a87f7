//! Pure. Filters for incidents and for entries of the history.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::command::CommandOrigin;
use crate::commit::HistoryEntry;
use crate::config::nearest;
use crate::detection::{Kind, Severity};
use crate::incident::Suppression;
use crate::route::Word;
use crate::tail::FileProblemReason;
use crate::view::incidents::IncidentView;

/// The words that a list is filtered by; each is exact, a glob, or a regex between slashes.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    kind: Option<Word>,
    app: Option<Word>,
    task: Option<Word>,
    node: Option<Word>,
    severity: Option<Word>,
    reason: Option<Word>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// A word that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    pub message: String,
    pub hint: String,
}

impl Filter {
    pub fn kind(mut self, word: Option<&str>) -> Result<Self, FilterError> {
        self.kind = one_of("kind", word, &Kind::ALL.map(Kind::name))?;
        Ok(self)
    }

    pub fn severity(mut self, word: Option<&str>) -> Result<Self, FilterError> {
        self.severity = one_of("severity", word, &Severity::ALL.map(Severity::name))?;
        Ok(self)
    }

    pub fn app(mut self, word: Option<&str>) -> Result<Self, FilterError> {
        self.app = compiled(word)?;
        Ok(self)
    }

    pub fn task(mut self, word: Option<&str>) -> Result<Self, FilterError> {
        self.task = compiled(word)?;
        Ok(self)
    }

    pub fn node(mut self, word: Option<&str>) -> Result<Self, FilterError> {
        self.node = compiled(word)?;
        Ok(self)
    }

    /// `there` are the reasons in the history; channels are among them.
    pub fn reason(mut self, word: Option<&str>, there: &[&str]) -> Result<Self, FilterError> {
        let mut known = Suppression::ALL.map(Suppression::name).to_vec();
        known.extend(FileProblemReason::ALL.map(FileProblemReason::name));
        known.extend(CommandOrigin::ALL.map(CommandOrigin::name));
        known.extend(there);
        let mut seen = BTreeSet::new();
        known.retain(|name| seen.insert(*name));
        self.reason = one_of("reason", word, &known)?;
        Ok(self)
    }

    #[must_use]
    pub fn since(mut self, since: Option<Timestamp>) -> Self {
        self.since = since;
        self
    }

    #[must_use]
    pub fn until(mut self, until: Option<Timestamp>) -> Self {
        self.until = until;
        self
    }

    /// Whether the incident matches and was seen within the time.
    pub fn takes(&self, incident: &IncidentView) -> bool {
        self.takes_names(incident)
            && fits(self.kind.as_ref(), &[Some(incident.kind.name())])
            && fits(self.severity.as_ref(), &[Some(incident.severity.name())])
            && fits(self.node.as_ref(), &[incident.node.as_deref()])
            && self.since.is_none_or(|since| incident.last.0 >= since)
            && self.until.is_none_or(|until| incident.since.0 < until)
    }

    /// Whether the incident is of the app and the task.
    fn takes_names(&self, incident: &IncidentView) -> bool {
        fits(self.app.as_ref(), &[incident.app.as_deref(), incident.app_id.as_deref()])
            && fits(self.task.as_ref(), &[incident.task.as_deref(), incident.task_id.as_deref()])
    }

    /// Whether the entry matches. Names are those of its incident, else they are searched for in
    /// its text.
    pub fn takes_entry(&self, entry: &HistoryEntry, of: Option<&IncidentView>) -> bool {
        let by_name = of.map_or_else(
            || {
                let names = [&self.app, &self.task];
                names.into_iter().flatten().all(|word| is_in(word, &entry.summary))
            },
            |incident| self.takes_names(incident),
        );
        let kind = entry.kind.or_else(|| of.map(|of| of.kind)).map(Kind::name);
        by_name
            && fits(self.kind.as_ref(), &[kind])
            && fits(self.reason.as_ref(), &[Some(entry.reason_name())])
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
    }

    /// Whether any filter is set.
    pub fn is_set(&self) -> bool {
        let words = [&self.kind, &self.app, &self.task, &self.node, &self.severity, &self.reason];
        words.iter().any(|word| word.is_some()) || self.since.is_some() || self.until.is_some()
    }

    /// Whether the names of incidents are needed.
    pub fn needs_incidents(&self) -> bool {
        self.app.is_some() || self.task.is_some() || self.kind.is_some()
    }
}

/// Whether the word matches one of the texts.
fn fits(word: Option<&Word>, texts: &[Option<&str>]) -> bool {
    word.is_none_or(|word| texts.iter().flatten().any(|text| word.matches(text)))
}

/// Whether the word matches a part of a text between its punctuation: `Reload failed: Sales`.
fn is_in(word: &Word, text: &str) -> bool {
    word.matches(text)
        || text.split([':', '(', ')', ',', ';']).any(|part| word.matches(part.trim()))
}

fn compiled(text: Option<&str>) -> Result<Option<Word>, FilterError> {
    text.map(Word::compile).transpose().map_err(|why| FilterError {
        message: format!("not a valid regex: {why}"),
        hint: "text between slashes is a regex; without them it is a plain word".to_owned(),
    })
}

fn one_of(key: &str, text: Option<&str>, known: &[&str]) -> Result<Option<Word>, FilterError> {
    let word = compiled(text)?;
    let (Some(text), Some(compiled)) = (text, &word) else { return Ok(word) };
    if known.iter().any(|name| compiled.matches(name)) {
        return Ok(word);
    }
    let near = nearest(text, known.iter().copied());
    let hint = near.map_or_else(
        || format!("known: {}", known.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    Err(FilterError { message: format!("unknown {key} `{text}`"), hint })
}
