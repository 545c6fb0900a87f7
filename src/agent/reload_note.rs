//! Pure. The notes that say whether files that changed while the agent runs are in force.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::{Language, Problem};
use crate::view::ShowTime;

/// Files that take effect without a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reloadable {
    Configuration,
    Patterns,
}

impl Reloadable {
    pub(crate) const ALL: [Self; 2] = [Self::Configuration, Self::Patterns];

    /// The key of the note.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Patterns => "patterns",
        }
    }

    /// The key of the note in which an earlier version stored only the time and whether they are in
    /// force, beside a sentence for people.
    fn earlier_key(self) -> &'static str {
        match self {
            Self::Configuration => "configuration-reload",
            Self::Patterns => "patterns-reload",
        }
    }

    /// What metrics and the log call the files.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Patterns => "patterns and templates",
        }
    }
}

/// What became of the files when they were last read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReloadNote {
    pub(crate) at: Timestamp,
    pub(crate) result: ReloadResult,
}

/// Whether files are in force as they are now; otherwise the earlier ones are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReloadResult {
    /// They did not change since the start.
    Unchanged,
    /// The configuration is in force; these keys have taken effect, and these wait for a restart.
    Applied { taken: Vec<String>, waiting: Vec<String> },
    /// The files are in force, as a whole.
    Reloaded,
    /// They are not in force: the first problem, and how many others there are.
    Broken { place: String, message: String, more: usize },
}

impl ReloadResult {
    pub(crate) fn broken(problems: &[Problem]) -> Self {
        let first = problems.first();
        Self::Broken {
            place: first.map(Problem::place).unwrap_or_default(),
            message: first.map(|first| first.message.clone()).unwrap_or_default(),
            more: problems.len().saturating_sub(1),
        }
    }

    pub(crate) fn is_in_force(&self) -> bool {
        !matches!(self, Self::Broken { .. })
    }

    /// The words for people; `at` is the time, where they do not see it otherwise.
    pub(crate) fn text(&self, of: Reloadable, at: Option<&str>, language: Language) -> String {
        match language {
            Language::English => {
                self.english(of, &at.map_or(String::new(), |it| format!(" at {it}")))
            }
            Language::German => self.german(of, &at.map_or(String::new(), |it| format!(" {it}"))),
        }
    }

    fn english(&self, of: Reloadable, at: &str) -> String {
        match self {
            Self::Unchanged => "unchanged since start".to_owned(),
            Self::Reloaded => format!("reloaded{at}"),
            Self::Applied { taken, waiting } => {
                let taken = match taken.as_slice() {
                    [] => format!("read{at}"),
                    keys => format!("applied{at}: {}", keys.join(", ")),
                };
                match waiting.as_slice() {
                    [] => taken,
                    keys => format!("{taken}; waiting for a restart: {}", keys.join(", ")),
                }
            }
            Self::Broken { place, message, more } => {
                let broken = match of {
                    Reloadable::Configuration => "broken, the earlier one is in force",
                    Reloadable::Patterns => "broken, the earlier ones are in force",
                };
                let more = match more {
                    0 => String::new(),
                    n => format!(" (and {n} more; run `footman check`)"),
                };
                format!("{broken}: {place}: {message}{more}")
            }
        }
    }

    fn german(&self, of: Reloadable, at: &str) -> String {
        match self {
            Self::Unchanged => "seit dem Start unverändert".to_owned(),
            Self::Reloaded => format!("neu geladen{at}"),
            Self::Applied { taken, waiting } => {
                let taken = match taken.as_slice() {
                    [] => format!("gelesen{at}"),
                    keys => format!("übernommen{at}: {}", keys.join(", ")),
                };
                match waiting.as_slice() {
                    [] => taken,
                    keys => format!("{taken}; warten auf einen Neustart: {}", keys.join(", ")),
                }
            }
            Self::Broken { place, message, more } => {
                let broken = match of {
                    Reloadable::Configuration => "fehlerhaft, die frühere gilt weiter",
                    Reloadable::Patterns => "fehlerhaft, die früheren gelten weiter",
                };
                let more = match more {
                    0 => String::new(),
                    n => format!(" (und {n} weitere; `footman check` zeigt sie)"),
                };
                format!("{broken}: {place}: {message}{more}")
            }
        }
    }
}

impl ReloadNote {
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("a time, texts and numbers")
    }

    fn read(notes: &BTreeMap<String, String>, files: Reloadable) -> Option<Self> {
        serde_json::from_str(notes.get(files.key())?).ok()
    }

    /// Whether the files are in force.
    pub(crate) fn is_in_force(notes: &BTreeMap<String, String>, files: Reloadable) -> bool {
        let of_earlier = || {
            let stored: Option<EarlierNote> =
                notes.get(files.earlier_key()).and_then(|json| serde_json::from_str(json).ok());
            stored.is_none_or(|note| note.ok)
        };
        Self::read(notes, files).map_or_else(of_earlier, |note| note.result.is_in_force())
    }

    /// Puts what people read in place of the notes. The sentence of an earlier version stays.
    pub(crate) fn reword_in(
        notes: &mut BTreeMap<String, String>,
        language: Language,
        shown: ShowTime<'_>,
    ) {
        for files in Reloadable::ALL {
            notes.remove(files.earlier_key());
            if let Some(note) = Self::read(notes, files) {
                let text = note.result.text(files, Some(&shown(note.at)), language);
                notes.insert(files.key().to_owned(), text);
            }
        }
    }
}

/// The result as an earlier version stored it.
#[derive(Deserialize)]
struct EarlierNote {
    ok: bool,
}

#[cfg(test)]
mod tests;
