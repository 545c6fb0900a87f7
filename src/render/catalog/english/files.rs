//! Pure. What is wrong with files and folders, in English.

use crate::config::{LogRootFault, ProblemKind, SystemError, SystemErrorKind, worded};
use crate::detection::FileMistake;
use crate::render::catalog::Files;
use crate::render::catalog::english::English;
use crate::tail::FileFault;

impl Files for English {
    fn file_problem(&self, fault: &FileFault) -> String {
        match fault {
            FileFault::UnreadableFile(error) => format!(
                "cannot read this log file ({}); {}; Footman keeps trying",
                system_error(error),
                remedy(error)
            ),
            FileFault::UnreadableFolder(error) => unlisted(error, remedy(error)),
            FileFault::VanishedFolder(error) => unlisted(
                error,
                "check that its share or disk is connected; lines written in the meantime are \
                 read when the folder is back",
            ),
            FileFault::MissingFolder(error) => {
                unlisted(error, "it is followed as soon as it appears")
            }
            FileFault::NoLogRoot { fault, holds } => {
                let what = match fault {
                    LogRootFault::Absent => "it does not exist",
                    LogRootFault::NotAFolder => "it is not a folder",
                    LogRootFault::Empty => "it is empty",
                    LogRootFault::Unreadable(error) => system_error(error),
                    LogRootFault::Foreign => {
                        let holds = holds.join(", ");
                        &format!("it holds no folder of Qlik Sense's logs, only {holds}")
                    }
                };
                format!("{what}; it is followed as soon as there are logs in it")
            }
            FileFault::NoContent => "this log file has ended in NUL bytes for a minute; lines \
                                     behind them are read as soon as the space is filled or \
                                     overwritten"
                .to_owned(),
            FileFault::Truncated => "this log file was shortened or rewritten before its end was \
                                     read; it is read again from the top, and lines written just \
                                     before that may be lost"
                .to_owned(),
            FileFault::UnknownLayout { log } => format!(
                "the first line of this {log} log names no columns that Footman knows; send it to \
                 the maintainers; until then the lines of this log are matched as plain text"
            ),
        }
    }
}

fn unlisted(error: &SystemError, remedy: &str) -> String {
    format!("cannot list this log folder ({}); {remedy}", system_error(error))
}

/// What to do about a file or folder that cannot be opened.
fn remedy(error: &SystemError) -> &'static str {
    match error {
        SystemError::Known(SystemErrorKind::TooManyOpenFiles) => {
            "this process has too many open files and connections: close browser pages that are \
             not needed, or raise ulimit -n (LimitNOFILE of the unit)"
        }
        _ => "give the account of this service read access",
    }
}

/// `own.toml:3:5: unknown key “x” (run “footman check” for details)`.
pub(crate) fn mistake(mistake: &FileMistake) -> String {
    let key = mistake.key.as_ref().map(|key| format!("“{key}”"));
    let what = match (mistake.kind, key) {
        (ProblemKind::Unreadable, _) => "cannot be read".to_owned(),
        (ProblemKind::Syntax, _) => "invalid syntax".to_owned(),
        (ProblemKind::UnknownKey, Some(key)) => format!("unknown key {key}"),
        (ProblemKind::UnknownKey, None) => "unknown key".to_owned(),
        (ProblemKind::Missing, _) => "a required value is missing".to_owned(),
        (ProblemKind::UnknownName, Some(key)) => {
            format!("{key} names something that does not exist")
        }
        (ProblemKind::UnknownName, None) => "names something that does not exist".to_owned(),
        (ProblemKind::Regex, Some(key)) => format!("{key} is not a valid regex"),
        (ProblemKind::Regex, None) => "invalid regex".to_owned(),
        (ProblemKind::Invalid, Some(key)) => format!("{key} is not valid"),
        (ProblemKind::Invalid, None) => "not valid".to_owned(),
    };
    let more = match mistake.more {
        0 => String::new(),
        n => format!("and {n} more; "),
    };
    format!("{}: {what} ({more}run “footman check” for details)", mistake.place())
}

pub(crate) fn system_error(error: &SystemError) -> &str {
    worded::of_system(error)
}
