//! I/O. `footman patterns suggest`: patterns for unmatched warnings and errors in old logs.

use std::path::PathBuf;

use anyhow::Result;

use crate::cli::output::counted;
use crate::cli::replay::{no_logs, progress};
use crate::cli::{End, Global, diagnose};
use crate::engine::Engine;
use crate::qlik::folders::SCRIPT;
use crate::replay::files::{find, walk};
use crate::replay::shapes::Shapes;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folders, log files, `.gz` or `.zip` of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only shapes seen at least N times
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    at_least: u64,
    /// How many, the most frequent first
    #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
    limit: usize,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, mut problems) = global.settings();
    let (engine, found) = Engine::compile(&settings);
    problems.extend(found);
    diagnose::print(&problems, false);
    let files = find(&args.paths)?;
    let bar = progress(&files);
    let mut shapes = Shapes::new(&engine.detector);
    let walk = walk(&files, &bar, &|log| log != SCRIPT, &mut |block| shapes.learn(block));
    bar.finish_and_clear();
    for problem in &walk.problems {
        eprintln!("{}: {}", problem.path.display(), problem.detail);
    }
    if walk.n_logs == 0 {
        return Err(no_logs(&args.paths).into());
    }
    let frequent: Vec<_> =
        shapes.most_first().into_iter().filter(|shape| shape.n >= args.at_least).collect();
    let (logs, shapes) = (usize::try_from(walk.n_logs).unwrap_or(usize::MAX), frequent.len());
    println!("# {}; {} that no pattern knows", counted(logs, "log"), counted(shapes, "shape"));
    for shape in frequent.iter().take(args.limit) {
        println!("\n{}", shape.pattern());
    }
    Ok(End::Done)
}
