//! I/O. `footman init`: writes a commented configuration.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::cli::{End, Global};
use crate::config::EXAMPLE;
use crate::config::load::{Env, Flags, whereabouts};

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// Print it instead of writing a file
    #[arg(long)]
    print: bool,
}

pub(in crate::cli) fn run(global: &Global, args: &Args) -> Result<End> {
    if args.print {
        print!("{EXAMPLE}");
        return Ok(End::Done);
    }
    let flags = Flags { config: global.config.clone(), ..Flags::default() };
    let (path, _) = whereabouts(&Env::of_process(), &flags);
    write_new(&path)?;
    println!("wrote {}: every line is a comment, so nothing has changed yet", path.display());
    println!("next: `footman check`, then `footman test-send`");
    Ok(End::Done)
}

/// Never overwrites: what stands there may be the work of an evening.
fn write_new(path: &PathBuf) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
    }
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).with_context(|| {
            format!("writing {} (it is not overwritten if it exists; see --print)", path.display())
        })?;
    file.write_all(EXAMPLE.as_bytes()).with_context(|| format!("writing {}", path.display()))
}
