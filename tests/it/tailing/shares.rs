//! Behavior of shares, NTFS and Windows, simulated by a disk with faults.

use std::io::ErrorKind;
use std::time::Duration;

use footman::tail::{Dirty, Start};

use crate::tailing::disk::Faults;
use crate::tailing::disk::libc_error::{EACCES, ESTALE, SHARING_VIOLATION};
use crate::tailing::world::{World, with_hints};

fn world() -> World {
    let mut world = World::new();
    world.write("a.log", "header\none\n");
    assert_eq!(world.poll().len(), 2);
    world
}

/// Polls once per second for this many seconds.
fn wait(world: &mut World, seconds: u32) -> Vec<String> {
    (0..seconds).flat_map(|_| world.poll()).collect()
}

#[test]
fn a_stale_size_in_the_folder_delays_lines_and_loses_none() {
    let mut world = world();
    world.poll();
    world.disk.freeze(&world.path("a.log"));
    world.append("a.log", "two\n");
    let mut lines = wait(&mut world, 10);
    if !with_hints() {
        assert_eq!(lines, [""; 0], "the new line is not visible yet");
    }
    world.disk.faults().stale.clear();
    lines.extend(world.poll());
    assert_eq!(lines, ["a.log: two"]);
}

#[test]
fn a_hint_finds_lines_behind_a_stale_size() {
    let mut world = world();
    world.poll();
    world.disk.freeze(&world.path("a.log"));
    world.append("a.log", "two\n");
    let batch = world.poll_with(&Dirty::Paths([world.path("a.log")].into()), Duration::ZERO);
    assert_eq!(batch.blocks.len(), 1);
}

#[test]
fn an_open_file_that_reports_a_stale_length_is_not_taken_for_truncated() {
    let mut world = world();
    world.disk.faults().reported_len.insert("a.log".to_owned(), 3);
    world.append("a.log", "two\n");
    assert_eq!(world.poll(), [""; 0]);
    world.disk.faults().reported_len.clear();
    world.append("a.log", "three\n");
    assert_eq!(world.poll(), ["a.log: two", "a.log: three"]);
    assert_eq!(world.problems, [""; 0]);
}

#[test]
fn a_partial_listing_makes_no_file_gone_or_new() {
    let mut world = world();
    for _ in 0..5 {
        world.disk.faults().unlisted.insert("a.log".to_owned());
        wait(&mut world, 8);
        world.disk.faults().unlisted.clear();
        assert_eq!(world.poll(), [""; 0]);
    }
    world.append("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
    assert_eq!(world.forgotten, []);
}

#[test]
fn an_empty_listing_for_an_hour_does_not_make_existing_files_gone() {
    let mut world = world();
    world.disk.faults().unlisted.insert("a.log".to_owned());
    for _ in 0..360 {
        world.poll_with(&Dirty::Nothing, Duration::from_secs(10));
    }
    world.disk.faults().unlisted.clear();
    world.append("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
    assert_eq!(world.forgotten, []);
}

#[test]
fn a_listing_that_fails_midway_changes_no_file() {
    let mut world = world();
    world.disk.faults().listing_breaks_after = Some(0);
    wait(&mut world, 200);
    assert_eq!(world.forgotten, []);
    assert_eq!(world.problems, ["unreadable-folder logs"]);
    world.disk.faults().listing_breaks_after = None;
    world.append("a.log", "two\n");
    assert_eq!(wait(&mut world, 61), ["a.log: two"]);
    assert_eq!(world.resolved, ["logs"]);
}

#[test]
fn a_share_that_cannot_be_listed_is_retried_with_growing_delays_and_read_later() {
    let mut world = world();
    world.disk.faults().no_listing = Some(ErrorKind::TimedOut);
    world.disk.faults().refused.insert("a.log".to_owned(), EACCES);
    let before = world.tailer().effort().listings;
    wait(&mut world, 3600);
    let asked = world.tailer().effort().listings - before;
    assert!(asked < 100, "{asked} listings in an hour");
    assert_eq!(world.problems, ["unreadable-folder logs", "unreadable-file a.log"]);
    *world.disk.faults() = Faults::default();
    world.append("a.log", "two\n");
    assert_eq!(wait(&mut world, 61), ["a.log: two"]);
}

#[test]
fn a_stale_handle_is_reported_once_and_the_file_is_read_later() {
    let mut world = world();
    world.append("a.log", "two\n");
    world.disk.faults().read_error = Some(ESTALE);
    assert_eq!(wait(&mut world, 30), [""; 0]);
    assert_eq!(world.problems, ["unreadable-file a.log"]);
    world.disk.faults().read_error = None;
    assert_eq!(wait(&mut world, 61), ["a.log: two"]);
    assert_eq!(world.resolved, ["a.log"]);
}

#[test]
fn ids_that_change_after_a_reconnect_make_no_file_new() {
    let mut world = world();
    world.disk.faults().id_shift = 1;
    world.append("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
    world.disk.faults().id_shift = 2;
    world.restart();
    world.append("a.log", "three\n");
    assert_eq!(world.poll(), ["a.log: three"]);
    assert_eq!(world.problems, [""; 0]);
}

#[test]
fn trailing_nul_bytes_of_a_share_are_read_when_their_content_arrives() {
    let mut world = world();
    world.disk.faults().not_arrived.insert("a.log".to_owned(), 13);
    world.append("a.log", "two\nthree\n");
    assert_eq!(world.poll(), [""; 0]);
    world.disk.faults().not_arrived.clear();
    world.append("a.log", "four\n");
    assert_eq!(world.poll(), ["a.log: two", "a.log: three", "a.log: four"]);
}

#[test]
fn trailing_nul_bytes_that_stay_are_reported_once() {
    let mut world = world();
    world.disk.faults().not_arrived.insert("a.log".to_owned(), 11);
    world.append("a.log", "two\n");
    wait(&mut world, 300);
    assert_eq!(world.problems, ["no-content a.log"]);
    world.disk.faults().not_arrived.clear();
    world.append("a.log", "three\n");
    assert_eq!(world.poll(), ["a.log: two", "a.log: three"]);
    assert_eq!(world.resolved, ["a.log"]);
}

#[test]
fn an_exclusively_opened_file_is_read_when_it_is_released() {
    let mut world = world();
    world.disk.faults().refused.insert("a.log".to_owned(), SHARING_VIOLATION);
    world.disk.faults().refused.insert("b.log".to_owned(), SHARING_VIOLATION);
    world.append("a.log", "two\n");
    world.write("b.log", "new\n");
    let before = world.tailer().effort().opens;
    assert_eq!(wait(&mut world, 600), [""; 0]);
    let tried = world.tailer().effort().opens - before;
    assert!(tried < 60, "{tried} tries in ten minutes");
    let mut problems = world.problems.clone();
    problems.sort();
    assert_eq!(problems, ["unreadable-file a.log", "unreadable-file b.log"], "once each");
    world.disk.faults().refused.clear();
    let mut lines = wait(&mut world, 61);
    lines.sort();
    assert_eq!(lines, ["a.log: two", "b.log: new"]);
}

#[test]
fn a_file_locked_for_two_seconds_is_read_soon_after() {
    let mut world = world();
    world.disk.faults().refused.insert("a.log".to_owned(), SHARING_VIOLATION);
    world.append("a.log", "two\n");
    wait(&mut world, 2);
    world.disk.faults().refused.clear();
    assert_eq!(wait(&mut world, 4), ["a.log: two"]);
}

#[test]
fn permissions_removed_and_restored_lose_nothing() {
    let mut world = world();
    world.disk.faults().refused.insert("a.log".to_owned(), EACCES);
    world.append("a.log", "two\n");
    wait(&mut world, 100);
    world.disk.faults().refused.clear();
    assert_eq!(wait(&mut world, 61), ["a.log: two"]);
    assert_eq!(world.problems, ["unreadable-file a.log"]);
}

#[test]
fn a_quiet_file_whose_metadata_could_not_be_read_for_a_while_has_no_problem_afterwards() {
    let mut world = world();
    wait(&mut world, 3);
    world.disk.faults().no_stat = Some(ErrorKind::PermissionDenied);
    wait(&mut world, 30);
    assert_eq!(world.problems, ["unreadable-file a.log"]);
    world.disk.faults().no_stat = None;
    assert_eq!(wait(&mut world, 61), [""; 0]);
    assert_eq!(world.resolved, ["a.log"]);
}

#[test]
fn the_problem_of_a_file_ends_with_its_folder() {
    let mut world = world();
    world.disk.faults().refused.insert("a.log".to_owned(), EACCES);
    world.append("a.log", "two\n");
    world.poll();
    world.hide_folder();
    world.poll();
    assert_eq!(world.problems, ["unreadable-file a.log", "vanished-folder logs"]);
    assert_eq!(world.resolved, ["a.log"]);
}

#[test]
fn a_file_with_a_pending_deletion_is_released() {
    let mut world = world();
    // On Windows, a file with a pending deletion is listed but cannot be opened.
    world.disk.faults().refused.insert("a.log".to_owned(), EACCES);
    wait(&mut world, 5);
    world.delete("a.log");
    world.disk.faults().refused.clear();
    wait(&mut world, 100);
    assert_eq!(world.forgotten.len(), 1);
    world.write("a.log", "again\n");
    assert_eq!(world.poll(), ["a.log: again"]);
}

#[test]
fn no_file_stays_open_when_there_is_nothing_more_to_read() {
    let mut world = World::new().starting(Start::Beginning);
    for number in 0..300 {
        world.write(&format!("{number}.log"), "0123456789\n".repeat(20_000));
    }
    assert_eq!(world.poll().len(), 300 * 20_000);
    let most = world.disk.most_open();
    assert!(most <= 70, "{most} files were open at once");
    world.poll();
    assert_eq!(world.disk.now_open(), 0);
}
