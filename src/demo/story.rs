//! Pure. A story: a readable script of what happens on the simulated node, and when.
//!
//! One scene per line: seconds since the start, what happens, to what, how it ends. `#` begins a
//! comment.
//!
//! ```text
//! 0   start-up
//! 1   reload "Finance Ledger" fails "Field 'PostingDte' not found" retries 1 then ok
//! 9   reload "HR Overview" aborted
//! 20  acknowledge "HR Overview" by "anna@example.com"
//! 60  again
//! ```

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{Problem, ProblemKind};
use crate::demo::story::words::{StoryWord, words};

pub use crate::demo::story::answer::{AnswerKind, StoryAnswer};

mod answer;
mod words;

/// Scenes in the order in which they begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    pub scenes: Vec<(Duration, Scene)>,
    /// When the story starts again; `None` if it ends.
    pub again: Option<Duration>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scene {
    /// The services start.
    StartUp,
    /// A task reloads an app.
    Reload { app: String, end: StoryEnd },
    /// A user reloads an app in the hub or an editor, outside any task.
    HubReload { app: String, end: StoryEnd },
    /// A task finds no worker.
    CannotStart { app: String },
    /// The engine exceeds its memory limit.
    Memory { critical: bool },
    /// Qlik Sense denies access to a user.
    AccessDenied { user: String },
    /// A Windows service stops, or starts again.
    Service { name: String, runs: bool },
    /// All service logs roll.
    Roll,
    /// Somebody answers.
    Answer(StoryAnswer),
}

/// How a reload ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoryEnd {
    Ok,
    Aborted,
    Fails {
        error: String,
        /// Number of retries.
        retries: u32,
        /// Whether the last retry succeeds.
        then_ok: bool,
    },
}

/// The story that `footman demo` plays.
const BUILT_IN: &str = include_str!("story/built_in.txt");

impl Story {
    /// The built-in story: all kinds of failures within a minute.
    pub fn built_in() -> Self {
        Self::parse("built in: demo story", BUILT_IN).unwrap_or_default()
    }

    /// Parses a story; `file` is only used in the problem.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problem> {
        let mut story = Self::default();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let wrong = |mistake: StoryMistake| mistake.into_problem(file, text);
            story.add_line(LineWords::new(line, start).map_err(wrong)?).map_err(wrong)?;
            start += line.len();
        }
        story.scenes.sort_by_key(|(at, _)| *at);
        Ok(story)
    }

    /// The story without its start-up, for repetitions, and the time between them.
    pub fn encore(&self) -> Option<(Duration, Self)> {
        let mut encore = self.clone();
        encore.scenes.retain(|(_, scene)| *scene != Scene::StartUp);
        Some((self.again?.max(Duration::from_secs(1)), encore))
    }

    fn add_line(&mut self, mut line: LineWords<'_>) -> Result<(), StoryMistake> {
        if line.words.is_empty() {
            return Ok(());
        }
        let at = line.seconds()?;
        match line.scene()? {
            Some(scene) => self.scenes.push((at, scene)),
            None => self.again = Some(at),
        }
        line.end()
    }
}

/// A syntax error in a story.
struct StoryMistake {
    span: Range<usize>,
    message: String,
    hint: &'static str,
}

impl StoryMistake {
    fn into_problem(self, file: &str, text: &str) -> Problem {
        Problem {
            file: file.to_owned(),
            text: Arc::from(text),
            span: self.span,
            kind: ProblemKind::Invalid,
            message: self.message,
            hint: Some(self.hint.to_owned()),
        }
    }
}

/// The unread words of one line.
struct LineWords<'t> {
    words: VecDeque<StoryWord<'t>>,
    /// The end of the line in the text.
    end: usize,
}

const SCENES: &str = "start-up, reload, hub-reload, cannot-start, memory, access-denied, service-stop, service-start, \
     roll, acknowledge, silence, note or again";

impl<'t> LineWords<'t> {
    fn new(line: &'t str, start: usize) -> Result<Self, StoryMistake> {
        let words = words(line, start).map_err(|span| StoryMistake {
            span,
            message: "the quote is not closed".to_owned(),
            hint: "end the text with a double quote on the same line",
        })?;
        Ok(Self { words: words.into(), end: start + line.trim_end().len() })
    }

    fn seconds(&mut self) -> Result<Duration, StoryMistake> {
        let hint = "begin the line with seconds since the start, such as 12 or 0.5";
        let word = self.next("a time", hint)?;
        let seconds = word.text.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
        seconds.ok_or_else(|| word.mistake("a time was expected", hint))
    }

    /// `None` means `again`.
    fn scene(&mut self) -> Result<Option<Scene>, StoryMistake> {
        let what = self.next("a scene", SCENES)?;
        Ok(Some(match what.text.as_ref() {
            "start-up" => Scene::StartUp,
            "reload" => Scene::Reload { app: self.name()?, end: self.ending()? },
            "hub-reload" => Scene::HubReload { app: self.name()?, end: self.ending()? },
            "cannot-start" => Scene::CannotStart { app: self.name()? },
            "memory" => Scene::Memory { critical: self.memory()? },
            "access-denied" => Scene::AccessDenied { user: self.name()? },
            "service-stop" => Scene::Service { name: self.name()?, runs: false },
            "service-start" => Scene::Service { name: self.name()?, runs: true },
            "roll" => Scene::Roll,
            verb @ ("acknowledge" | "silence" | "note") => Scene::Answer(self.answer(verb)?),
            "again" => return Ok(None),
            _ => return Err(what.mistake("unknown scene", SCENES)),
        }))
    }

    fn name(&mut self) -> Result<String, StoryMistake> {
        Ok(self.next("a name", "put the name in double quotes")?.text.into_owned())
    }

    fn memory(&mut self) -> Result<bool, StoryMistake> {
        let word = self.next("high or critical", "memory high, or memory critical")?;
        match word.text.as_ref() {
            "critical" => Ok(true),
            "high" => Ok(false),
            _ => Err(word.mistake("high or critical was expected", "memory critical")),
        }
    }

    fn ending(&mut self) -> Result<StoryEnd, StoryMistake> {
        let hint = "ok, aborted, or fails \"the error\"";
        let word = self.next("how it ends", hint)?;
        match word.text.as_ref() {
            "ok" => Ok(StoryEnd::Ok),
            "aborted" => Ok(StoryEnd::Aborted),
            "fails" => self.failure(),
            _ => Err(word.mistake("unknown end", hint)),
        }
    }

    fn failure(&mut self) -> Result<StoryEnd, StoryMistake> {
        let error = self.name()?;
        if !self.take("retries") {
            return Ok(StoryEnd::Fails { error, retries: 0, then_ok: false });
        }
        let hint = "a number such as 2; at most 9";
        let number = self.next("how many retries", hint)?;
        let retries = number.text.parse().ok().filter(|n| (1..=9).contains(n));
        let retries = retries.ok_or_else(|| number.mistake("a number was expected", hint))?;
        let then_ok = self.take("then");
        if then_ok {
            self.expect("ok", "only `then ok` is known")?;
        }
        Ok(StoryEnd::Fails { error, retries, then_ok })
    }

    fn take(&mut self, wanted: &str) -> bool {
        let there = self.words.front().is_some_and(|word| word.text == wanted);
        if there {
            self.words.pop_front();
        }
        there
    }

    fn expect(&mut self, word: &str, hint: &'static str) -> Result<(), StoryMistake> {
        if self.take(word) { Ok(()) } else { Err(self.missing(word, hint)) }
    }

    fn next(&mut self, wanted: &str, hint: &'static str) -> Result<StoryWord<'t>, StoryMistake> {
        self.words.pop_front().ok_or_else(|| self.missing(wanted, hint))
    }

    fn missing(&self, wanted: &str, hint: &'static str) -> StoryMistake {
        StoryMistake { span: self.end..self.end, message: format!("{wanted} is missing"), hint }
    }

    fn end(mut self) -> Result<(), StoryMistake> {
        match self.words.pop_front() {
            None => Ok(()),
            Some(word) => Err(word.mistake("unexpected word", "write one scene per line")),
        }
    }
}

impl StoryWord<'_> {
    fn mistake(&self, message: &str, hint: &'static str) -> StoryMistake {
        StoryMistake { span: self.span.clone(), message: message.to_owned(), hint }
    }
}

#[cfg(test)]
mod tests;
