use super::*;
use crate::config::{LogRootFault, SystemError, SystemErrorKind};

fn problem(path: &str, reason: FileProblemReason) -> FileProblem {
    let error = SystemError::Known(SystemErrorKind::PermissionDenied);
    let fault = match reason {
        FileProblemReason::UnreadableFolder => FileFault::UnreadableFolder(error),
        FileProblemReason::UnreadableFile => FileFault::UnreadableFile(error),
        FileProblemReason::VanishedFolder => FileFault::VanishedFolder(error),
        FileProblemReason::MissingFolder => FileFault::MissingFolder(error),
        FileProblemReason::NoLogRoot => {
            FileFault::NoLogRoot { fault: LogRootFault::Absent, holds: Vec::new() }
        }
        FileProblemReason::NoContent => FileFault::NoContent,
        FileProblemReason::Truncated => FileFault::Truncated,
        FileProblemReason::UnknownLayout => FileFault::UnknownLayout { log: "x".to_owned() },
    };
    assert_eq!(fault.reason(), reason);
    FileProblem { path: path.into(), fault, lasts: true }
}

#[test]
fn problems_are_stored_as_values_and_worded_in_the_language_of_the_reader() {
    let mut known = CurrentProblems::default();
    let problems = vec![problem("a", FileProblemReason::UnreadableFile)];
    known.apply(Timestamp::UNIX_EPOCH, &Batch { problems, ..Batch::default() });
    assert!(!known.json().contains("denied)"), "{}", known.json());
    let stored: Vec<Current> = serde_json::from_str(&known.json()).unwrap();
    let [english, german] = Language::ALL.map(|language| stored[0].detail(language));
    assert!(english.contains("(access is denied); give the account"), "{english}");
    assert!(german.contains("(Zugriff verweigert); geben Sie"), "{german}");
    let shown = stored[0].shown(Language::German);
    assert_eq!((&shown["path"], &shown["reason"]), (&"a".into(), &"unreadable-file".into()));
    assert_eq!(shown["detail"], german);
}

#[test]
fn a_fault_that_was_stored_beside_its_reason_is_read() {
    let earlier = r#"[{"path":"a","reason":"no-content","fault":"no-content","since":"1970-01-01T00:00:00Z"}]"#;
    let stored: Vec<Current> = serde_json::from_str(earlier).unwrap();
    assert_eq!(stored[0].fault, CurrentFault::Typed { fault: FileFault::NoContent });
    assert!(stored[0].is_of(FileProblemReason::NoContent));
    assert_eq!(stored[0].shown(Language::English)["reason"], "no-content");
}

#[test]
fn problems_of_an_earlier_version_keep_their_sentence() {
    let earlier = r#"[{"path":"a","reason":"no-content","detail":"it is hollow","since":"1970-01-01T00:00:00Z"}]"#;
    let stored: Vec<Current> = serde_json::from_str(earlier).unwrap();
    assert_eq!(stored[0].detail(Language::German), "it is hollow");
    assert!(stored[0].is_of(FileProblemReason::NoContent));
}

fn hides(problems: &[(&str, FileProblemReason)]) -> bool {
    let mut known = CurrentProblems::default();
    let problems = problems.iter().map(|(path, reason)| problem(path, *reason)).collect();
    known.apply(Timestamp::UNIX_EPOCH, &Batch { problems, ..Batch::default() });
    known.hidden_logs(&["a".into(), "b".into()].into()).is_some()
}

#[test]
fn logs_are_hidden_by_a_missing_root_an_unreadable_folder_or_file_or_if_no_folder_is_there() {
    use FileProblemReason::{
        MissingFolder, NoLogRoot, UnreadableFile, UnreadableFolder, VanishedFolder,
    };
    assert!(!hides(&[]));
    assert!(hides(&[("root", NoLogRoot)]));
    assert!(hides(&[("a", UnreadableFolder)]));
    assert!(hides(&[("a/1.txt", UnreadableFile)]), "what is in it is not known");
    assert!(!hides(&[("a", MissingFolder)]), "few nodes run every service");
    assert!(!hides(&[("a", VanishedFolder)]), "a service may have been removed");
    assert!(hides(&[("a", VanishedFolder), ("b", VanishedFolder)]), "the share is gone");
    assert!(hides(&[("a", MissingFolder), ("b", VanishedFolder)]));
}

#[test]
fn a_folder_that_does_not_exist_is_no_longer_unreadable() {
    use FileProblemReason::{MissingFolder, UnreadableFolder, VanishedFolder};
    let folders = ["a".into(), "b".into()].into();
    for (gone, shown) in [(MissingFolder, 0), (VanishedFolder, 1)] {
        let mut known = CurrentProblems::default();
        let mut apply = |reason| {
            let problems = vec![problem("a", reason)];
            known.apply(Timestamp::UNIX_EPOCH, &Batch { problems, ..Batch::default() });
            let stored: Vec<Current> = serde_json::from_str(&known.json()).unwrap();
            (known.hidden_logs(&folders).is_some(), stored.len())
        };
        assert_eq!(apply(gone), (false, shown));
        assert_eq!(apply(UnreadableFolder), (true, 1));
        assert_eq!(apply(gone), (false, shown), "{}", gone.name());
    }
}

#[test]
fn a_folder_that_is_unreadable_now_is_not_missing() {
    use FileProblemReason::{MissingFolder, UnreadableFolder};
    let mut known = CurrentProblems::default();
    for reason in [MissingFolder, UnreadableFolder] {
        let problems = vec![problem("a", reason)];
        known.apply(Timestamp::UNIX_EPOCH, &Batch { problems, ..Batch::default() });
    }
    assert!(known.missing.is_empty());
}

#[test]
fn folders_that_are_back_hide_nothing() {
    let mut known = CurrentProblems::default();
    let gone = vec![problem("a", FileProblemReason::VanishedFolder)];
    known.apply(Timestamp::UNIX_EPOCH, &Batch { problems: gone, ..Batch::default() });
    let folders = ["a".into()].into();
    assert!(known.hidden_logs(&folders).is_some());
    known.apply(Timestamp::UNIX_EPOCH, &Batch { resolved: vec!["a".into()], ..Batch::default() });
    assert!(known.hidden_logs(&folders).is_none());
    assert!(
        known.hidden_logs(&BTreeSet::new()).is_none(),
        "nothing is followed, so nothing is hidden"
    );
}
