//! Pure. The answers of people in a story: they acknowledge, silence and note, as on the command
//! line.

use std::time::Duration;

use crate::config::Period;
use crate::demo::story::{LineWords, StoryMistake};

/// What somebody does about the failures of one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryAnswer {
    pub app: String,
    /// Who does it.
    pub by: String,
    pub what: AnswerKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// Takes care of the open incident of the app.
    Acknowledge,
    /// Holds back what happens to the app.
    Silence { lasts: Duration, reason: String },
    /// Adds a note.
    Note { text: String },
}

impl LineWords<'_> {
    /// `"App" by "anna@example.com"`, then what the answer needs.
    pub(crate) fn answer(&mut self, verb: &str) -> Result<StoryAnswer, StoryMistake> {
        let app = self.name()?;
        let lasts = if verb == "silence" { self.lasts()? } else { Duration::ZERO };
        self.expect("by", "by \"anna@example.com\"")?;
        let by = self.name()?;
        let what = match verb {
            "silence" => AnswerKind::Silence { lasts, reason: self.name()? },
            "note" => AnswerKind::Note { text: self.name()? },
            _ => AnswerKind::Acknowledge,
        };
        Ok(StoryAnswer { app, by, what })
    }

    /// `for 2h`
    fn lasts(&mut self) -> Result<Duration, StoryMistake> {
        let hint = "for 50s, for 30m or for 2h";
        self.expect("for", hint)?;
        let word = self.next("how long", hint)?;
        let period: Result<Period, String> = word.text.parse();
        period.map(|period| period.0).map_err(|_| word.mistake("a duration was expected", hint))
    }
}
