//! I/O. `footman acknowledge` and `footman unacknowledge`: who takes care of an incident.

use anyhow::Result;

use crate::cli::submit::{CommandDesk, resolve};
use crate::cli::{End, Global, diagnose, output};
use crate::command::{Action, Applied};
use crate::state::Reader;
use crate::view::{self, IdMatch};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The id of the incident, or how it begins
    id: String,
    /// Who takes care [default: the account]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// What is known so far; it is also on the next card
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct UndoArgs {
    /// The id of the incident, or how it begins
    id: String,
    /// Who says so [default: the account]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let desk = open(global, args.by.as_deref())?;
    let incident = resolve(desk.reader(), &args.id)?.into();
    let answer =
        desk.give(Action::Acknowledge { incident, note: args.note.clone(), is_undoable: false })?;
    desk.end(answer, |reader, applied| confirm(reader, "acknowledged", &applied))
}

pub(crate) fn undo(global: &Global, args: &UndoArgs) -> Result<End> {
    let desk = open(global, args.by.as_deref())?;
    let incident = resolve(desk.reader(), &args.id)?.into();
    let answer = desk.give(Action::Unacknowledge { incident, is_undo: false })?;
    desk.end(answer, |reader, applied| confirm(reader, "no longer acknowledged", &applied))
}

/// The desk for the commands of a person.
pub(crate) fn open(global: &Global, by: Option<&str>) -> Result<CommandDesk> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    CommandDesk::open(settings, by)
}

/// Shows the incident that changed.
pub(crate) fn confirm(reader: &Reader, what: &str, applied: &Applied) -> Result<()> {
    let Applied::Incident(print) = applied else { return Ok(()) };
    let IdMatch::One(print) = view::incidents_like(reader, print)? else { return Ok(()) };
    if let Some(incident) = view::incident(reader, &print)? {
        println!("{what}: {} {}", incident.id, output::clean(&incident.title));
    }
    Ok(())
}
