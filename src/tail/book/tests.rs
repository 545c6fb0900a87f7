use std::sync::Arc;

use super::*;
use crate::tail::Mark;

fn file() -> Followed {
    named("a.log")
}

fn named(name: &str) -> Followed {
    Followed::new((0, Box::from(OsStr::new(name))), 0)
}

fn watch() -> Watch {
    Watch {
        label: Arc::from("Trace"),
        folder: PathBuf::from("/logs"),
        names: globset::Glob::new("*.log").unwrap().compile_matcher(),
        lookback: 0.into(),
        subject: None,
    }
}

#[test]
fn checkpoints_of_unwatched_files_are_left_alone() {
    let checkpoint = |file, path: &str| Checkpoint {
        file: FileId(file),
        path: PathBuf::from(path),
        os_id: None,
        head: Mark::default(),
        tail: Mark::default(),
        offset: 10,
        lines: None,
        generation: 0,
    };
    let committed = vec![
        checkpoint(3, "/logs/a.log"),
        checkpoint(4, "/logs/a.dat"),
        checkpoint(7, "/elsewhere/a.log"),
    ];
    let mut book =
        Book::new(vec![watch()], Committed { checkpoints: committed, ..Committed::default() });
    assert_eq!(book.files.keys().copied().collect::<Vec<_>>(), [FileId(3)]);
    assert_eq!(book.add(file(), None), FileId(8), "numbers are never used twice");
}

#[test]
fn a_file_is_found_by_its_current_name_and_id() {
    let mut book = Book::new(vec![watch()], Committed::default());
    let (one, two) = (book.add(file(), Some((1, 10))), book.add(named("b.log"), Some((1, 20))));
    assert_eq!(book.file_at(0, OsStr::new("a.log")), Some(one));
    assert_eq!(book.with_id((1, 20)), [two]);

    book.identify(one, Some((1, 20)));
    assert_eq!(book.with_id((1, 20)), [one, two], "a second name, or an id that was given again");
    assert_eq!(book.with_id((1, 10)), []);

    book.rename(one, (0, Box::from(OsStr::new("b.log"))));
    assert_eq!(book.file_at(0, OsStr::new("b.log")), Some(one));
    assert_eq!(book.file_at(0, OsStr::new("a.log")), None);
    assert!(book.is_unlinked(two));

    book.forget(two);
    assert_eq!(book.file_at(0, OsStr::new("b.log")), Some(one), "the name is not taken from it");
    assert_eq!(book.with_id((1, 20)), [one]);
}

#[test]
fn unlinking_a_name_leaves_other_names_intact() {
    // Hashing is random, so some of these books place the two names close to each other.
    for _ in 0..1_000 {
        let mut book = Book::new(vec![watch()], Committed::default());
        let one = book.add(file(), None);
        book.unlink(&named("b.log").path(), one);
        assert_eq!(book.file_at(0, OsStr::new("a.log")), Some(one));
    }
}
