//! A state with many positions.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use footman::commit::Commit;
use footman::state::{StateLock, Store};
use footman::tail::{Checkpoint, Committed, Dirty, FileId, Mark, Start, Tailer, Watch};

/// Positions of files that do not exist.
pub(crate) fn positions(numbers: Range<i64>, folder: &Path) -> Commit {
    let checkpoint = |n: i64| Checkpoint {
        file: FileId(n + 1),
        path: folder.join(format!("{n}.log")),
        os_id: Some((1, n.unsigned_abs() + 1_000_000_000_000)),
        head: Mark { len: 1024, hash: n.unsigned_abs() },
        tail: Mark { len: 256, hash: n.unsigned_abs() },
        offset: 100_000,
        lines: Some(1000),
        generation: 0,
    };
    Commit { checkpoints: numbers.map(checkpoint).collect(), ..Commit::default() }
}

#[test]
fn half_a_million_positions_are_loaded_and_those_of_deleted_files_pruned() {
    // In Wine, half a million take more than three minutes.
    const N: i64 = if cfg!(windows) { 50_000 } else { 500_000 };
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path().join("logs");
    fs::create_dir(&logs).unwrap();
    let mut now = footman::clock::now();
    let (mut store, _) = Store::open(dir.path(), now).unwrap();
    store.commit(now, &positions(0..N, &logs)).unwrap();
    drop(store);

    let (mut store, _, loaded) = StateLock::take(dir.path())
        .and_then(|lock| Store::open_and_load(dir.path(), lock, now))
        .unwrap();
    let names = globset::Glob::new("*.log").unwrap().compile_matcher();
    let watch = Watch {
        label: Arc::from("Script"),
        folder: logs.clone(),
        names,
        lookback: 0.into(),
        subject: None,
    };
    let committed = Committed {
        checkpoints: loaded.checkpoints,
        folders: [logs.clone()].into(),
        last_file: loaded.last_file,
    };
    let mut tailer = Tailer::new(vec![watch], committed, Start::End);
    fs::write(logs.join("new.log"), "one\n").unwrap();
    let mut lines = 0;
    for _ in 0..12 {
        now += Duration::from_secs(10);
        let batch = tailer.poll(now, &Dirty::Nothing);
        lines += batch.blocks.len();
        let commit = Commit {
            checkpoints: batch.checkpoints,
            forgotten: batch.forgotten,
            ..Commit::default()
        };
        store.commit(now, &commit).unwrap();
    }
    assert_eq!(lines, 1, "the new file was read");
    assert!(tailer.effort().opens <= 3, "no other file was opened");
    let left = store.load().unwrap();
    assert_eq!(left.checkpoints.len(), 1);
    assert_eq!(left.checkpoints[0].file, FileId(N + 1));
    assert_eq!(left.last_file, N + 1);
}
