//! Many files, and files with much to read. Effort is counted, not timed.

use std::fs;
use std::time::Duration;

use footman::tail::{Dirty, Effort, Start};

use crate::tailing::world::{World, lines_of};

// For each new name, Wine scans all names of a folder, which takes minutes and says nothing about
// Windows.
#[cfg(not(windows))]
#[test]
fn ten_thousand_finished_files_cost_a_listing_and_a_few_checks() {
    let mut world = World::new().starting(Start::End);
    for number in 0..10_000 {
        let name = format!("{number}.log");
        fs::File::create(world.path(&name)).unwrap();
        world.age(&name, Duration::from_hours(24));
    }
    world.poll();
    assert_eq!(world.tailer().effort().opens, 10_000);
    let before = world.tailer().effort();
    for _ in 0..60 {
        world.poll_with(&Dirty::Nothing, Duration::from_secs(10));
    }
    let spent = since(before, world.tailer().effort());
    assert_eq!(spent.listings, 60);
    assert_eq!(spent.opens, 0);
    assert!(spent.looks <= 10_000, "each at most once in ten minutes: {spent:?}");

    world.append("4711.log", "woke up\n");
    let path = world.path("4711.log");
    let hint = Dirty::Paths([path].into());
    let batch = world.poll_with(&hint, Duration::from_secs(1));
    assert_eq!(lines_of(&batch.blocks[0]), ["4711.log: woke up"]);
}

// Too slow in Wine, as above.
#[cfg(not(windows))]
#[test]
fn a_first_start_that_is_interrupted_begins_at_the_ends_again() {
    let mut world = World::new().starting(Start::End);
    for number in 0..2_500 {
        world.write(&format!("{number}.log"), "old\n");
    }
    let batch = world.poll_once();
    assert!(batch.behind);
    assert_eq!(batch.checkpoints.len(), 1_000, "one commit stays small");
    world.write("meanwhile.log", "new\n");
    assert_eq!(world.poll(), ["meanwhile.log: new"]);

    let mut world = World::new().starting(Start::End);
    for number in 0..2_500 {
        world.write(&format!("{number}.log"), "old\n");
    }
    world.poll_once();
    world.restart();
    assert_eq!(world.poll(), [""; 0]);
    world.append("2000.log", "new\n");
    assert_eq!(world.poll(), ["2000.log: new"]);
}

#[test]
fn a_long_quiet_file_is_read_without_a_hint() {
    let mut world = World::new().starting(Start::End);
    for number in 0..300 {
        let name = format!("{number}.log");
        fs::File::create(world.path(&name)).unwrap();
        world.age(&name, Duration::from_hours(24));
    }
    world.poll();
    world.poll();
    world.append("17.log", "woke up\n");
    let mut lines = Vec::new();
    for _ in 0..60 {
        let batch = world.poll_with(&Dirty::Nothing, Duration::from_secs(10));
        lines.extend(batch.blocks.iter().flat_map(lines_of));
    }
    assert_eq!(lines, ["17.log: woke up"]);
}

#[test]
fn a_restart_checks_each_known_file_once() {
    // Wine scans all names of a folder for each new one.
    const N: usize = if cfg!(windows) { 300 } else { 1_000 };
    let mut world = World::new().starting(Start::Beginning);
    for number in 0..N {
        world.write(&format!("{number}.log"), "one\n");
    }
    assert_eq!(world.poll().len(), N);
    world.restart();
    assert_eq!(world.poll(), [""; 0]);
    let effort = world.tailer().effort();
    assert_eq!(effort.opens, N as u64);
}

#[test]
fn a_large_file_does_not_delay_a_small_one() {
    let mut world = World::new();
    world.write("large.log", "0123456789\n".repeat(2_000_000));
    world.write("small.log", "one\n");
    let batch = world.poll_once();
    assert!(batch.behind);
    let read: usize = batch.blocks.iter().map(|block| block.bytes.len()).sum();
    assert!(read <= 9 << 20, "{read}");
    assert!(batch.blocks.iter().any(|block| block.path.ends_with("small.log")));
    world.poll();
    assert_eq!(world.checkpoint("large.log").lines, Some(2_000_000));
}

#[test]
fn a_quiet_file_is_not_opened() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    world.poll();
    let before = world.tailer().effort();
    for _ in 0..100 {
        world.poll();
    }
    let spent = since(before, world.tailer().effort());
    assert_eq!(spent, Effort { listings: 100, looks: 100, opens: 0 });
}

#[test]
fn with_hints_quiet_files_are_checked_rarely_until_one_changes_without_a_hint() {
    let mut world = World::new();
    world.expects_hints = true;
    for number in 0..20 {
        world.write(&format!("{number}.log"), "one\n");
        world.age(&format!("{number}.log"), Duration::from_hours(1));
    }
    world.poll();
    world.now += Duration::from_hours(1);
    world.poll();
    let looks_in_a_minute = |world: &mut World| {
        let before = world.tailer().effort();
        let lines: usize = (0..60).map(|_| world.poll().len()).sum();
        (since(before, world.tailer().effort()).looks, lines)
    };
    let (looks, _) = looks_in_a_minute(&mut world);
    assert!(looks <= 20 * 8, "each file at most every ten seconds: {looks}");

    // No hint reports this line: it is found within ten seconds, and then all files are checked
    // closely.
    world.append("7.log", "two\n");
    let (_, lines) = looks_in_a_minute(&mut world);
    assert_eq!(lines, 1);
    world.now += Duration::from_hours(1);
    world.poll();
    let (looks, _) = looks_in_a_minute(&mut world);
    assert_eq!(looks, 20 * 60);

    // A hint proves that hints work again.
    let hint = Dirty::Paths([world.path("7.log")].into());
    world.poll_with(&hint, Duration::from_secs(1));
    world.poll();
    let (looks, _) = looks_in_a_minute(&mut world);
    assert!(looks <= 20 * 8, "{looks}");
}

/// A folder with so many finished logs that it is large, with hints: of more than 200 names. Wine scans all of them for
/// a missing one.
fn large_folder() -> World {
    const N: usize = if cfg!(windows) { 205 } else { 300 };
    let mut world = World::new();
    world.expects_hints = true;
    for number in 0..N {
        world.write(&format!("{number}.log"), format!("{number}\n"));
        world.age(&format!("{number}.log"), Duration::from_hours(24));
    }
    assert_eq!(world.poll().len(), N);
    world
}

fn hint(world: &World, names: &[&str]) -> Dirty {
    Dirty::Paths(names.iter().map(|name| world.path(name)).collect())
}

#[test]
fn a_new_file_in_a_large_folder_is_read_at_its_hint_without_a_listing() {
    let mut world = large_folder();
    let before = world.tailer().effort();
    world.write("new.log", "one\n");
    let dirty = hint(&world, &["new.log", "gone-again.log", "other.dat"]);
    let batch = world.poll_with(&dirty, Duration::ZERO);
    assert_eq!(batch.blocks.iter().flat_map(lines_of).collect::<Vec<_>>(), ["new.log: one"]);
    assert_eq!(since(before, world.tailer().effort()).listings, 0);
    assert_eq!(world.problems, [""; 0]);
}

#[test]
fn a_file_renamed_in_a_large_folder_is_recognized_at_its_hint() {
    let mut world = large_folder();
    world.append("7.log", "two\n");
    world.rename("7.log", "7_old.log");
    world.write("7.log", "new\n");
    let dirty = hint(&world, &["7.log", "7_old.log"]);
    let batch = world.poll_with(&dirty, Duration::ZERO);
    let mut lines: Vec<_> = batch.blocks.iter().flat_map(lines_of).collect();
    lines.sort();
    assert_eq!(lines, ["7.log: new", "7_old.log: two"]);
}

#[test]
fn a_large_folder_is_listed_rarely_until_a_name_appears_without_a_hint() {
    let mut world = large_folder();
    let in_a_minute = |world: &mut World| {
        let before = world.tailer().effort();
        let lines: usize = (0..60).map(|_| world.poll().len()).sum();
        (since(before, world.tailer().effort()).listings, lines)
    };
    assert_eq!(in_a_minute(&mut world), (6, 0));

    // No hint reports this file: it is found within ten seconds, and then the folder is listed
    // often.
    world.write("unhinted.log", "one\n");
    let (listings, lines) = in_a_minute(&mut world);
    assert!((50..=60).contains(&listings), "{listings}");
    assert_eq!(lines, 1);

    // A hint proves that hints work again.
    world.append("7.log", "two\n");
    let dirty = hint(&world, &["7.log"]);
    assert_eq!(world.poll_with(&dirty, Duration::ZERO).blocks.len(), 1);
    assert_eq!(in_a_minute(&mut world), (6, 0));
}

fn since(before: Effort, now: Effort) -> Effort {
    Effort {
        listings: now.listings - before.listings,
        looks: now.looks - before.looks,
        opens: now.opens - before.opens,
    }
}

// Too slow in Wine, as above.
#[cfg(not(windows))]
#[test]
fn a_thousand_identical_files_are_not_all_taken_for_copies() {
    let mut world = World::new();
    world.write("0.log", "header\none\n");
    world.poll();
    for number in 1..1_000 {
        world.write(&format!("{number}.log"), "header\none\n");
    }
    assert!(world.poll().len() >= 2 * (1_000 - 201), "only small folders are searched for copies");
    assert_eq!(world.poll(), [""; 0]);
}

#[cfg(not(windows))]
#[test]
fn fifty_thousand_finished_files_and_twenty_new_ones_per_second_cost_little() {
    const OLD: usize = 50_000;
    let mut world = World::new().starting(Start::End);
    for number in 0..OLD {
        let name = format!("{number}.log");
        fs::File::create(world.path(&name)).unwrap();
        world.age(&name, Duration::from_hours(24));
    }
    world.poll();
    let before = world.tailer().effort();
    let mut lines = 0;
    for second in 0..30 {
        for number in 0..20 {
            world.write(&format!("new_{second}_{number}.log"), "Execution started\nfailed\n");
        }
        lines += world.poll().len();
    }
    let spent = since(before, world.tailer().effort());
    assert_eq!(lines, 30 * 20 * 2, "every line was found");
    assert!(spent.listings <= 31, "{spent:?}");
    assert!(spent.opens <= 30 * 20 * 4, "{spent:?}");
    // A check of a quiet file costs a single file system request.
    assert!(spent.looks <= 30 * 200 + 30 * 20 * 30, "{spent:?}");
}
