//! I/O. `footman explain`: which patterns match a line, and why the others do not.

use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::agent::Setup;
use crate::cli::{End, Global, diagnose};
use crate::detect::explain::Because;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// The line as it stands in the log, or only its text; without it, standard input is read
    line: Option<String>,
    /// The log that it stands in, such as `System_Scheduler` or `Script`
    #[arg(long, value_name = "LOG")]
    log: Option<String>,
    /// Show all patterns, not only the nearest
    #[arg(long)]
    all: bool,
}

/// How many patterns that do not match are worth showing.
const NEAREST: usize = 5;

pub(in crate::cli) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, mut problems) = global.settings();
    let (setup, found) = Setup::compile(&settings, PathBuf::from("Log"))?;
    problems.extend(found);
    diagnose::print(&problems, false);
    let line = match &args.line {
        Some(line) => line.clone(),
        None => read_input()?,
    };
    let explanations = setup.detector().explain(line.trim_end(), args.log.as_deref());
    let (matching, others): (Vec<_>, Vec<_>) =
        explanations.iter().partition(|one| matches!(one.because, Because::Matches { .. }));
    for explanation in &matching {
        println!("matches  {:<28} {}", explanation.pattern, untried(&explanation.because));
    }
    if matching.is_empty() {
        println!("no pattern matches this line; the nearest:");
    }
    let shown = if args.all { others.len() } else { NEAREST };
    for explanation in others.iter().take(shown) {
        println!("no       {:<28} {}", explanation.pattern, explanation.because);
    }
    if others.len() > shown {
        println!("         and {} more, see --all", others.len() - shown);
    }
    Ok(End::Done)
}

/// What a line without columns leaves open.
fn untried(because: &Because) -> String {
    match because {
        Because::Matches { untried } if !untried.is_empty() => {
            format!("not tried, as the line has no columns: {}", untried.join(", "))
        }
        _ => String::new(),
    }
}

fn read_input() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("reading the line from standard input")?;
    Ok(text)
}
