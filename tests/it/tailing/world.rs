//! A folder with logs, and an agent that follows them and commits what it read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use footman::clock::{self, Timestamp};
use footman::tail::{
    Batch, Block, Checkpoint, Committed, Dirty, FileId, Hints, Lookback, Start, SubjectOf, Tailer,
    Watch,
};
use globset::{GlobBuilder, GlobMatcher};
use tempfile::TempDir;

use crate::tailing::disk::FaultyDisk;

pub(super) struct World {
    dir: TempDir,
    folder: PathBuf,
    pub(super) now: Timestamp,
    start: Start,
    lookback: Lookback,
    subject: Option<SubjectOf>,
    /// Folders and name patterns watched in addition to `logs`.
    also: Vec<(String, String)>,
    tailer: Option<Tailer>,
    /// Whether hints are expected, which the test then sends.
    pub(super) expects_hints: bool,
    /// Real notifications, if the tests run with them.
    hints: Option<Hints>,
    pub(super) disk: FaultyDisk,
    followed: BTreeSet<PathBuf>,
    last_file: i64,
    committed: BTreeMap<FileId, Checkpoint>,
    pub(super) blocks: Vec<Block>,
    pub(super) forgotten: Vec<FileId>,
    /// `reason name` of each problem.
    pub(super) problems: Vec<String>,
    /// Names of resolved paths.
    pub(super) resolved: Vec<String>,
}

impl World {
    pub(super) fn new() -> World {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("logs")).unwrap();
        World {
            folder: dir.path().join("logs"),
            dir,
            // The times of real files are compared with it.
            now: clock::now(),
            start: Start::Beginning,
            lookback: 0.into(),
            subject: None,
            also: Vec::new(),
            tailer: None,
            expects_hints: false,
            hints: None,
            disk: FaultyDisk::default(),
            followed: BTreeSet::new(),
            last_file: 0,
            committed: BTreeMap::new(),
            blocks: Vec::new(),
            forgotten: Vec::new(),
            problems: Vec::new(),
            resolved: Vec::new(),
        }
    }

    pub(super) fn with_lookback(mut self, lookback: impl Into<Lookback>) -> World {
        self.lookback = lookback.into();
        self
    }

    pub(super) fn with_subject(mut self, subject: SubjectOf) -> World {
        self.subject = Some(subject);
        self
    }

    pub(super) fn starting(mut self, start: Start) -> World {
        self.start = start;
        self
    }

    /// Watches another folder, or other names, from the next start on.
    pub(super) fn watching(mut self, folder: &str, names: &str) -> World {
        fs::create_dir_all(self.dir.path().join(folder)).unwrap();
        self.also.push((folder.to_owned(), names.to_owned()));
        self
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Follows another folder, or the same folder by another path.
    #[cfg(windows)]
    pub(super) fn look_in(&mut self, folder: PathBuf) {
        self.folder = folder;
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Creates or overwrites the file in place.
    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(super) fn append(&self, name: &str, text: impl AsRef<[u8]>) {
        let mut file = OpenOptions::new().append(true).open(self.path(name)).unwrap();
        file.write_all(text.as_ref()).unwrap();
    }

    pub(super) fn overwrite(&self, name: &str, offset: u64, text: &[u8]) {
        let mut file = OpenOptions::new().write(true).open(self.path(name)).unwrap();
        file.seek(SeekFrom::Start(offset)).unwrap();
        file.write_all(text).unwrap();
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(super) fn delete(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Sets the modification time of a file this far back.
    pub(super) fn age(&self, name: &str, age: Duration) {
        let file = File::options().write(true).open(self.path(name)).unwrap();
        file.set_modified((self.now - age).try_into().unwrap()).unwrap();
    }

    pub(super) fn hide_folder(&self) {
        fs::rename(self.folder(), self.dir.path().join("away")).unwrap();
    }

    pub(super) fn show_folder(&self) {
        fs::rename(self.dir.path().join("away"), self.folder()).unwrap();
    }

    /// Stops the agent; what was not committed is lost.
    pub(super) fn stop(&mut self) {
        self.tailer();
        self.tailer = None;
    }

    pub(super) fn start(&mut self) {
        self.tailer();
    }

    /// Kills the agent after it read and before it committed.
    pub(super) fn crash(&mut self) {
        self.now += Duration::from_secs(1);
        let now = self.now;
        let _lost = self.tailer().poll(now, &Dirty::Nothing);
        self.restart();
    }

    pub(super) fn restart(&mut self) {
        self.stop();
        self.start();
    }

    pub(super) fn tailer(&mut self) -> &mut Tailer {
        let watches = self.watches();
        self.tailer.get_or_insert_with(|| {
            let committed = Committed {
                checkpoints: self.committed.values().cloned().collect(),
                folders: self.followed.clone(),
                last_file: self.last_file,
            };
            let tailer =
                Tailer::new(watches, committed, self.start).on(Box::new(self.disk.clone()));
            if self.expects_hints || with_hints() { tailer.hinted() } else { tailer }
        })
    }

    pub(super) fn watches(&self) -> Vec<Watch> {
        let watch = Watch {
            label: Arc::from("Trace"),
            folder: self.folder(),
            names: names("*.{log,txt}"),
            lookback: self.lookback,
            subject: self.subject,
        };
        let mut watches = vec![watch];
        watches.extend(self.also.iter().map(|(folder, glob)| Watch {
            label: Arc::from(folder.as_str()),
            folder: self.dir.path().join(folder),
            names: names(glob),
            lookback: self.lookback,
            subject: None,
        }));
        watches
    }

    /// The given hints, or real ones if `FOOTMAN_TEST_HINTS` is set.
    fn hinted(&mut self, dirty: &Dirty) -> Dirty {
        if *dirty != Dirty::Nothing || self.expects_hints || !with_hints() {
            return dirty.clone();
        }
        // Notifications come in order: when this file is reported, all earlier changes have been.
        let barrier = self.dir.path().join("barrier");
        fs::create_dir_all(&barrier).unwrap();
        let folders = vec![self.folder(), barrier.clone()];
        let hints = self.hints.get_or_insert_with(|| Hints::new(folders));
        let last = barrier.join("last");
        fs::write(&last, "").unwrap();
        let mut named = BTreeSet::new();
        while !named.contains(&last) {
            match hints.wait(Duration::from_secs(10)) {
                Dirty::Paths(paths) => named.extend(paths),
                Dirty::Everything => return Dirty::Everything,
                Dirty::Nothing => panic!("no notification arrived"),
            }
        }
        Dirty::Paths(named)
    }

    /// Polls and commits, one second later.
    pub(super) fn poll_once(&mut self) -> Batch {
        self.poll_with(&Dirty::Nothing, Duration::from_secs(1))
    }

    pub(super) fn poll_with(&mut self, dirty: &Dirty, later: Duration) -> Batch {
        self.now += later;
        let now = self.now;
        let dirty = self.hinted(dirty);
        let batch = self.tailer().poll(now, &dirty);
        for checkpoint in &batch.checkpoints {
            self.last_file = self.last_file.max(checkpoint.file.0);
            self.committed.insert(checkpoint.file, checkpoint.clone());
        }
        for file in &batch.forgotten {
            self.committed.remove(file);
        }
        self.followed.extend(batch.folders.iter().cloned());
        self.resolved.extend(batch.resolved.iter().map(|path| name_of(path)));
        self.blocks.extend(batch.blocks.iter().cloned());
        self.forgotten.extend(&batch.forgotten);
        let problems = batch.problems.iter();
        self.problems.extend(
            problems.map(|it| format!("{} {}", it.fault.reason().name(), name_of(&it.path))),
        );
        batch
    }

    /// Polls one second later until everything is read; returns `name: line` for each new line.
    pub(super) fn poll(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut later = Duration::from_secs(1);
        for _ in 0..1000 {
            let batch = self.poll_with(&Dirty::Nothing, later);
            lines.extend(batch.blocks.iter().flat_map(lines_of));
            if !batch.behind {
                return lines;
            }
            later = Duration::ZERO;
        }
        panic!("polling never finishes");
    }

    pub(super) fn poll_sorted(&mut self) -> Vec<String> {
        let mut lines = self.poll();
        lines.sort();
        lines
    }

    /// All text that was read under this name.
    pub(super) fn text(&self, name: &str) -> String {
        let blocks = self.blocks.iter().filter(|block| name_of(&block.path) == name);
        let bytes: Vec<u8> =
            blocks.flat_map(|block| block.bytes[block.fresh..].iter().copied()).collect();
        String::from_utf8(bytes).unwrap()
    }

    pub(super) fn checkpoint(&self, name: &str) -> Checkpoint {
        let path = self.path(name);
        self.committed.values().find(|checkpoint| checkpoint.path == path).unwrap().clone()
    }
}

/// Whether the tests run with real notifications.
pub(super) fn with_hints() -> bool {
    std::env::var_os("FOOTMAN_TEST_HINTS").is_some()
}

pub(super) fn names(glob: &str) -> GlobMatcher {
    GlobBuilder::new(glob).build().unwrap().compile_matcher()
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

pub(super) fn lines_of(block: &Block) -> Vec<String> {
    let text = String::from_utf8_lossy(&block.bytes[block.fresh..]).into_owned();
    let name = name_of(&block.path);
    text.strip_suffix('\n')
        .unwrap_or(&text)
        .split('\n')
        .map(|line| format!("{name}: {line}"))
        .collect()
}
