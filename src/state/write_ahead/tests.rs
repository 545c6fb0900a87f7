use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;

use super::{is_damaged, is_foreign};

const COMMITS: usize = 6;

/// The log of a database after some commits, as a kill leaves it.
fn log() -> (TempDir, PathBuf, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.execute_batch("CREATE TABLE t (a TEXT)").unwrap();
    // Frames of an earlier log stay behind those of this one.
    for _ in 0..2 * COMMITS {
        connection.execute("INSERT INTO t VALUES (hex(randomblob(3000)))", []).unwrap();
    }
    connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
    for _ in 0..COMMITS {
        connection.execute("INSERT INTO t VALUES (hex(randomblob(3000)))", []).unwrap();
    }
    let log = folder.path().join("x.db-wal");
    let bytes = fs::read(&log).unwrap();
    drop(connection);
    (folder, log, bytes)
}

#[test]
fn a_log_that_a_kill_left_or_cut_off_is_not_damaged() {
    let (_folder, path, bytes) = log();
    assert!(!is_damaged(&path).unwrap(), "it is gone");
    for len in (0..bytes.len()).step_by(997).chain([bytes.len()]) {
        fs::write(&path, &bytes[..len]).unwrap();
        assert!(!is_damaged(&path).unwrap(), "{len} bytes");
    }
}

#[test]
fn a_flipped_bit_before_several_commits_is_damage() {
    let (_folder, path, bytes) = log();
    let page = 4096;
    let frames: Vec<usize> = (32..bytes.len()).step_by(24 + page).collect();
    let salts = |at: usize| &bytes[at + 8..at + 16];
    let ours: Vec<usize> =
        frames.iter().copied().filter(|at| salts(*at) == &bytes[16..24]).collect();
    let commits: Vec<usize> =
        ours.iter().copied().filter(|at| bytes[at + 4..at + 8] != [0; 4]).collect();
    assert!(frames.len() > ours.len() && commits.len() == COMMITS);
    let flipped_at = |at: usize| {
        let mut flipped = bytes.clone();
        flipped[at] ^= 4;
        fs::write(&path, flipped).unwrap();
        is_damaged(&path).unwrap()
    };
    for at in [0, 3, 9, 17, 21, 25, 31] {
        assert!(flipped_at(at), "byte {at} of the header");
    }
    for frame in &ours {
        let n_behind = commits.iter().filter(|commit| *commit > frame).count();
        // Its page number, its checksum, its page.
        for at in [frame + 3, frame + 17, frame + 24 + 77] {
            assert_eq!(flipped_at(at), n_behind >= 2 || n_behind == 1 && commits.contains(frame));
        }
    }
}

#[test]
fn something_else_in_place_of_a_log_is_foreign_and_what_a_crash_leaves_is_not() {
    let (_folder, path, bytes) = log();
    assert!(!is_foreign(&path).unwrap(), "it is gone");
    for len in [0, 1, 31, 32, 100, bytes.len()] {
        fs::write(&path, &bytes[..len]).unwrap();
        assert!(!is_foreign(&path).unwrap(), "{len} bytes");
        fs::write(&path, vec![0; len]).unwrap();
        assert!(!is_foreign(&path).unwrap(), "{len} zeros");
    }
    fs::write(&path, vec![5; 20_000]).unwrap();
    assert!(is_foreign(&path).unwrap());
}
