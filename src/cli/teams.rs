//! I/O. `footman teams flow`: writes the flows that keep threads or wait, and tests what a flow can
//! do.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::channels::flow::{Flow, FlowPlace, package};
use crate::channels::{OpenChannel, SendRequest};
use crate::cli::hint::{Refused, complete};
use crate::cli::test_send::{refuse_unknown, remedy};
use crate::cli::{End, Global, diagnose, output, runtime};
use crate::clock;
use crate::config::{ChannelKind, DEFAULT_CHANNEL, Settings};
use crate::detection::Kind;
use crate::engine::Engine;
use crate::outbox::{
    BETWEEN_UNANSWERED, BETWEEN_WRITES, Outcome, ThreadAnswer, ThreadMessage, ThreadWrite,
};
use crate::render::Card;

const UNSENT: &str = "nothing was sent";
/// The next steps after a flow was written.
const IMPORT: &str = "\
Import it in Power Automate: My flows, Import, Import Package (Legacy).
Choose a new connection to Microsoft Teams there, let Anyone trigger the flow,
save it, copy its URL, and turn it on.";
const THREADS_NEXT: &str = "\
docs/threads.md shows each step. Then:
  footman teams flow check";
const WAITING_NEXT: &str = "\
docs/waiting-cards.md shows each step. Write `waiting-card = true` in the section
of the channel with that URL. Then post a card with the button:
  footman test-send";

#[derive(clap::Subcommand)]
pub(crate) enum TeamsCommand {
    /// The flows that make one thread of each incident, or wait until somebody takes a card
    #[command(subcommand)]
    Flow(FlowCommand),
}

#[derive(clap::Subcommand)]
pub(crate) enum FlowCommand {
    /// Write a flow as a package for Power Automate
    Write(WriteArgs),
    /// Post a test thread through a channel, and show what its flow can do
    Check(CheckArgs),
}

#[derive(clap::Args)]
pub(crate) struct WriteArgs {
    /// The id of the team; a link to the channel has it, too
    #[arg(long, value_name = "ID")]
    team: Option<String>,
    /// The id of the channel, or the link that Teams copies
    #[arg(long, value_name = "ID|LINK")]
    channel: String,
    /// The flow that waits until somebody takes a card, in place of the one that keeps threads
    #[arg(long)]
    waiting: bool,
    /// The file to write [default: footman-threads.zip or footman-waiting.zip]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct CheckArgs {
    /// Which channel of the configuration
    #[arg(default_value = DEFAULT_CHANNEL)]
    channel: String,
}

pub(crate) fn run(global: &Global, command: &TeamsCommand) -> Result<End> {
    match command {
        TeamsCommand::Flow(FlowCommand::Write(args)) => write(args),
        TeamsCommand::Flow(FlowCommand::Check(args)) => check(global, args),
    }
}

fn write(args: &WriteArgs) -> Result<End> {
    let place = match &args.team {
        Some(team) => FlowPlace::parse(team, &args.channel),
        None => FlowPlace::of_link(&args.channel),
    };
    let place = place.map_err(|why| {
        let hint = "in Teams, open the menu … of the channel, choose \"Get link to channel\", and pass \
                    that link with --channel in quotes";
        Refused::new(format!("nothing was written: {why}"), hint)
    })?;
    let (flow, usual, then) = if args.waiting {
        (Flow::Waiting, "footman-waiting.zip", WAITING_NEXT)
    } else {
        (Flow::Threads, "footman-threads.zip", THREADS_NEXT)
    };
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(usual));
    let packed = packed(&package(flow, &place)).context("packing the flow")?;
    fs::write(&out, packed).with_context(|| format!("writing {}", shown(&out)))?;
    output::item(&format!("written: {}", shown(&out)));
    IMPORT.lines().chain(then.lines()).for_each(output::item);
    Ok(End::Done)
}

fn packed(files: &[(String, String)]) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}

fn check(global: &Global, args: &CheckArgs) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    if !problems.is_empty() {
        eprintln!("footman: {UNSENT}: the configuration has problems, see above");
        return Ok(End::Problems);
    }
    let Some(meant) = settings.channels.get(&args.channel) else {
        refuse_unknown(UNSENT, &args.channel, &settings);
        return Ok(End::Problems);
    };
    if meant.destination.kind() != ChannelKind::Flow {
        let what = format!("{UNSENT}: channel {} keeps no threads", args.channel);
        let hint = if meant.waiting_card {
            "its cards wait: `footman test-send` posts one with the button"
        } else {
            "write `kind = \"flow\"` in its section, with the webhook of the flow that `footman \
             teams flow write` wrote"
        };
        return Err(Refused::new(what, hint).into());
    }
    let channel = OpenChannel::open(&args.channel, meant, &settings.state_dir)
        .with_context(|| format!("opening channel {}", args.channel))?;
    let card = test_card(&settings, &args.channel);
    let test = Test { name: &args.channel, channel: &channel, card: &card };
    let answered = runtime()?.block_on(test.run());
    Ok(match answered {
        Ok(root) => found(root.as_deref()),
        Err(ThreadFailure::NotAccepted(outcome)) => {
            let why = outcome.why().unwrap_or_default();
            let what = format!("({}) did not accept it: {why}", meant.destination);
            failed(&args.channel, &what, complete(&remedy((&args.channel, meant), &outcome)))
        }
        Err(ThreadFailure::NewCard { what, step }) => {
            let what = format!("keeps no thread: its flow posted a new card in place of {what}");
            let hint = format!(
                "check the last run of the flow: the step Given_id must show the messageId of the \
                 request, and Post must take the step {step}; then look for what the import lost"
            );
            failed(&args.channel, &what, hint)
        }
    })
}

fn failed(channel: &str, what: &str, hint: impl std::fmt::Display) -> End {
    output::complaint(&format!("footman: channel {channel} {what}"));
    output::complaint(&format!("hint: {hint}"));
    End::Unreachable
}

fn test_card(settings: &Settings, channel: &str) -> Card {
    let (engine, problems) = Engine::compile(settings);
    diagnose::print(&problems, false);
    engine.renderer.sample_card(Kind::Test, &engine.site, clock::now(), channel)
}

/// A thread of three messages.
struct Test<'a> {
    name: &'a str,
    channel: &'a OpenChannel,
    card: &'a Card,
}

/// Why a flow keeps no thread.
enum ThreadFailure {
    NotAccepted(Outcome),
    /// The flow returned another root than that of the first card.
    NewCard {
        what: &'static str,
        step: &'static str,
    },
}

impl Test<'_> {
    /// The id of the root, if the flow returns it.
    async fn run(&self) -> Result<Option<String>, ThreadFailure> {
        let key = format!("{:016x}", clock::now().as_microsecond());
        let write = |message, root: Option<&String>| {
            let card = format!("test-{key}@{}", self.name).as_str().into();
            self.write(ThreadWrite { message, key: key.clone(), root: root.cloned(), card })
        };
        let (mut root, _) =
            write(ThreadMessage::Root { continues: None, may_exist: false }, None).await?;
        output::item("accepted: the first card");
        let wait = if root.is_some() { BETWEEN_WRITES } else { BETWEEN_UNANSWERED };
        for (message, what, step) in [
            (ThreadMessage::Update, "the same card, updated", "Update"),
            (ThreadMessage::Reply, "a reply", "Reply"),
        ] {
            tokio::time::sleep(wait).await;
            let (id, is_new) = write(message, root.as_ref()).await?;
            let is_other = root.as_ref().zip(id.as_ref()).is_some_and(|(root, id)| root != id);
            if is_new || is_other {
                return Err(ThreadFailure::NewCard { what, step });
            }
            output::item(&format!("accepted: {what}"));
            root = root.or(id);
        }
        Ok(root)
    }

    /// The id of the root, if the flow returns it, and whether the message began a thread.
    async fn write(&self, write: ThreadWrite) -> Result<(Option<String>, bool), ThreadFailure> {
        let is_reply = write.message == ThreadMessage::Reply;
        let card = if is_reply { &self.card.plain } else { &self.card.payload };
        let request = SendRequest {
            id: write.card.as_str(),
            created: clock::now(),
            card,
            possible_repeat: false,
        };
        match self.channel.send_in_thread(request, &write).await {
            (Outcome::Accepted { .. }, ThreadAnswer::Root { id, is_new }) => Ok((id, is_new)),
            (Outcome::Accepted { .. }, _) => Ok((None, false)),
            (outcome, _) => Err(ThreadFailure::NotAccepted(outcome)),
        }
    }
}

fn found(root: Option<&str>) -> End {
    let lines = if let Some(root) = root {
        format!(
            "by-id: the flow answers with the ids of its messages ({root})\n\
             Check that the channel has one test card with one reply."
        )
    } else {
        "by-search: the flow does not answer, so it looks for the card of an incident\n\
         among the newest messages of the channel; an older one begins a new thread.\n\
         Check that the channel has one test card with one reply. Three test cards\n\
         mean that the URL is that of another flow, which keeps no threads."
            .to_owned()
    };
    lines.lines().for_each(output::item);
    End::Done
}
