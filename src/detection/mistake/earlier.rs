//! Pure. Reads the sentences that earlier versions stored in place of values. These sentences are
//! what those versions wrote: they do not change with the messages of today.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use crate::config::{LogRootFault, ProblemKind};
use crate::detection::mistake::{FileMistake, MissingLogRoot};

/// A mistake as any version stored it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum StoredMistake {
    Now {
        file: String,
        kind: ProblemKind,
        #[serde(default)]
        at: Option<(usize, usize)>,
        #[serde(default)]
        key: Option<String>,
        #[serde(default)]
        more: usize,
    },
    Earlier {
        #[serde(alias = "why")]
        problem: String,
    },
}

impl From<StoredMistake> for FileMistake {
    fn from(stored: StoredMistake) -> Self {
        match stored {
            StoredMistake::Now { file, kind, at, key, more } => Self { file, kind, at, key, more },
            StoredMistake::Earlier { problem } => mistake(&problem),
        }
    }
}

/// The folder of the logs as any version stored it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum StoredRoot {
    Now {
        folder: String,
        fault: LogRootFault,
    },
    Earlier {
        why: String,
        #[serde(default)]
        place: Option<(String, LogRootFault)>,
    },
}

impl From<StoredRoot> for MissingLogRoot {
    fn from(stored: StoredRoot) -> Self {
        match stored {
            StoredRoot::Now { folder, fault }
            | StoredRoot::Earlier { place: Some((folder, fault)), .. } => Self { folder, fault },
            StoredRoot::Earlier { why, place: None } => root(&why),
        }
    }
}

/// `own.toml:3:5: unknown key `x` (and 2 more; run `footman check`)`.
pub(crate) fn mistake(sentence: &str) -> FileMistake {
    static PLACED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(.+?):(\d+):(\d+): (.*)$").expect("the regex is a literal"));
    static MORE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r" \(and (\d+) more; run `footman check`\)$").expect("the regex is a literal")
    });
    let more = MORE.captures(sentence);
    let n_more = more.as_ref().and_then(|found| found[1].parse().ok()).unwrap_or(0);
    let end = more.and_then(|found| found.get(0)).map_or(sentence.len(), |found| found.start());
    let sentence = &sentence[..end];
    let (file, at, message) = if let Some(found) = PLACED.captures(sentence) {
        let number = |n: usize| found[n].parse().unwrap_or(1);
        (found[1].to_owned(), Some((number(2), number(3))), found[4].to_owned())
    } else {
        let (file, message) = sentence.split_once(": ").unwrap_or((sentence, ""));
        (file.to_owned(), None, message.to_owned())
    };
    FileMistake { file, kind: kind(&message), at, key: None, more: n_more }
}

fn kind(message: &str) -> ProblemKind {
    const UNREADABLE: [&str; 4] =
        ["the file ", "the files are ", "the folder has more than ", "cannot list the folder "];
    const UNKNOWN: [&str; 7] = [
        "unknown channel `",
        "there is no channel `",
        "unknown pattern `",
        "unknown error class `",
        "unknown tenant `",
        "the folder ",
        "patterns/environments/",
    ];
    const MISSING: [&str; 2] = ["maintenance has no `", "escalation has no `"];
    const SYNTAX: [&str; 14] = [
        "not valid JSON: ",
        "this is not valid TOML: ",
        "the key has no value",
        "a key needs `=` and a value",
        "the head of the section is not closed",
        "the list is not closed",
        "a comma is missing",
        "the table is not closed",
        "the line continues after its value",
        "the text in ",
        "a key is missing",
        "there is an extra `=`",
        "the number cannot be read",
        "a backslash in double quotes",
    ];
    const SYNTAX_ENDS: [&str; 5] = [
        " is text without quotes",
        " is written twice",
        " holds a control character",
        " cannot be part of a key",
        " is not a valid date",
    ];
    let begins = |known: &[&str]| known.iter().any(|begin| message.starts_with(begin));
    if begins(&UNREADABLE) {
        ProblemKind::Unreadable
    } else if message.starts_with("unknown key `") {
        ProblemKind::UnknownKey
    } else if begins(&UNKNOWN) {
        ProblemKind::UnknownName
    } else if message.starts_with("invalid regex: ") {
        ProblemKind::Regex
    } else if begins(&SYNTAX) || SYNTAX_ENDS.iter().any(|end| message.ends_with(end)) {
        ProblemKind::Syntax
    } else if begins(&MISSING) || message.ends_with("` is missing") {
        ProblemKind::Missing
    } else {
        ProblemKind::Invalid
    }
}

/// `the log root /x does not exist`.
pub(crate) fn root(sentence: &str) -> MissingLogRoot {
    const ENDS: [(&str, LogRootFault); 4] = [
        (" does not exist", LogRootFault::Absent),
        (" is not a folder", LogRootFault::NotAFolder),
        (" is empty", LogRootFault::Empty),
        (" holds no logs of Qlik Sense", LogRootFault::Foreign),
    ];
    let rest = sentence.strip_prefix("the log root ").unwrap_or(sentence);
    if let Some((folder, why)) = rest.split_once(" cannot be listed: ") {
        let fault = LogRootFault::Unreadable(why.to_owned().into());
        return MissingLogRoot { folder: folder.to_owned(), fault };
    }
    let found = ENDS.into_iter().find_map(|(end, fault)| Some((rest.strip_suffix(end)?, fault)));
    let (folder, fault) = found.unwrap_or((rest, LogRootFault::Absent));
    MissingLogRoot { folder: folder.to_owned(), fault }
}
