use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::tail::book::AppliedMove;
use crate::tail::disk::OpenFile;
use crate::tail::{Committed, Watch};

const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);
const ROWS: &str = "header\n1\tone\n2\ttwo\n";

/// A file on disk: name, id and text.
type Entry<'a> = (&'a str, u64, &'a str);
/// The case, the files before and after, and the expected moves.
type Row<'a> = (&'a str, &'a [Entry<'a>], &'a [Entry<'a>], &'a [&'a str]);

/// A folder and its book. Files are numbered #1, #2… in the order in which they appeared.
struct Scene {
    known: Book,
    disk: InMemory,
    start: Start,
}

/// The current files in the folder.
#[derive(Default)]
struct InMemory {
    files: BTreeMap<String, Content>,
    /// Files that are still open from their last turn.
    open: Vec<FileId>,
}

#[derive(Clone)]
struct Content {
    id: u64,
    text: Vec<u8>,
}

impl OpenFile for Content {
    fn stat(&self) -> io::Result<FileStat> {
        Ok(FileStat { len: self.text.len() as u64, modified: None, inode: Some(self.id) })
    }

    fn os_id(&self) -> io::Result<Option<OsId>> {
        Ok(Some((1, self.id)))
    }

    fn read(&mut self, from: u64, len: usize, onto: &mut Vec<u8>) -> io::Result<()> {
        let from = usize::try_from(from).unwrap().min(self.text.len());
        onto.extend_from_slice(&self.text[from..(from + len).min(self.text.len())]);
        Ok(())
    }
}

impl InMemory {
    fn content(&self, path: &Path) -> io::Result<&Content> {
        let name = path.file_name().unwrap().to_string_lossy();
        self.files.get(&*name).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Evidence for InMemory {
    fn open_unknown(&mut self, _: &WatchedPath, path: &Path) -> Option<OpenedFile> {
        self.open(path)
    }

    fn open(&mut self, path: &Path) -> Option<OpenedFile> {
        OpenedFile::of(Box::new(self.content(path).ok()?.clone())).ok()
    }

    fn stat(&mut self, path: &Path) -> io::Result<FileStat> {
        self.content(path)?.stat()
    }

    fn is_open(&self, file: FileId) -> bool {
        self.open.contains(&file)
    }
}

impl Scene {
    fn new(start: Start, was_followed: bool) -> Scene {
        let folder = PathBuf::from("logs");
        let names = globset::Glob::new("*.log").unwrap().compile_matcher();
        let watch = Watch {
            label: Arc::from("Trace"),
            folder: folder.clone(),
            names,
            lookback: 0.into(),
            subject: None,
        };
        let folders = was_followed.then_some(folder).into_iter().collect();
        let known = Book::new(vec![watch], Committed { folders, ..Committed::default() });
        Scene { known, disk: InMemory::default(), start }
    }

    /// A folder with these files, all read to the end.
    fn read(entries: &[Entry<'_>]) -> Scene {
        let mut scene = Scene::new(Start::Beginning, true);
        scene.show(entries);
        for (name, _, _) in entries {
            let at = (0, Box::from(OsStr::new(name)));
            let context =
                ReconcileContext { known: &scene.known, ends: None, disk: &mut scene.disk };
            let mut source = context.disk.open(&context.known.path(&at)).unwrap();
            let end = source.stat.len;
            let appeared = context.appeared_at(&at, &mut source, end).unwrap().unwrap();
            scene.known.apply(Move::Appeared(appeared), NOW);
        }
        scene
    }

    /// Replaces the files in the folder with these.
    fn show(&mut self, entries: &[Entry<'_>]) {
        let content = |id, text: &str| Content { id, text: text.as_bytes().to_vec() };
        let files = entries.iter().map(|(name, id, text)| ((*name).into(), content(*id, text)));
        self.disk.files = files.collect();
    }

    /// The moves found when the folder has these files, one per line.
    fn moves(&mut self, entries: &[Entry<'_>]) -> Vec<String> {
        self.show(entries);
        let names = self.disk.files.keys().map(|name| Box::from(OsStr::new(name)));
        let unknown = names.filter(|name| self.known.file_at(0, name).is_none()).collect();
        let suspects = self.known.files_in(0);
        let mut context = ReconcileContext { known: &self.known, ends: None, disk: &mut self.disk };
        let mut search =
            Reconciliation::begin(0, unknown, suspects, &mut context, (self.start, NOW));
        let mut moves = Vec::new();
        while let Some(found) = search.next(&mut ReconcileContext {
            known: &self.known,
            ends: None,
            disk: &mut self.disk,
        }) {
            let mut line = describe(&found);
            if let AppliedMove::New { file, .. } = self.known.apply(found, NOW) {
                line = format!("#{} {line}", file.0);
            }
            moves.push(line);
        }
        moves
    }

    fn filled(&mut self, file: i64, entries: &[Entry<'_>]) -> Filled {
        self.show(entries);
        let path = self.known.path_of(FileId(file)).unwrap();
        let mut source = self.disk.open(&path).unwrap();
        let mut context = ReconcileContext { known: &self.known, ends: None, disk: &mut self.disk };
        filled(FileId(file), &mut source, &mut context)
    }
}

fn describe(found: &Move) -> String {
    let name = |at: &WatchedPath| at.1.to_string_lossy().into_owned();
    match found {
        Move::Renamed { file, to, .. } => format!("#{} renamed to {}", file.0, name(to)),
        Move::SecondName { at, displaced: None } => format!("{} is a second name", name(at)),
        Move::SecondName { at, displaced: Some(file) } => {
            format!("{} is a second name, #{} displaced", name(at), file.0)
        }
        Move::Copied { at, of, .. } => format!("{} copied from #{}", name(at), of.0),
        Move::Appeared(Appeared { at, offset, after, .. }) => {
            let after = after.map(|file| format!(" after #{}", file.0)).unwrap_or_default();
            format!("appeared at {}, read from {offset}{after}", name(at))
        }
        Move::Truncated { file, .. } => format!("#{} truncated", file.0),
        Move::Replaced { file, .. } => format!("#{} replaced", file.0),
        Move::Reidentified { file, .. } => format!("#{} has another id", file.0),
        Move::Vanished { file } => format!("#{} vanished", file.0),
        Move::Unreadable { at, error } => format!("{} unreadable: {error}", name(at)),
    }
}

#[test]
fn each_change_of_a_folder_yields_the_expected_moves() {
    let more = "header\n1\tone\n2\ttwo\n3\tthree\n";
    let other = "header\n9\tother\n";
    // Longer than the head mark.
    let long = ROWS.to_owned() + &"3\tmore\n".repeat(150);
    let longer = long.clone() + "4\tmore\n";
    let a: &[Entry<'_>] = &[("a.log", 1, ROWS)];
    let a_and_b: &[Entry<'_>] = &[("a.log", 1, ROWS), ("b.log", 2, other)];
    #[rustfmt::skip]
    let table: &[Row<'_>] = &[
        ("nothing changed", a, a, &[]),
        ("it has grown", a, &[("a.log", 1, more)], &[]),
        ("a new file", a, &[("a.log", 1, ROWS), ("b.log", 2, other)],
            &["#2 appeared at b.log, read from 0"]),
        ("renamed", a, &[("a_1.log", 1, more)], &["#1 renamed to a_1.log"]),
        ("renamed and recreated", a, &[("a.log", 2, other), ("a_1.log", 1, more)],
            &["#1 renamed to a_1.log", "#2 appeared at a.log, read from 0 after #1"]),
        ("shifted numbers", a_and_b,
            &[("a.log", 3, "new\n"), ("b.log", 1, ROWS), ("c.log", 2, other)],
            &["#2 renamed to c.log", "#1 renamed to b.log",
                "#3 appeared at a.log, read from 0 after #1"]),
        ("names swapped", a_and_b, &[("a.log", 2, other), ("b.log", 1, ROWS)],
            &["#1 renamed to b.log", "#2 renamed to a.log"]),
        ("moved over another file", a_and_b, &[("b.log", 1, ROWS)],
            &["#1 renamed to b.log", "#2 vanished"]),
        ("a second name", a, &[("a.log", 1, ROWS), ("b.log", 1, ROWS)],
            &["b.log is a second name"]),
        ("a second name in place of another file", a_and_b,
            &[("a.log", 1, ROWS), ("b.log", 1, ROWS)],
            &["b.log is a second name, #2 displaced", "#2 vanished"]),
        ("a new file with two names", a,
            &[("a.log", 1, ROWS), ("b.log", 2, other), ("c.log", 2, other)],
            &["#2 appeared at b.log, read from 0", "c.log is a second name"]),
        ("copied", a, &[("a.log", 1, ROWS), ("b.log", 2, ROWS)], &["b.log copied from #1"]),
        ("copied, before more was written", a, &[("a.log", 1, more), ("b.log", 2, ROWS)],
            &["b.log copied from #1"]),
        ("copied, and grown on its own", a, &[("a.log", 1, ROWS), ("b.log", 2, more)],
            &["#2 appeared at b.log, read from 19"]),
        ("copied and truncated", a, &[("a.log", 1, ""), ("a_1.log", 2, more)],
            &["#1 renamed to a_1.log", "#2 appeared at a.log, read from 0 after #1"]),
        ("copied, more was read, truncated", &[("a.log", 1, &longer)],
            &[("a.log", 1, ""), ("a_1.log", 2, &long)],
            &["#2 appeared at a_1.log, read from 1069", "#1 truncated"]),
        ("truncated", a, &[("a.log", 1, "header\n")], &["#1 truncated"]),
        ("truncated, and longer again", a, &[("a.log", 1, "header\n3\tother\n4\tmore\n")],
            &["#1 truncated"]),
        ("rewritten to the same size", a, &[("a.log", 1, "header\n8\tone\n2\ttwo\n")],
            &["#1 truncated"]),
        ("replaced", a, &[("a.log", 2, other)], &["#1 replaced"]),
        ("replaced by its own copy", a, &[("a.log", 2, more)], &["#1 has another id"]),
        ("gone, and another file with its header", &[("a.log", 1, "header\n")],
            &[("b.log", 2, "header\n1\tone\n")], &["#2 appeared at b.log, read from 0"]),
        ("missing: only repeated listings decide that it is gone", a, &[], &[]),
    ];
    for (what, before, after, moves) in table {
        assert_eq!(Scene::read(before).moves(after), *moves, "{what}");
    }
}

#[test]
fn a_copy_listed_before_the_truncation_takes_over() {
    let mut scene = Scene::read(&[("a.log", 1, ROWS)]);
    let copied = scene.moves(&[("a.log", 1, ROWS), ("a_1.log", 2, ROWS)]);
    assert_eq!(copied, ["a_1.log copied from #1"]);
    let same = scene.moves(&[("a.log", 1, ROWS), ("a_1.log", 2, ROWS)]);
    assert_eq!(same, [""; 0]);
    let truncated = scene.moves(&[("a.log", 1, "header\n3\tnew\n"), ("a_1.log", 2, ROWS)]);
    assert_eq!(truncated, ["#1 renamed to a_1.log", "#2 appeared at a.log, read from 0 after #1"]);
}

#[test]
fn old_content_is_kept_while_it_is_still_being_read() {
    let mut scene = Scene::read(&[("a.log", 1, ROWS), ("b.log", 2, "header\n9\tother\n")]);
    scene.disk.open = vec![FileId(1), FileId(2)];
    assert_eq!(scene.moves(&[("a.log", 3, "new\n"), ("b.log", 2, "")]), ["#2 truncated"]);

    let mut scene = Scene::read(&[("a.log", 1, ROWS), ("b.log", 2, "header\n9\tother\n")]);
    scene.disk.open = vec![FileId(2)];
    assert_eq!(scene.moves(&[("b.log", 1, ROWS)]), ["#1 renamed to b.log"], "and #2 stays");
}

#[test]
fn start_applies_to_files_that_existed_before_the_first_start() {
    let there: &[Entry<'_>] = &[("a.log", 1, "one\ntwo\nhal")];
    for (start, was_followed, offset) in
        [(Start::Beginning, false, 0), (Start::End, false, 8), (Start::End, true, 0)]
    {
        let moves = Scene::new(start, was_followed).moves(there);
        assert_eq!(moves, [format!("#1 appeared at a.log, read from {offset}")], "{start:?}");
    }
}

#[test]
fn a_file_is_gone_only_if_metadata_confirms_it() {
    let mut scene = Scene::read(&[("a.log", 1, ROWS), ("b.log", 2, ROWS)]);
    scene.show(&[("b.log", 2, ROWS)]);
    let mut context = ReconcileContext { known: &scene.known, ends: None, disk: &mut scene.disk };
    let gone = vanished(vec![FileId(1), FileId(2)], &mut context);
    assert_eq!(gone.iter().map(describe).collect::<Vec<_>>(), ["#1 vanished"]);
}

#[test]
fn a_formerly_empty_file_may_turn_out_to_be_a_copy() {
    let before: &[Entry<'_>] = &[("a.log", 1, ROWS), ("b.log", 2, "")];
    let filled = |text: &str, original: &str| {
        Scene::read(before).filled(2, &[("a.log", 1, original), ("b.log", 2, text)])
    };
    assert!(matches!(filled(ROWS, ROWS), Filled::Copy { of: FileId(1), .. }));
    assert_eq!(filled(ROWS, ""), Filled::CopyOfTruncated { original: FileId(1) });
    assert_eq!(filled("header\n9\tother\n", ROWS), Filled::Itself);
    assert_eq!(filled("header\n", ROWS), Filled::Itself, "a header alone is that of many files");
    assert_eq!(Scene::read(before).filled(1, before), Filled::Itself, "it was never empty");
}
