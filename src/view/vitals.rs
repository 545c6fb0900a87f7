//! Pure. The condition of the agent in words: why it is not well, and what to do.

mod german;

use crate::clock::Timestamp;
use crate::config::Language;
use crate::render;
use crate::state::{self, NotAdvancing, Stall, Stalled, VitalsHint, VitalsReason};

/// The detail of a reader that hangs.
const HANGS: &str = "one turn of reading has not ended; a file or folder hangs, such as one on a \
                     share that does not answer";

/// How the reader of a sentence sees times.
pub type ShowTime<'t> = &'t dyn Fn(Timestamp) -> String;

/// Why the agent is not well.
pub fn reason(reason: &VitalsReason, language: Language, at: ShowTime<'_>) -> String {
    match language {
        Language::English => english(reason, at),
        Language::German => german::reason(reason, at),
    }
}

/// What to do about it.
pub fn advice(hint: VitalsHint, language: Language) -> &'static str {
    match language {
        Language::English => english_advice(hint),
        Language::German => german::advice(hint),
    }
}

/// What stalls and why; `why` is the text of the error, if there is one.
pub fn stall(what: Stalled, why: &str, language: Language) -> String {
    let (what, hangs) = match language {
        Language::English => (stalled(what), HANGS),
        Language::German => (german::stalled(what), german::HANGS),
    };
    let why = if why.is_empty() { hangs } else { why };
    format!("{what}: {why}")
}

/// What the agent waits for, with the problem of its log root.
pub fn waits_for(log_root: &str, problem: &str, language: Language) -> String {
    match language {
        Language::English => format!("waiting for the log root {log_root}: {problem}"),
        Language::German => format!("wartet auf den Protokollordner {log_root}: {problem}"),
    }
}

fn english_advice(hint: VitalsHint) -> &'static str {
    match hint {
        VitalsHint::MakeWritable => {
            "make the file system writable, or set state-dir to another one: nothing is read or \
             sent until the state can be written"
        }
        VitalsHint::MakeWritableThenStart => {
            "make the file system writable, or set state-dir to another one; then start the agent"
        }
        VitalsHint::RemoveCause => {
            "remove the cause; the agent then continues by itself, and nothing is lost"
        }
        VitalsHint::Start => "start `footman run`, or pass --state-dir",
        VitalsHint::MoveLockFile => "move it away; the agent creates its lock file itself",
        VitalsHint::OfError(todo) => todo,
    }
}

fn english(reason: &VitalsReason, at: ShowTime<'_>) -> String {
    match reason {
        VitalsReason::NoStateYet => {
            "it holds the lock of the state folder and has not created its state yet".to_owned()
        }
        VitalsReason::NotWatchingYet => {
            "it is starting and has not taken its positions in the logs yet".to_owned()
        }
        VitalsReason::Stalls(stalls) => joined(stalls, |it| since(it, Language::English, at)),
        VitalsReason::EndedAfter(stalls) => {
            format!(
                "it ended; before that, {}",
                joined(stalls, |it| since(it, Language::English, at))
            )
        }
        VitalsReason::Ended => "it ended unexpectedly".to_owned(),
        VitalsReason::ReadOnly => "the file system of the state folder is read-only".to_owned(),
        VitalsReason::NotAdvancing(parts) => {
            joined(parts, |it| not_advancing(it, Language::English, at))
        }
        VitalsReason::Silent { last, is_running } => {
            let last = last.map_or("none".to_owned(), |last| format!("at {}", at(last)));
            let begin = if *is_running { "its process is running, but " } else { "" };
            format!("{begin}its last sign of life was {last}")
        }
        VitalsReason::NeverRan { state_dir, is_read_only } => {
            let why = format!("no agent has run with the state folder {} yet", state_dir.display());
            let end = ", and none can: its file system is read-only";
            if *is_read_only { why + end } else { why }
        }
        VitalsReason::LockFile { path, fault } => {
            state::Error::Lock { path: path.clone(), fault: *fault }.to_string()
        }
        VitalsReason::Unreadable(error) => error.clone(),
    }
}

/// What stalls, since when and why.
fn since(it: &Stall, language: Language, at: ShowTime<'_>) -> String {
    let (what, since, hangs) = match language {
        Language::English => (stalled(it.what), "since", HANGS),
        Language::German => (german::stalled(it.what), "seit", german::HANGS),
    };
    let why = if it.why.is_empty() { hangs } else { &it.why };
    format!("{what} {since} {}: {why}", at(it.since))
}

fn stalled(what: Stalled) -> &'static str {
    match what {
        Stalled::Opening => "the state cannot be opened",
        Stalled::Writing => "the state cannot be written",
        Stalled::Reading => "reading the logs does not advance",
    }
}

fn not_advancing(part: &NotAdvancing, language: Language, at: ShowTime<'_>) -> String {
    match (part, language) {
        (NotAdvancing::Reading, Language::English) => stalled(Stalled::Reading).to_owned(),
        (NotAdvancing::Reading, Language::German) => german::stalled(Stalled::Reading).to_owned(),
        (NotAdvancing::LogRoot { path, fault }, _) => {
            waits_for(path, &render::file_problem(fault, language), language)
        }
        (
            NotAdvancing::Folder { path, fault, others }
            | NotAdvancing::File { path, fault, others },
            _,
        ) => {
            let (not_read, more) = match language {
                Language::English => ("logs are not read", format!(", and {others} more")),
                Language::German => {
                    ("Protokolle werden nicht gelesen", format!(", und {others} weitere"))
                }
            };
            let more = if *others == 0 { "" } else { &more };
            format!("{not_read}: {path}: {}{more}", render::file_problem(fault, language))
        }
        (NotAdvancing::NoFolders, Language::English) => {
            "none of the folders of Qlik Sense's logs exists".to_owned()
        }
        (NotAdvancing::NoFolders, Language::German) => {
            "keiner der Ordner mit Protokollen von Qlik Sense ist vorhanden".to_owned()
        }
        (NotAdvancing::Channel { channel, since, why }, _) => {
            let why = why.as_ref().map_or(String::new(), |why| format!(": {why}"));
            let since = at(*since);
            match language {
                Language::English => format!("cards for channel {channel} wait since {since}{why}"),
                Language::German => {
                    format!("Karten für den Kanal {channel} warten seit {since}{why}")
                }
            }
        }
        (NotAdvancing::Earlier(sentences), _) => sentences.clone(),
    }
}

fn joined<T>(all: &[T], worded: impl Fn(&T) -> String) -> String {
    all.iter().map(worded).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
