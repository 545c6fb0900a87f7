//! I/O. `footman completions`.

use clap_complete::Shell;

use crate::cli::{End, output};

#[derive(clap::Args)]
pub(crate) struct Args {
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> End {
    let mut command = crate::cli::command();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "footman", &mut script);
    output::text(&script);
    End::Done
}
