//! I/O. `footman note`: what was learned of an incident.

use anyhow::Result;

use crate::cli::acknowledge::{confirm, open};
use crate::cli::submit::resolve;
use crate::cli::{End, Global};
use crate::command::Action;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The id of the incident, or how it begins
    id: String,
    /// What was learned
    text: String,
    /// Who writes [default: the account]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let desk = open(global, args.by.as_deref())?;
    let incident = resolve(desk.reader(), &args.id)?.into();
    let answer = desk.give(Action::Note { incident, text: args.text.clone() })?;
    desk.end(answer, |reader, applied| confirm(reader, "noted", &applied))
}
