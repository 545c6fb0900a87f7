//! Rows of the fault matrix without a test elsewhere; `docs/faults.md` lists them.

use std::fs;
use std::time::Duration;

use footman::tail::{Committed, Dirty, FileEnds, Start, Tailer};

use crate::tailing::world::World;

const BLOCK: usize = 1 << 20;

fn world() -> World {
    let mut world = World::new();
    world.write("a.log", "header\none\n");
    assert_eq!(world.poll().len(), 2);
    world
}

#[test]
fn a_file_created_while_running_is_read_from_the_top_with_start_end() {
    let mut world = World::new().starting(Start::End);
    world.write("old.log", "old\n");
    assert_eq!(world.poll(), [""; 0]);
    world.write("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
}

#[test]
fn start_applies_to_a_folder_that_is_followed_later() {
    let mut world = World::new().starting(Start::End);
    world.write("a.log", "old\n");
    world.poll();
    world.stop();
    let mut world = world.watching("later", "*.log");
    world.write("../later/b.log", "old too\n");
    world.start();
    assert_eq!(world.poll(), [""; 0]);
    world.append("../later/b.log", "new\n");
    world.write("../later/c.log", "made later\n");
    assert_eq!(world.poll(), ["b.log: new", "c.log: made later"]);
}

#[test]
fn a_start_killed_before_its_first_commit_counts_as_a_first_start_again() {
    let mut world = World::new().starting(Start::End);
    world.write("a.log", "old\n");
    world.crash();
    assert_eq!(world.poll(), [""; 0]);
}

#[test]
fn the_number_of_a_forgotten_file_is_not_reused_after_a_restart() {
    let mut world = world();
    world.delete("a.log");
    for _ in 0..70 {
        world.poll();
    }
    let gone = world.forgotten.clone();
    assert_eq!(gone.len(), 1);
    world.restart();
    world.write("b.log", "one\n");
    world.poll();
    assert!(world.checkpoint("b.log").file > gone[0]);
}

#[test]
fn a_file_created_empty_is_read_when_lines_arrive() {
    let mut world = World::new();
    world.write("a.log", "");
    assert_eq!(world.poll(), [""; 0]);
    world.append("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
}

#[test]
fn a_partial_line_is_read_when_its_end_arrives_at_any_time() {
    let mut world = world();
    world.append("a.log", "half");
    for _ in 0..48 {
        world.poll_with(&Dirty::Nothing, Duration::from_mins(30));
    }
    world.append("a.log", " and half\n");
    let batches = (0..20).map(|_| world.poll());
    assert_eq!(batches.flatten().collect::<Vec<_>>(), ["a.log: half and half"]);
}

#[test]
fn a_line_end_at_a_block_boundary_is_neither_lost_nor_duplicated() {
    for around in BLOCK - 3..=BLOCK + 3 {
        let mut world = World::new();
        let long = "x".repeat(around - 2);
        world.write("a.log", format!("{long}\r\nnext\r\n"));
        world.poll();
        assert_eq!(world.text("a.log"), format!("{long}\r\nnext\r\n"), "{around}");
        assert_eq!(world.checkpoint("a.log").lines, Some(2), "{around}");
    }
}

#[test]
fn a_character_at_a_window_boundary_is_not_split() {
    for shift in 0..4 {
        let mut world = World::new();
        let long = "x".repeat(shift) + &"😀".repeat(BLOCK / 4 + 10);
        world.write("a.log", format!("{long}\n"));
        world.poll();
        assert!(world.blocks.len() > 1);
        for block in &world.blocks {
            assert!(std::str::from_utf8(&block.bytes[block.fresh..]).is_ok(), "{shift}");
        }
        assert_eq!(world.text("a.log"), format!("{long}\n"));
    }
}

#[test]
fn a_line_of_100_mb_uses_no_more_memory_than_the_poll_budget() {
    let mut world = World::new();
    world.write("a.log", vec![b'x'; 100 << 20]);
    world.append("a.log", "\nnext\n");
    let mut most = 0;
    loop {
        let batch = world.poll_once();
        world.blocks.clear();
        most = most.max(batch.blocks.iter().map(|block| block.bytes.len()).sum());
        if !batch.behind {
            break;
        }
    }
    assert!(most <= 9 << 20, "{most}");
    assert_eq!(world.checkpoint("a.log").lines, Some(2));
}

#[test]
fn five_gigabytes_without_a_line_end_are_not_read_repeatedly() {
    let mut world = world();
    let before = world.disk.read();
    let log = fs::OpenOptions::new().write(true).open(world.path("a.log")).unwrap();
    for gigabytes in 1..=5 {
        log.set_len(gigabytes << 30).unwrap();
        assert_eq!(world.poll(), [""; 0]);
    }
    for _ in 0..100 {
        assert_eq!(world.poll(), [""; 0]);
    }
    let read = world.disk.read() - before;
    assert!(read <= 5 * (40 << 20), "{read} bytes were read");
    assert_eq!(world.problems, ["no-content a.log"]);
}

#[test]
fn nul_bytes_in_the_middle_are_passed_through() {
    let mut world = world();
    world.append("a.log", b"two\0\0\0\0\nthree\n");
    assert_eq!(world.poll(), ["a.log: two\0\0\0\0", "a.log: three"]);
}

#[test]
fn a_line_in_a_code_page_arrives_unchanged() {
    let mut world = World::new();
    world.write("a.log", b"Gesch\xE4ft \x80 fehlgeschlagen\n");
    world.poll();
    assert_eq!(world.blocks[0].bytes, b"Gesch\xE4ft \x80 fehlgeschlagen\n");
}

#[test]
fn utf_16_without_a_byte_order_mark_is_passed_through() {
    let mut world = World::new();
    let bytes: Vec<u8> = "one\ntwo\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    world.write("a.log", &bytes);
    world.write("b.log", "fine\n");
    assert!(world.poll().contains(&"b.log: fine".to_owned()));
}

#[test]
fn a_file_of_one_line_of_one_byte_is_followed() {
    let mut world = World::new();
    world.write("a.log", "x\n");
    assert_eq!(world.poll(), ["a.log: x"]);
    world.restart();
    world.append("a.log", "y\n");
    assert_eq!(world.poll(), ["a.log: y"]);
}

#[test]
fn a_header_that_vanishes_and_reappears_elsewhere_is_not_a_rename() {
    let mut world = world();
    world.delete("a.log");
    world.poll();
    world.write("b.log", "header\ntwo\n");
    assert_eq!(world.poll(), ["b.log: header", "b.log: two"]);
}

#[test]
fn only_unread_lines_are_lost_by_a_rename_out_of_the_watch() {
    let mut world = world();
    world.append("a.log", "lost\n");
    world.rename("a.log", "a.old");
    world.write("a.log", "header\nkept\n");
    assert_eq!(world.poll(), ["a.log: header", "a.log: kept"]);
    assert_eq!(world.problems, [""; 0]);
}

#[test]
fn a_rename_out_of_the_watch_after_everything_was_read_loses_nothing() {
    let mut world = world();
    world.rename("a.log", "a.old");
    world.write("a.log", "header\ntwo\n");
    assert_eq!(world.poll(), ["a.log: header", "a.log: two"]);
    assert_eq!(world.problems, [""; 0]);
}

#[test]
fn twenty_rotations_between_two_polls_lose_nothing() {
    let mut world = world();
    for number in 0..20 {
        world.append("a.log", format!("last of {number}\n"));
        world.rename("a.log", &format!("a_{number:02}.log"));
        world.write("a.log", format!("header\nfirst after {number}\n"));
    }
    let mut lines = world.poll();
    lines.retain(|line| !line.ends_with("header"));
    lines.sort();
    assert_eq!(lines.len(), 40);
    lines.dedup();
    assert_eq!(lines.len(), 40);
}

#[cfg(unix)]
#[test]
fn a_symlink_that_changes_its_target_is_followed() {
    use std::os::unix::fs::symlink;
    let mut world = World::new();
    world.write("one.real", "header\none\n");
    world.write("two.real", "header\ntwo\n");
    symlink(world.path("one.real"), world.path("a.log")).unwrap();
    assert_eq!(world.poll(), ["a.log: header", "a.log: one"]);
    world.delete("a.log");
    symlink(world.path("two.real"), world.path("a.log")).unwrap();
    assert_eq!(world.poll(), ["a.log: header", "a.log: two"]);
    world.delete("a.log");
    world.poll();
    symlink(world.path("two.real"), world.path("a.log")).unwrap();
    world.append("two.real", "three\n");
    assert_eq!(world.poll(), ["a.log: three"]);
}

#[test]
fn a_rolled_file_that_is_compressed_is_not_read_again() {
    let mut world = world();
    world.rename("a.log", "a_1.log");
    world.write("a.log", "header\n");
    world.poll();
    world.write("a_1.log.gz", b"\x1F\x8B\x08 packed");
    world.delete("a_1.log");
    assert_eq!(world.poll(), [""; 0]);
}

#[test]
fn a_hard_link_in_another_watched_folder_is_not_read() {
    let mut world = World::new().watching("other", "*.log");
    world.write("a.log", "one\n");
    fs::hard_link(world.path("a.log"), world.path("../other/a.log")).unwrap();
    assert_eq!(world.poll().len(), 1);
    world.append("a.log", "two\n");
    assert_eq!(world.poll().len(), 1);
}

#[test]
fn two_watches_on_one_folder_read_each_file_once() {
    let mut world = World::new().watching("logs", "*.{log,dat}");
    world.write("a.log", "one\n");
    world.write("b.dat", "two\n");
    assert_eq!(world.poll_sorted(), ["a.log: one", "b.dat: two"]);
    world.rename("a.log", "a.dat");
    world.append("a.dat", "three\n");
    assert_eq!(world.poll(), ["a.dat: three"]);
    assert_eq!(&*world.blocks.last().unwrap().label, "logs");
}

#[test]
fn a_file_renamed_into_another_watched_folder_continues() {
    let mut world = World::new().watching("archive", "*.log");
    world.write("a.log", "header\none\n");
    world.poll();
    world.append("a.log", "two\n");
    world.rename("a.log", "../archive/a_1.log");
    world.write("a.log", "header\nthree\n");
    assert_eq!(world.poll_sorted(), ["a.log: header", "a.log: three", "a_1.log: two"]);
}

#[test]
fn a_file_moved_into_the_folder_is_read() {
    let mut world = world();
    world.write("../b.tmp", "one\n");
    world.rename("../b.tmp", "b.log");
    assert_eq!(world.poll(), ["b.log: one"]);
}

#[test]
fn a_file_replaced_immediately_is_read_from_the_top() {
    let mut world = world();
    world.write("new.tmp", "header\ntwo\n");
    world.rename("new.tmp", "a.log");
    assert_eq!(world.poll(), ["a.log: header", "a.log: two"]);
}

#[test]
fn a_truncation_with_unread_lines_is_reported_and_read_from_the_top() {
    let mut world = World::new();
    world.write("a.log", "0123456789\n".repeat(2_000_000));
    assert!(world.poll_once().behind, "more remains to be read");
    world.write("a.log", "new\n");
    world.poll();
    assert!(world.text("a.log").ends_with("\nnew\n"));
    assert_eq!(world.problems, ["truncated a.log"]);
}

#[test]
fn a_file_truncated_to_its_middle_is_read_again_from_the_top() {
    let mut world = world();
    world.append("a.log", "two\nthree\n");
    world.poll();
    let file = fs::OpenOptions::new().write(true).open(world.path("a.log")).unwrap();
    file.set_len(11).unwrap();
    assert_eq!(world.poll(), ["a.log: header", "a.log: one"], "doubled rather than lost");
    assert_eq!(world.problems, ["truncated a.log"]);
}

#[test]
fn a_file_deleted_and_recreated_repeatedly_is_read_each_time() {
    let mut world = World::new();
    for number in 0..20 {
        world.write("a.log", format!("header\n{number}\n"));
        assert_eq!(world.poll(), ["a.log: header".to_owned(), format!("a.log: {number}")]);
        world.delete("a.log");
        if number % 2 == 0 {
            world.poll();
        }
    }
}

#[test]
fn a_file_recreated_with_the_same_bytes_is_taken_for_the_same_file() {
    let mut world = world();
    world.delete("a.log");
    world.write("a.log", "header\none\n");
    assert_eq!(world.poll(), [""; 0]);
    world.append("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
}

#[test]
fn a_recreated_folder_is_followed() {
    let mut world = world();
    fs::remove_dir_all(world.folder()).unwrap();
    world.poll();
    assert_eq!(world.problems, ["vanished-folder logs"]);
    fs::create_dir(world.folder()).unwrap();
    world.write("a.log", "header\ntwo\n");
    assert_eq!(world.poll(), ["a.log: header", "a.log: two"]);
    assert_eq!(world.resolved, ["logs"]);
}

#[test]
fn a_touched_file_is_not_read_again() {
    let mut world = world();
    for hours in [1, 48] {
        world.age("a.log", Duration::from_hours(hours));
        assert_eq!(world.poll(), [""; 0], "a time that goes back");
    }
    world.append("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
}

#[test]
fn a_subfolder_is_not_followed() {
    let mut world = world();
    fs::create_dir(world.path("sub.log")).unwrap();
    world.write("sub.log/b.log", "one\n");
    assert_eq!(world.poll(), [""; 0]);
    assert_eq!(world.problems, [""; 0]);
}

#[cfg(unix)]
#[test]
fn odd_and_long_names_are_followed() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let mut world = World::new();
    let odd = OsStr::from_bytes(b"caf\xE9.log");
    fs::write(world.folder().join(odd), "one\n").unwrap();
    world.write(&format!("{}.log", "n".repeat(251)), "two\n");
    world.write("Müller 日本.log", "three\n");
    assert_eq!(world.poll().len(), 3);
    world.restart();
    assert_eq!(world.poll(), [""; 0]);
    assert_eq!(world.problems, [""; 0]);
}

#[cfg(unix)]
#[test]
fn circular_links_are_reported_once_and_retried_with_growing_delays() {
    let mut world = world();
    std::os::unix::fs::symlink(world.path("y.log"), world.path("x.log")).unwrap();
    std::os::unix::fs::symlink(world.path("x.log"), world.path("y.log")).unwrap();
    world.poll();
    let before = world.tailer().effort().opens;
    for _ in 0..600 {
        world.poll();
    }
    assert!(world.tailer().effort().opens - before < 50);
    world.problems.sort();
    assert_eq!(world.problems, ["unreadable-file x.log", "unreadable-file y.log"]);
}

#[test]
fn binary_files_are_read_without_harm() {
    let mut world = World::new();
    let noise: Vec<u8> =
        (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    world.write("a.log", &noise);
    world.append("a.log", "\nfine\n");
    assert!(world.poll().contains(&"a.log: fine".to_owned()));
}

#[test]
fn spurious_and_duplicate_hints_read_nothing_twice() {
    let mut world = world();
    world.append("a.log", "two\n");
    let hint = Dirty::Paths([world.path("a.log"), world.path("never.log")].into());
    let mut read = 0;
    for _ in 0..50 {
        read += world.poll_with(&hint, Duration::ZERO).blocks.len();
        read += world.poll_with(&Dirty::Everything, Duration::ZERO).blocks.len();
    }
    assert_eq!(read, 1);
}

#[test]
fn two_agents_on_one_share_read_independently() {
    let world = world();
    let first = world.blocks.len();
    // Another agent has its own state.
    let mut other = Tailer::new(world.watches(), Committed::default(), Start::Beginning);
    let batch = other.poll(world.now, &Dirty::Nothing);
    assert_eq!(batch.blocks.len(), first);
}

/// Patterns are compiled and the state is opened before the first poll.
#[test]
fn lines_written_during_the_startup_are_read_with_start_end() {
    let world = World::new().starting(Start::End);
    world.write("a.log", "old\nunder way");
    let ends = FileEnds::take(&world.folder());
    world.append("a.log", " and done\nnew\n");
    world.write("b.log", "made since\n");
    let mut tailer = Tailer::new(world.watches(), Committed::default(), Start::End).from_ends(ends);
    let batch = tailer.poll(world.now, &Dirty::Everything);
    let mut read: Vec<_> = batch.blocks.iter().map(|block| &block.bytes[block.fresh..]).collect();
    read.sort();
    assert_eq!(read, [&b"made since\n"[..], b"under way and done\nnew\n"]);
}

#[test]
fn files_that_appear_with_the_log_root_count_as_existing() {
    assert!(FileEnds::take(&World::new().folder().join("gone")).is_none());
}
