//! I/O. `footman man`: writes the manual pages for packages.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::cli::{End, command};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder that the pages are written into
    folder: PathBuf,
}

/// One page for the program and one for each visible command.
pub(crate) fn run(args: &Args) -> Result<End> {
    let failed = || format!("writing manual pages into {}", args.folder.display());
    fs::create_dir_all(&args.folder).with_context(failed)?;
    clap_mangen::generate_to(command(), &args.folder).with_context(failed)?;
    Ok(End::Done)
}
