//! I/O. What commands print, to someone who may stop reading at any time.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write as _};

/// Prints one line.
pub(super) fn line(words: Arguments<'_>) {
    end_on_error(writeln!(io::stdout().lock(), "{words}"));
}

/// Prints a whole text as it is.
pub(super) fn text(text: &[u8]) {
    end_on_error(io::stdout().lock().write_all(text));
}

/// Whoever closes the pipe (`footman status | head -1`) has what they wanted: the command ends
/// quietly. An output that cannot be written, as on a full disk, ends it with an error.
#[expect(
    clippy::exit,
    reason = "no command has anything left to do when its output has nowhere to go"
)]
fn end_on_error(written: io::Result<()>) {
    let Err(error) = written else { return };
    if error.kind() == ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    eprintln!("footman: writing the output: {error}");
    std::process::exit(1);
}
