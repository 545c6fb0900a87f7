//! I/O. Submits commands to the agent and waits for their results.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::cli::hint::Refused;
use crate::cli::{End, account, hint, output, runtime};
use crate::clock;
use crate::command::{
    Action, Applied, Command, CommandOrigin, CommandResult, MOST_BYTES, MOST_NAME, MOST_TEXT,
    Refusal, TextField, check, is_blank,
};
use crate::config::{Language, Settings};
use crate::ids::{CommandId, Fingerprint};
use crate::state::{CommandFile, Reader, Vitals};
use crate::view::{self, Ambiguous, IdMatch, IncidentIds};

/// A running agent answers within a quarter of a second.
const TIMEOUT: Duration = Duration::from_secs(5);
const EVERY: Duration = Duration::from_millis(20);

/// The result of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CommandAnswer {
    Applied(Applied),
    Refused(Refusal),
    /// The agent is stopped.
    Stored,
    /// The agent runs, but has not answered.
    None,
}

/// The commands of this process.
pub(crate) struct CommandDesk {
    reader: Reader,
    file: CommandFile,
    settings: Settings,
    by: String,
}

impl CommandDesk {
    /// `by`: the author, if it is not the account.
    pub(crate) fn open(settings: Settings, by: Option<&str>) -> Result<Self> {
        let reader = Reader::open_current(&settings.state_dir)?;
        let file = CommandFile::open(&settings.state_dir)?;
        let by = by.map(str::to_owned).or_else(account::name).ok_or_else(|| {
            Refused::new("the system does not name this account", "say who you are: --by NAME")
        })?;
        Ok(Self { reader, file, settings, by })
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn by(&self) -> &str {
        &self.by
    }

    /// Submits one command.
    pub(crate) fn give(&self, action: Action) -> Result<CommandAnswer> {
        let answers = self.give_all(vec![action])?;
        Ok(answers.into_iter().next().unwrap_or(CommandAnswer::None))
    }

    /// Submits commands in this order; the answers are in the same order.
    pub(crate) fn give_all(&self, actions: Vec<Action>) -> Result<Vec<CommandAnswer>> {
        let mut ids = Vec::new();
        let mut answers = Vec::new();
        for action in actions {
            let id = CommandId::from(new_id()?);
            let (at, by) = (clock::now(), self.by.clone());
            let origin = CommandOrigin::CommandLine;
            let command = Command { id: id.clone(), at, by, origin, action };
            ids.push(id);
            let refusal = misfit(&command);
            if refusal.is_none() {
                self.file.submit(&command)?;
            }
            answers.push(refusal.map_or(CommandAnswer::None, CommandAnswer::Refused));
        }
        if !self.is_stopped() {
            runtime()?.block_on(async {
                // The answers until then are kept.
                timeout(TIMEOUT, self.wait(&ids, &mut answers)).await.ok();
            });
        }
        self.ask(&ids, &mut answers);
        if self.is_stopped() {
            let open = answers.iter_mut().filter(|answer| **answer == CommandAnswer::None);
            open.for_each(|answer| *answer = CommandAnswer::Stored);
        }
        Ok(answers)
    }

    async fn wait(&self, ids: &[CommandId], answers: &mut [CommandAnswer]) {
        let mut turns = interval(EVERY);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while answers.contains(&CommandAnswer::None) {
            turns.tick().await;
            self.ask(ids, answers);
        }
    }

    /// Reads the answers that exist so far; a state that cannot be read now may be readable later.
    fn ask(&self, ids: &[CommandId], answers: &mut [CommandAnswer]) {
        for (id, answer) in ids.iter().zip(answers) {
            if *answer != CommandAnswer::None {
                continue;
            }
            match self.reader.command_result(id) {
                Ok(Some(CommandResult::Applied(applied))) => {
                    *answer = CommandAnswer::Applied(applied);
                }
                Ok(Some(CommandResult::Refused(why))) => *answer = CommandAnswer::Refused(why),
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// Whether no agent holds the state.
    fn is_stopped(&self) -> bool {
        Vitals::read(&self.settings.state_dir, clock::now()).signs.locked == Some(false)
    }

    /// The error of a refused command.
    pub(crate) fn refused(&self, refusal: &Refusal) -> Refused {
        let prints = self.reader.fingerprints().unwrap_or_default();
        let words = view::worded(refusal, &IncidentIds::new(prints), Language::English);
        Refused::new(output::clean(&words.problem), words.hint)
    }

    /// Ends a command whose effect is shown by `applied`.
    pub(crate) fn end(
        &self,
        answer: CommandAnswer,
        applied: impl FnOnce(&Reader, Applied) -> Result<()>,
    ) -> Result<End> {
        match answer {
            CommandAnswer::Applied(effect) => applied(&self.reader, effect).map(|()| End::Done),
            CommandAnswer::Refused(refusal) => Err(self.refused(&refusal).into()),
            CommandAnswer::Stored => {
                eprintln!("{STORED}");
                Ok(End::Done)
            }
            CommandAnswer::None => {
                eprintln!("footman: {UNANSWERED}");
                eprintln!("hint: {}", hint::complete(UNANSWERED_HINT));
                Ok(End::Unanswered)
            }
        }
    }
}

pub(crate) const STORED: &str = "stored; applied at next start";
pub(crate) const UNANSWERED: &str =
    "the agent has not answered within 5 s; it applies the command once it resumes";
pub(crate) const UNANSWERED_HINT: &str = "`footman status` shows what it does";

/// The incident that a person names, or an error with the possible ones.
pub(crate) fn resolve(reader: &Reader, prefix: &str) -> Result<Fingerprint> {
    let refusal = match view::incidents_like(reader, prefix)? {
        IdMatch::One(print) => return Ok(print),
        IdMatch::None => Refusal::UnknownIncident,
        IdMatch::Several(Ambiguous { prints, .. }) => Refusal::AmbiguousIncident(prints),
    };
    let ids = IncidentIds::new(reader.fingerprints()?);
    let words = view::worded(&refusal, &ids, Language::English);
    let what = format!("{}: {}", output::clean(prefix), words.problem);
    Err(Refused::new(what, words.hint).into())
}

/// Why the agent would refuse the texts of a command, or not read it at all.
fn misfit(command: &Command) -> Option<Refusal> {
    let text = |field, text: &str, most| check(field, text, most).err();
    let of_action = match &command.action {
        Action::Note { text: note, .. } => text(TextField::Note, note, MOST_TEXT),
        Action::Acknowledge { note: Some(note), .. } if !is_blank(note) => {
            text(TextField::Note, note, MOST_TEXT)
        }
        Action::SilenceAdd(wanted) => text(TextField::Reason, &wanted.reason, MOST_TEXT),
        _ => None,
    };
    let is_long = serde_json::to_string(command).map_or(0, |json| json.len()) > MOST_BYTES;
    text(TextField::By, &command.by, MOST_NAME)
        .or(of_action)
        .or(is_long.then_some(Refusal::Text { field: TextField::Command, most: MOST_BYTES }))
}

/// 128 random bits in hex.
fn new_id() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system has no random numbers")?;
    let mut id = String::new();
    for byte in bytes {
        write!(id, "{byte:02x}").context("writing into a text")?;
    }
    Ok(id)
}
