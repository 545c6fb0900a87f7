//! I/O. `footman test-send`: posts the test card and says what the channel answered.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::agent::Setup;
use crate::cli::{End, Global, diagnose, runtime};
use crate::clock;
use crate::config::DEFAULT_CHANNEL;
use crate::deliver::Letter;
use crate::outbox::Outcome;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// Which channel
    #[arg(default_value = DEFAULT_CHANNEL)]
    channel: String,
}

pub(in crate::cli) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, mut problems) = global.settings();
    let log_root = settings.log_root.clone().unwrap_or_else(|| PathBuf::from("Log"));
    let (setup, found) = Setup::compile(&settings, log_root)?;
    problems.extend(found);
    diagnose::print(&problems, false);
    let channels = setup.open_channels()?;
    let Some(channel) = channels.get(&args.channel) else {
        let known: Vec<&str> = channels.keys().map(String::as_str).collect();
        bail!("there is no channel {}; there are: {}", args.channel, known.join(", "));
    };
    let now = clock::now();
    let card = setup.renderer().test_card(setup.site(), now, &args.channel);
    let id = format!("test-{}@{}", now.as_millisecond(), args.channel);
    let letter = Letter { id: &id, created: now, card: &card.payload, possible_repeat: false };
    let outcome = runtime()?.block_on(channel.send(letter));
    let destination =
        settings.channels.get(&args.channel).map(|channel| channel.destination.to_string());
    Ok(tell(&args.channel, destination.as_deref().unwrap_or_default(), &outcome))
}

fn tell(channel: &str, destination: &str, outcome: &Outcome) -> End {
    let why = match outcome {
        Outcome::Accepted { receipt } => {
            println!("channel {channel} ({destination}) took the test card");
            if let Some(receipt) = receipt {
                println!("run id {receipt}: search it in the flow's run history");
            }
            println!("accepted is not shown: look into the channel for the card with the bell");
            return End::Done;
        }
        Outcome::Retry { why, .. }
        | Outcome::Unreached { why }
        | Outcome::Unavailable { why }
        | Outcome::Refused { why }
        | Outcome::TooLarge { why }
        | Outcome::Rejected { why } => why,
    };
    eprintln!("footman: channel {channel} ({destination}) did not take the test card: {why}");
    End::Unreachable
}
