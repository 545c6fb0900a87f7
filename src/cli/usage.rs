//! I/O. Prints what is wrong with a command line; the reasons of the standard library are reworded.

use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::cli::End;
use crate::config::worded::unparsed;

/// Prints what a command line lacks.
pub(crate) fn missing(why: &str) -> End {
    eprintln!("error: {why}\n\nFor more information, try '--help'.");
    End::Usage
}

/// Prints the error, or the help that was asked for. Returns the exit code.
pub(crate) fn report(error: &clap::Error) -> ExitCode {
    if error.kind() == ErrorKind::ValueValidation {
        eprint!("{}", unparsed(&error.render().to_string()));
    } else {
        // It fails only if the reader is gone.
        error.print().ok();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
