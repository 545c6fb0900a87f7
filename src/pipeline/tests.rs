//! A batch with many finds is processed in parts, each with its own positions.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;
use crate::commit::StoredRows;
use crate::config::Language;
use crate::detect::builtin_packs;
use crate::incident::{IncidentBook, Policy};
use crate::ledger::TableName;
use crate::metrics::Counter;
use crate::mute::Mutes;
use crate::observe::Watched;
use crate::render::{Site, builtin_templates};
use crate::route::Router;
use crate::tail::{Block, Checkpoint, FileId, Mark};

pub(crate) const HEADER: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tThread\tId\tServiceUser\tMessage\tException\t\
     StackTrace\tProxySessionId\tTaskName\tTaskId\tExecutionId\tAppName\tAppId\tUser\r\n";
/// Rows in one block; two blocks are more than enough for a part.
const ROWS: u64 = 150;

pub(crate) fn pipeline(rows: &StoredRows) -> Pipeline {
    let policy = Policy {
        environment: None,
        settle: SignedDuration::from_secs(3),
        repeat: SignedDuration::from_hours(4),
    };
    let written = crate::config::Written::new("none", "");
    Pipeline {
        recogniser: Recogniser {
            detector: Detector::compile(&builtin_packs(), TimeZone::UTC).0,
            watched: Watched::default(),
            environment: None,
            node: "n".to_owned(),
            language: crate::config::Language::English,
            not_before: None,
        },
        decider: Decider {
            mutes: Mutes::default(),
            escalations: Escalations::default(),
            book: IncidentBook::restore(policy, rows),
            router: Router::compile(&written, &[]).0,
            renderer: Renderer::compile(&builtin_templates()).0,
            site: Site {
                url: None,
                page: None,
                node: "n".to_owned(),
                scripts: None,
                timezone: TimeZone::UTC,
                language: Language::English,
                version: "0",
            },
            channels: BTreeMap::new(),
            environment: None,
            doubted_until: None,
        },
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

/// A block of a file whose rows are all separate verdicts.
fn block(file: i64, first: u64) -> Block {
    let mut text = String::new();
    for n in first..first + ROWS {
        writeln!(
            text,
            "{n}\t20261123T060000.000+0000\tERROR\tn\tSystem.Scheduler.Scheduler.Master.Task.\
             TaskSession\t1\t1\tu\tMax retries reached\t\t\t\tReload A\tt{n}\te{n}\tA\ta{n}\tu\r"
        )
        .unwrap();
    }
    Block {
        file: FileId(file),
        generation: 0,
        label: "System_Scheduler".into(),
        path: Path::new("n_System_Scheduler.txt").into(),
        head: HEADER.as_bytes().into(),
        bytes: text.into_bytes(),
        fresh: 0,
        offset: first * 1_000,
        lines: Some(first),
    }
}

fn position(file: i64, offset: u64) -> Checkpoint {
    Checkpoint {
        file: FileId(file),
        path: "n_System_Scheduler.txt".into(),
        os_id: None,
        head: Mark::default(),
        tail: Mark::default(),
        offset,
        lines: None,
        generation: 0,
    }
}

/// Four blocks of two files; a third file has only its position.
fn batch() -> Batch {
    Batch {
        blocks: vec![block(1, 0), block(2, 1_000), block(1, 2_000), block(2, 3_000)],
        behind_blocks: vec![position(1, 10), position(2, 20), position(1, 30), position(2, 40)],
        checkpoints: vec![position(1, 30), position(2, 40), position(3, 0)],
        forgotten: vec![FileId(4)],
        folders: vec!["new".into()],
        ..Batch::default()
    }
}

fn offsets(commit: &Commit) -> Vec<(i64, u64)> {
    commit.checkpoints.iter().map(|position| (position.file.0, position.offset)).collect()
}

fn count(commit: &Commit, name: &str) -> u64 {
    commit.counts.n(Counter::parse(name))
}

#[test]
fn a_part_commits_the_positions_behind_its_own_blocks_and_the_last_one_the_rest() {
    let (mut pipeline, mut batch, mut done) = (pipeline(&StoredRows::default()), batch(), 0);
    let first = pipeline.step(now(), &mut batch, &mut done);
    assert_eq!(done, 2, "the limit of one part is reached");
    assert_eq!(offsets(&first), [(1, 10), (2, 20)]);
    assert!(first.forgotten.is_empty() && first.folders.is_empty());
    assert_eq!(count(&first, "pattern.reload-retries-exhausted"), 2 * ROWS);

    let last = pipeline.step(now(), &mut batch, &mut done);
    assert_eq!(done, 4);
    assert_eq!(offsets(&last), [(1, 30), (2, 40), (3, 0)]);
    assert_eq!((last.forgotten.len(), last.folders.len()), (1, 1));
    assert_eq!(count(&last, "pattern.reload-retries-exhausted"), 2 * ROWS);
}

#[test]
fn a_committed_part_is_complete_without_the_next_one() {
    let (mut batch, mut done, mut rows) = (batch(), 0, StoredRows::default());
    let first = pipeline(&StoredRows::default()).step(now(), &mut batch, &mut done);
    rows.apply(first.rows);
    assert_eq!(rows.of(TableName::Runs).count() as u64, 2 * ROWS);
    // Killed here: the blocks that are not in the first part are read again.
    let mut again = pipeline(&rows);
    let second = again.step(now(), &mut batch, &mut done);
    let later = now() + SignedDuration::from_secs(3);
    let settled = again.step(later, &mut read_until(later), &mut 0);
    assert_eq!(count(&second, "suppressed.same-run"), 0, "nothing is counted twice");
    assert_eq!(count(&settled, "notice.opened"), 4 * ROWS, "and nothing is missing");
}

#[test]
fn an_empty_batch_is_one_part() {
    let mut done = 0;
    let commit = pipeline(&StoredRows::default()).step(now(), &mut Batch::default(), &mut done);
    assert!(commit.is_empty() && done == 0);
}

/// An empty batch, with everything written before this time read.
fn read_until(then: Timestamp) -> Batch {
    Batch { read_until: Some(then), ..Batch::default() }
}

#[test]
fn a_run_read_in_progress_waits_for_lines_written_at_the_same_time() {
    let after = |seconds| now() + SignedDuration::from_secs(seconds);
    let mut pipeline = pipeline(&StoredRows::default());
    drop(pipeline.step(now(), &mut read_until(now()), &mut 0));
    // For a long time there was more to read; script logs written since then are in the next batch.
    let mut batch = Batch {
        blocks: vec![block(1, 0)],
        behind: true,
        read_before: Some(now()),
        read_until: Some(after(2)),
        ..Batch::default()
    };
    let read = pipeline.step(after(20), &mut batch, &mut 0);
    assert_eq!(count(&read, "notice.opened"), 0, "only lines written before 2 s are read");
    let idle = pipeline.step(after(21), &mut Batch::default(), &mut 0);
    assert_eq!(count(&idle, "notice.opened"), 0, "the passing of time reads nothing");
    assert_eq!(pipeline.wants_reading(), Some(after(3)));
    let last = pipeline.step(after(22), &mut read_until(after(3)), &mut 0);
    assert_eq!(count(&last, "notice.opened"), ROWS, "all lines of its time are read");
}

#[test]
fn reading_progress_counts_when_the_whole_batch_is_processed() {
    let after = |seconds| now() + SignedDuration::from_secs(seconds);
    let (mut pipeline, mut done) = (pipeline(&StoredRows::default()), 0);
    let mut batch = Batch { read_before: Some(now()), read_until: Some(after(30)), ..batch() };
    let first = pipeline.step(after(30), &mut batch, &mut done);
    assert_eq!((count(&first, "notice.opened"), done), (0, 2), "the rest is not processed");
    let last = pipeline.step(after(30), &mut batch, &mut done);
    assert_eq!(count(&last, "notice.opened"), 4 * ROWS);
}

/// A block of the scheduler with one row: a task has succeeded.
fn success(columns: &str) -> Block {
    let row = format!(
        "1\t20261123T060000.000+0000\tINFO\tn\tSystem.Scheduler.Scheduler.Master.Task.TaskSession\t1\t1\t\
         u\tExecution State Change to FinishedSuccess\t\t\t\tT\t{columns}\tu\r\n"
    );
    Block { bytes: row.into_bytes(), ..block(1, 0) }
}

#[test]
fn each_reload_that_succeeded_is_counted_once() {
    let reload = "t1\te1\tA\ta1";
    let mut pipeline = pipeline(&StoredRows::default());
    for (columns, expected) in [(reload, 1), (reload, 0), ("t2\te2\t\t", 0), ("t3\te3\tA\ta1", 1)] {
        let mut batch = Batch { blocks: vec![success(columns)], ..Batch::default() };
        let commit = pipeline.step(now(), &mut batch, &mut 0);
        assert_eq!(count(&commit, "reload.succeeded"), expected, "{columns}");
    }
}
