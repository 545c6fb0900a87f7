//! I/O. `footman check`: judges what a person wrote, all of it at once.

use crate::cli::{End, Global, diagnose, status};
use crate::config::Settings;
use crate::detect::samples;
use crate::engine::{self, Engine};
use crate::state::Reader;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// One JSON object for each problem
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(global: &Global, args: &Args) -> End {
    let (settings, mut problems) = global.settings();
    let (engine, found) = Engine::compile(&settings);
    problems.extend(found);
    problems.extend(settings.absent.clone());
    let (packs, _) = engine::packs(&settings);
    problems.extend(samples::check(&packs, &settings.timezone));
    diagnose::print(&problems, args.json);
    if problems.is_empty() && !args.json {
        print_summary(&settings, &engine);
    }
    if problems.is_empty() { End::Done } else { End::Problems }
}

fn print_summary(settings: &Settings, engine: &Engine) {
    let detector = &engine.detector;
    println!("configuration  {}", settings.written.file);
    println!("environment    {}", settings.environment.as_deref().unwrap_or("none"));
    match &settings.log_root {
        Some(root) => println!("log root       {}", root.display()),
        None => {
            println!("log root       not found: this is not a Qlik Sense node; pass --log-root");
        }
    }
    println!("state          {}", settings.state_dir.display());
    println!("patterns       {}", detector.patterns().len());
    for (name, channel) in &settings.channels {
        println!("channel        {name}: {}", channel.destination);
    }
    for name in detector.slow_patterns() {
        println!("note           pattern {name} has no literal text to search for and is slow");
    }
    for note in &settings.notes {
        println!("note           {note}");
    }
    let pending = Reader::open(&settings.state_dir).and_then(|reader| reader.pending());
    for (channel, n) in status::stranded(settings, &pending.unwrap_or_default()) {
        println!(
            "note           {n} pending for channel {channel}, which is not configured; they are \
             sent when it is configured again"
        );
    }
    println!("no problems found");
}
