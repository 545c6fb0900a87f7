use super::*;

fn problem(path: &str, reason: FileProblemReason) -> FileProblem {
    FileProblem { path: path.into(), reason, lasts: true, detail: String::new() }
}

fn hides(problems: &[(&str, FileProblemReason)]) -> bool {
    let mut known = FileProblems::default();
    let problems = problems.iter().map(|(path, reason)| problem(path, *reason)).collect();
    known.apply(Timestamp::UNIX_EPOCH, &Batch { problems, ..Batch::default() });
    known.hidden_logs(&["a".into(), "b".into()].into()).is_some()
}

#[test]
fn logs_are_hidden_by_a_missing_root_an_unreadable_folder_or_if_no_folder_is_there() {
    use FileProblemReason::{
        MissingFolder, NoLogRoot, UnreadableFile, UnreadableFolder, VanishedFolder,
    };
    assert!(!hides(&[]));
    assert!(hides(&[("root", NoLogRoot)]));
    assert!(hides(&[("a", UnreadableFolder)]));
    assert!(!hides(&[("a/1.txt", UnreadableFile)]), "one file of many");
    assert!(!hides(&[("a", MissingFolder)]), "few nodes run every service");
    assert!(!hides(&[("a", VanishedFolder)]), "a service may have been removed");
    assert!(hides(&[("a", VanishedFolder), ("b", VanishedFolder)]), "the share is gone");
    assert!(hides(&[("a", MissingFolder), ("b", VanishedFolder)]));
}

#[test]
fn folders_that_are_back_hide_nothing() {
    let mut known = FileProblems::default();
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
