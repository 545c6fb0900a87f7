use super::*;
use crate::config::{LogRootFault, SystemError, SystemErrorKind};
use crate::state::LockFault;
use crate::tail::FileFault;

const SINCE: &str = "2026-11-27T05:12:03Z";

fn since() -> Timestamp {
    SINCE.parse().unwrap()
}

fn parts() -> Vec<NotAdvancing> {
    let denied = || SystemError::Known(SystemErrorKind::PermissionDenied);
    let fault = FileFault::NoLogRoot { fault: LogRootFault::Absent, holds: Vec::new() };
    vec![
        NotAdvancing::Reading,
        NotAdvancing::LogRoot { path: "root".to_owned(), fault },
        NotAdvancing::Folder {
            path: "folder".to_owned(),
            fault: FileFault::UnreadableFolder(denied()),
            others: 2,
        },
        NotAdvancing::File {
            path: "file".to_owned(),
            fault: FileFault::UnreadableFile(denied()),
            others: 0,
        },
        NotAdvancing::NoFolders,
        NotAdvancing::Channel {
            channel: "ops".to_owned(),
            since: since(),
            why: Some("429 x".to_owned()),
        },
        NotAdvancing::Channel { channel: "night".to_owned(), since: since(), why: None },
    ]
}

#[test]
fn what_does_not_advance_is_stored_as_values_and_worded_with_the_times_of_its_reader() {
    let note = NotAdvancing::note(&parts());
    assert!(!note.contains("wait since") && !note.contains("is denied"), "{note}");
    assert_eq!(NotAdvancing::list(&note), parts());
    let stored = VitalsReason::NotAdvancing(NotAdvancing::list(&note));
    let english = reason(&stored, Language::English, &|_| "5 past".to_owned());
    for text in [
        "reading the logs does not advance; waiting for the log root root: it does not exist; ",
        "logs are not read: folder: cannot list this log folder (access is denied); ",
        ", and 2 more; logs are not read: file: cannot read this log file (access is denied); ",
        "; none of the folders of Qlik Sense's logs exists; ",
        "; cards for channel ops wait since 5 past: 429 x; ",
        "; cards for channel night wait since 5 past",
    ] {
        assert!(english.contains(text), "{text}\n{english}");
    }
    let german = reason(&stored, Language::German, &|at| at.to_string());
    for text in [
        "das Lesen der Protokolle kommt nicht voran; wartet auf den Protokollordner root: der ",
        ", und 2 weitere; Protokolle werden nicht gelesen: file: diese Protokolldatei",
        "Karten für den Kanal ops warten seit 2026-11-27T05:12:03Z: 429 x; ",
    ] {
        assert!(german.contains(text), "{text}\n{german}");
    }
}

#[test]
fn a_note_of_an_earlier_version_is_shown_as_it_is() {
    let earlier = format!("cards for channel ops wait since {SINCE}: 429 x");
    let stored = NotAdvancing::list(&earlier);
    assert_eq!(stored, [NotAdvancing::Earlier(earlier.clone())]);
    for language in Language::ALL {
        let shown = reason(&VitalsReason::NotAdvancing(stored.clone()), language, &|_| {
            "another time".to_owned()
        });
        assert_eq!(shown, earlier);
    }
    assert_eq!((NotAdvancing::list(""), NotAdvancing::note(&[])), (Vec::new(), String::new()));
}

#[test]
fn every_reason_and_every_advice_is_worded_in_each_language() {
    let stall = |what, why: &str| Stall { what, since: since(), why: why.to_owned() };
    let stalls = || {
        let kinds = [Stalled::Opening, Stalled::Writing, Stalled::Reading];
        kinds.map(|what| stall(what, if what == Stalled::Reading { "" } else { "x" })).to_vec()
    };
    let silent = |last, is_running| VitalsReason::Silent { last, is_running };
    let never_ran = |is_read_only| VitalsReason::NeverRan { state_dir: "dir".into(), is_read_only };
    let lock_file = |fault| VitalsReason::LockFile { path: "state.lock".into(), fault };
    let reasons = [
        VitalsReason::NoStateYet,
        VitalsReason::NotWatchingYet,
        VitalsReason::Stalls(stalls()),
        VitalsReason::EndedAfter(stalls()),
        VitalsReason::Ended,
        VitalsReason::ReadOnly,
        VitalsReason::NotAdvancing(parts()),
        silent(None, true),
        silent(Some(since()), false),
        never_ran(false),
        never_ran(true),
        lock_file(LockFault::Folder),
        lock_file(LockFault::Special),
        lock_file(LockFault::DeadLink),
    ];
    for one in &reasons {
        let [english, german] = Language::ALL.map(|it| reason(one, it, &|at| at.to_string()));
        assert!(!english.is_empty() && english != german, "{one:?}: {english}");
        let names_time = |text: &String| text.contains(SINCE);
        assert_eq!(names_time(&english), names_time(&german), "{english}\n{german}");
    }
    for hint in [
        VitalsHint::MakeWritable,
        VitalsHint::MakeWritableThenStart,
        VitalsHint::MoveLockFile,
        VitalsHint::RemoveCause,
        VitalsHint::Start,
    ] {
        assert_ne!(advice(hint, Language::English), advice(hint, Language::German));
    }
}
