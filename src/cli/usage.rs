//! I/O. Prints what is wrong with a command line; the reasons of the standard library are reworded.

use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::config::worded::unparsed;

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
