//! I/O. The command line: one file per subcommand.

/// Prints a line like the standard macro of this name, but does not panic when the reader closes
/// the pipe, as in `footman status | head -1`.
macro_rules! println {
    () => { $crate::cli::output::line(format_args!("")) };
    ($($words:tt)*) => { $crate::cli::output::line(format_args!($($words)*)) };
}

/// The same on standard error.
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::cli::output::error_line(format_args!($($words)*)) };
}

/// The same without a line break.
macro_rules! eprint {
    ($($words:tt)*) => { $crate::cli::output::error_text(format_args!($($words)*)) };
}

mod account;
mod acknowledge;
mod check;
mod completions;
mod demo;
pub mod diagnose;
mod doctor;
mod explain;
mod help;
mod hint;
mod history;
mod incidents;
mod init;
mod log;
mod log_root;
mod man;
mod note;
mod outbox;
mod output;
mod patterns;
mod preview;
mod replay;
mod routes;
mod run;
mod secret;
mod service;
mod setup;
mod show;
mod silence;
mod stats;
mod status;
mod submit;
mod suggest;
mod teams;
mod test_send;
mod usage;
mod webhook;
mod when;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::config::load::{Env, Flags, load};
use crate::config::worded::plain;
use crate::config::{Problem, Settings};

/// Follows the Qlik Sense logs of this node and reports failures to Microsoft Teams.
#[derive(Parser)]
#[command(name = "footman", version, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: FootmanCommand,
    #[command(flatten)]
    global: Global,
}

/// Options of every command.
#[derive(clap::Args)]
struct Global {
    /// The configuration file [default: the standard path for this platform]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    config: Option<PathBuf>,
    /// The folder `Log` of Qlik Sense [default: detected automatically on a Qlik node]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    log_root: Option<PathBuf>,
    /// Where positions, incidents and pending cards are kept
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    state_dir: Option<PathBuf>,
}

#[derive(Subcommand)]
enum FootmanCommand {
    /// Follow the logs and send cards until stopped
    Run(run::Args),
    /// Show Footman at work on a simulated Qlik Sense node; nothing leaves this machine
    Demo(demo::Args),
    /// Set Footman up on this machine: asks, writes the configuration, posts a test card
    Setup(setup::Args),
    /// Manage the Windows service
    Service(service::Args),
    /// Write a commented configuration
    Init(init::Args),
    /// Check configuration, patterns and templates
    Check(check::Args),
    /// Check everything that Footman needs on this machine; nothing is sent
    Doctor(doctor::Args),
    /// Post a test card to a channel
    TestSend(test_send::Args),
    /// Show cards of all kinds side by side, while their templates are edited
    Preview(preview::Args),
    /// Show which patterns match a line, and why the others do not
    Explain(explain::Args),
    /// Show which cards old logs would have caused; nothing is sent or kept
    Replay(replay::Args),
    /// List, show and test patterns, and suggest new ones
    #[command(subcommand)]
    Patterns(patterns::PatternsCommand),
    /// List the incidents that are open
    Incidents(incidents::Args),
    /// Show one incident and its story
    Show(show::Args),
    /// Acknowledge an incident: stops its repeats and its escalation
    Acknowledge(acknowledge::Args),
    /// Withdraw an acknowledgement
    Unacknowledge(acknowledge::UndoArgs),
    /// Add a note to an incident; its next card shows it
    Note(note::Args),
    /// Hold back known problems until a time
    #[command(subcommand)]
    Silence(silence::SilenceCommand),
    /// List cards that wait or were refused; send them again or give them up
    #[command(subcommand)]
    Outbox(outbox::OutboxCommand),
    /// Store webhook URLs where other accounts cannot read them
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// Write and check the flow that makes one thread of each incident
    #[command(subcommand)]
    Teams(teams::TeamsCommand),
    /// Test where cards go
    #[command(subcommand)]
    Routes(routes::RoutesCommand),
    /// Show the state of a running or stopped agent
    Status(status::Args),
    /// Show what was sent, what was held back, and why
    History(history::Args),
    /// Show counts, noise, and how long cards, answers and recoveries took
    Stats(stats::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Write the manual pages into a folder
    #[command(hide = true)]
    Man(man::Args),
}

impl FootmanCommand {
    /// Whether a command may go on for long, so that it ends when nobody reads its output. The
    /// others keep the exit code of their result.
    fn is_endless(&self) -> bool {
        matches!(self, Self::Demo(_) | Self::Explain(_) | Self::Preview(_) | Self::Replay(_))
    }
}

/// How a command ended, as its exit code.
enum End {
    Done,
    /// The command line asks for something that does not exist.
    Usage,
    /// Problems in hand-written files: configuration, patterns, templates.
    Problems,
    /// The channel did not accept a card.
    Unreachable,
    /// The agent did not answer a command.
    Unanswered,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Done => Self::SUCCESS,
            End::Usage => Self::from(2),
            End::Problems => Self::from(3),
            End::Unreachable => Self::from(4),
            End::Unanswered => Self::FAILURE,
        }
    }
}

/// Parses the command line and runs the command. Exit codes of errors: 2 for usage, 3 for those
/// that the user can fix, 1 for internal ones.
pub fn main() -> ExitCode {
    if std::env::args_os().len() <= 1 {
        println!("{}", help::FIRST_STEPS);
        return ExitCode::SUCCESS;
    }
    let args = command().try_get_matches().and_then(|found| Args::from_arg_matches(&found));
    let args = match args {
        Ok(args) => args,
        Err(error) => return usage::report(&error),
    };
    match run(args) {
        Ok(end) => end.into(),
        Err(error) => {
            output::complaint(&format!("footman: {}", plain(&format!("{error:#}"))));
            let Some(remedy) = hint::remedy(&error) else { return ExitCode::FAILURE };
            output::complaint(&format!("hint: {}", hint::complete(&remedy)));
            End::Problems.into()
        }
    }
}

/// Every command and option, with the examples of its help.
pub fn command() -> clap::Command {
    help::complete(Args::command())
}

fn run(args: Args) -> Result<End> {
    let global = &args.global;
    hint::remember(global);
    if args.command.is_endless() {
        output::end_with_reader();
    }
    match args.command {
        FootmanCommand::Run(args) if args.is_service() => service::host(),
        FootmanCommand::Run(args) => run::run(global, &args),
        FootmanCommand::Setup(args) => setup::run(global, &args),
        FootmanCommand::Service(args) => service::run(global, &args),
        FootmanCommand::Demo(args) => demo::run(&args),
        FootmanCommand::Init(args) => Ok(init::run(global, &args)),
        FootmanCommand::Check(args) => check::run(global, &args),
        FootmanCommand::Doctor(args) => doctor::run(global, &args),
        FootmanCommand::TestSend(args) => test_send::run(global, &args),
        FootmanCommand::Preview(args) => preview::run(global, &args),
        FootmanCommand::Explain(args) => explain::run(global, &args),
        FootmanCommand::Replay(args) => replay::run(global, &args),
        FootmanCommand::Patterns(command) => patterns::run(global, &command),
        FootmanCommand::Incidents(args) => incidents::run(global, &args),
        FootmanCommand::Show(args) => show::run(global, &args),
        FootmanCommand::Acknowledge(args) => acknowledge::run(global, &args),
        FootmanCommand::Unacknowledge(args) => acknowledge::undo(global, &args),
        FootmanCommand::Note(args) => note::run(global, &args),
        FootmanCommand::Silence(command) => silence::run(global, &command),
        FootmanCommand::Outbox(command) => outbox::run(global, &command),
        FootmanCommand::Secret(command) => secret::run(global, &command),
        FootmanCommand::Teams(command) => teams::run(global, &command),
        FootmanCommand::Routes(command) => routes::run(global, &command),
        FootmanCommand::Status(args) => Ok(status::run(global, &args)),
        FootmanCommand::History(args) => history::run(global, &args),
        FootmanCommand::Stats(args) => stats::run(global, &args),
        FootmanCommand::Completions(args) => Ok(completions::run(&args)),
        FootmanCommand::Man(args) => man::run(&args),
    }
}

impl Global {
    fn settings(&self) -> (Settings, Vec<Problem>) {
        load(&Env::of_process(), &self.flags())
    }

    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            log_root: self.log_root.clone(),
            state_dir: self.state_dir.clone(),
        }
    }
}

/// Prints an error that the user can fix, with its hint.
fn refuse(why: &str, hint: &str) -> End {
    output::complaint(&format!("footman: {why}"));
    output::complaint(&format!("hint: {}", hint::complete(hint)));
    End::Problems
}

/// A small runtime: the agent has its own threads for the work.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")
}
