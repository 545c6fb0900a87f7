//! I/O. `footman teams flow`: writes the flows that keep threads or wait, and finds out what one can do.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::channels::flow::{Flow, Place, package};
use crate::channels::{Channel, SendRequest};
use crate::cli::hint::{Refused, complete};
use crate::cli::test_send::{refuse_unknown, remedy};
use crate::cli::{End, Global, diagnose, output, runtime};
use crate::clock;
use crate::config::{ChannelKind, DEFAULT_CHANNEL, Settings};
use crate::detection::Kind;
use crate::engine::Engine;
use crate::outbox::{Outcome, ThreadAnswer, ThreadMessage, ThreadWrite};
use crate::render::Card;

/// As long as the agent waits between two messages of one thread.
const BETWEEN_WRITES: Duration = Duration::from_secs(3);
const UNSENT: &str = "nothing was sent";
/// What follows after a flow was written.
const IMPORT: &str = "\
Import it in Power Automate: My flows, Import, Import Package (Legacy).
Choose a new connection to Microsoft Teams there, turn the flow on, let Anyone
trigger it, and copy its URL.";
const THREADS_NEXT: &str = "\
docs/threads.md shows each step. Then:
  footman teams flow check";
const WAITING_NEXT: &str = "\
docs/waiting-cards.md shows each step. Write `waiting-card = true` in the section
of the channel with that URL. Then post a card with the button:
  footman test-send";

#[derive(clap::Subcommand)]
pub(crate) enum Command {
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

pub(crate) fn run(global: &Global, command: &Command) -> Result<End> {
    match command {
        Command::Flow(FlowCommand::Write(args)) => write(args),
        Command::Flow(FlowCommand::Check(args)) => check(global, args),
    }
}

fn write(args: &WriteArgs) -> Result<End> {
    let place = match &args.team {
        Some(team) => Place::parse(team, &args.channel),
        None => Place::of_link(&args.channel),
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
    let channel = Channel::open(&args.channel, meant, &settings.state_dir)
        .with_context(|| format!("opening channel {}", args.channel))?;
    let card = test_card(&settings, &args.channel);
    let test = Test { name: &args.channel, channel: &channel, card: &card };
    let answered = runtime()?.block_on(test.run());
    Ok(match answered {
        Ok(root) => found(root.as_deref()),
        Err(outcome) => {
            let why = outcome.why().unwrap_or_default();
            output::complaint(&format!(
                "footman: channel {} ({}) did not accept it: {why}",
                args.channel, meant.destination
            ));
            let hint = complete(remedy(&meant.destination, &outcome, why));
            output::complaint(&format!("hint: {hint}"));
            End::Unreachable
        }
    })
}

fn test_card(settings: &Settings, channel: &str) -> Card {
    let (engine, problems) = Engine::compile(settings);
    diagnose::print(&problems, false);
    engine.renderer.sample_card(Kind::Test, &engine.site, clock::now(), channel)
}

/// A thread of three messages.
struct Test<'a> {
    name: &'a str,
    channel: &'a Channel,
    card: &'a Card,
}

impl Test<'_> {
    /// The id of the root, if the flow returns it.
    async fn run(&self) -> Result<Option<String>, Outcome> {
        let key = format!("{:016x}", clock::now().as_microsecond());
        let mut root = None;
        for (message, what) in [
            (ThreadMessage::Root { continues: None }, "the first card"),
            (ThreadMessage::Update, "the same card, updated"),
            (ThreadMessage::Reply, "a reply"),
        ] {
            if message != (ThreadMessage::Root { continues: None }) {
                tokio::time::sleep(BETWEEN_WRITES).await;
            }
            let id = format!("test-{key}@{}", self.name);
            let is_reply = message == ThreadMessage::Reply;
            let card = if is_reply { &self.card.plain } else { &self.card.payload };
            let request =
                SendRequest { id: &id, created: clock::now(), card, possible_repeat: false };
            let card = id.as_str().into();
            let write = ThreadWrite { message, key: key.clone(), root: root.clone(), card };
            match self.channel.send_in_thread(request, &write).await {
                (Outcome::Accepted { .. }, answer) => {
                    output::item(&format!("accepted: {what}"));
                    if let ThreadAnswer::Root { id: Some(id), .. } = answer {
                        root = Some(id);
                    }
                }
                (outcome, _) => return Err(outcome),
            }
        }
        Ok(root)
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
