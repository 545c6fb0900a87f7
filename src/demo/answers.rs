//! I/O. Submits the commands of the people in a story to the agent, through the same file as the
//! command line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::clock::Timestamp;
use crate::command::{Action, Command, CommandOrigin, CommandResult, NewSilence};
use crate::config::{Language, Period};
use crate::demo::node::time_of_day;
use crate::demo::story::{AnswerKind, StoryAnswer};
use crate::state::{CommandFile, Reader};
use crate::view::{self, IncidentIds, IncidentView};

/// How long an answer waits for the incident that it is about, and for the agent.
const WAITS: Duration = Duration::from_secs(20);
const EVERY: Duration = Duration::from_millis(50);

/// Submits the answers of the people in a story.
#[derive(Clone, Debug)]
pub struct Answers {
    state_dir: PathBuf,
    timezone: TimeZone,
}

/// The result of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum AnswerResult {
    Applied,
    /// The agent refused it, in words.
    Refused(String),
    /// There was no such incident, or the agent did not answer in time.
    None,
}

impl Answers {
    /// The agent's state folder, which may still be empty, and the time zone of the node.
    pub fn new(state_dir: &Path, timezone: TimeZone) -> Self {
        Self { state_dir: state_dir.to_owned(), timezone }
    }

    /// Submits one command and waits until the agent has applied it. Returns the time
    /// of day and the result, one line for each fact.
    pub(crate) async fn give(
        &self,
        id: &str,
        answer: &StoryAnswer,
        now: &impl Fn() -> Timestamp,
    ) -> (String, Vec<String>) {
        let outcome = self.outcome(id, answer, now).await;
        let time = |at| time_of_day(at, &self.timezone);
        let lines = words(answer, &outcome, &time(end(now(), answer)));
        (time(now()), lines)
    }

    async fn outcome(
        &self,
        id: &str,
        answer: &StoryAnswer,
        now: &impl Fn() -> Timestamp,
    ) -> AnswerResult {
        let applied = async {
            let action = self.action(answer, now).await;
            let (id, by) = (id.into(), answer.by.clone());
            let origin = CommandOrigin::CommandLine;
            let command = Command { id, at: now(), by, origin, action };
            match CommandFile::open(&self.state_dir).and_then(|file| file.submit(&command)) {
                Ok(()) => self.result(&command.id).await,
                Err(error) => AnswerResult::Refused(error.to_string()),
            }
        };
        timeout(WAITS, applied).await.unwrap_or(AnswerResult::None)
    }

    /// The command; for an incident, as soon as there is one.
    async fn action(&self, answer: &StoryAnswer, now: &impl Fn() -> Timestamp) -> Action {
        match &answer.what {
            AnswerKind::Acknowledge => Action::Acknowledge {
                incident: self.incident(answer, now).await,
                note: None,
                is_undoable: false,
            },
            AnswerKind::Note { text } => {
                Action::Note { incident: self.incident(answer, now).await, text: text.clone() }
            }
            AnswerKind::Silence { reason, .. } => {
                let app = BTreeMap::from([("app".to_owned(), vec![answer.app.clone()])]);
                Action::SilenceAdd(NewSilence {
                    matchers: app,
                    incident: None,
                    until: end(now(), answer),
                    reason: reason.clone(),
                })
            }
        }
    }

    /// The incident of the app, as soon as there is one. Only an open one can be acknowledged.
    async fn incident(&self, answer: &StoryAnswer, now: &impl Fn() -> Timestamp) -> String {
        let wants_open = answer.what == AnswerKind::Acknowledge;
        let is_it = |one: &IncidentView| {
            one.app.as_deref() == Some(&answer.app) && (!wants_open || one.is_open(now()))
        };
        self.read(|reader| {
            let all = view::incidents(reader, now(), !wants_open).ok()?;
            all.into_iter().find(is_it).map(|one| one.fingerprint.to_string())
        })
        .await
    }

    async fn result(&self, id: &str) -> AnswerResult {
        self.read(|reader| match reader.command_result(id).ok()?? {
            CommandResult::Applied(_) => Some(AnswerResult::Applied),
            CommandResult::Refused(refusal) => {
                let ids = IncidentIds::new(reader.fingerprints().unwrap_or_default());
                Some(AnswerResult::Refused(view::worded(&refusal, &ids, Language::English).problem))
            }
        })
        .await
    }

    /// Reads the state until there is a result.
    async fn read<T>(&self, find: impl Fn(&Reader) -> Option<T>) -> T {
        let mut turns = interval(EVERY);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            let found = Reader::open_current(&self.state_dir).ok();
            if let Some(found) = found.as_ref().and_then(&find) {
                return found;
            }
        }
    }
}

/// The end of a silence that begins now.
fn end(now: Timestamp, answer: &StoryAnswer) -> Timestamp {
    let AnswerKind::Silence { lasts, .. } = &answer.what else { return now };
    now.saturating_add(Period(*lasts).signed()).unwrap_or(Timestamp::MAX)
}

/// What somebody did, one line for each fact. `until` is the end of a silence, as a time of day.
fn words(answer: &StoryAnswer, outcome: &AnswerResult, until: &str) -> Vec<String> {
    let StoryAnswer { app, by, what } = answer;
    let (did, tried, follows) = match what {
        AnswerKind::Acknowledge => (
            format!("{by} acknowledged {app}"),
            "acknowledge",
            "no repeats and no escalation until it recovers".to_owned(),
        ),
        AnswerKind::Silence { reason, .. } => {
            (format!("{by} silenced {app} until {until}"), "silence", format!("because {reason}"))
        }
        AnswerKind::Note { text } => (
            format!("{by} noted on {app}: {text}"),
            "note on",
            "its next card shows the note".to_owned(),
        ),
    };
    match outcome {
        AnswerResult::Applied => vec![did, follows],
        AnswerResult::Refused(why) => vec![format!("{by} cannot {tried} {app}: {why}")],
        AnswerResult::None => vec![format!("{by} cannot {tried} {app}: it has no open incident")],
    }
}

#[cfg(test)]
mod tests;
