//! Real files that are followed through rotation, truncation and restarts, in virtual time.

mod copies;
mod disk;
mod hints;
mod matrix;
mod model;
mod scale;
mod shares;
#[cfg(windows)]
mod windows;
mod world;

use std::fs;
use std::time::Duration;

use footman::tail::{Lookback, Start};

use crate::tailing::world::World;

#[test]
fn whole_lines_arrive_once_and_in_order() {
    let mut world = World::new();
    world.write("a.log", "one\ntwo\n");
    assert_eq!(world.poll(), ["a.log: one", "a.log: two"]);
    assert_eq!(world.poll(), [""; 0]);
    world.append("a.log", "three\n");
    assert_eq!(world.poll(), ["a.log: three"]);
}

#[test]
fn empty_lines_are_lines() {
    let mut world = World::new();
    world.write("a.log", "\n\none\n\n");
    assert_eq!(world.poll(), ["a.log: ", "a.log: ", "a.log: one", "a.log: "]);
    assert_eq!(world.checkpoint("a.log").lines, Some(4));
}

#[test]
fn a_partial_line_is_completed_once() {
    let mut world = World::new();
    world.write("a.log", "one\nERR");
    assert_eq!(world.poll(), ["a.log: one"]);
    world.append("a.log", "OR failed");
    assert_eq!(world.poll(), [""; 0]);
    world.append("a.log", "\n");
    assert_eq!(world.poll(), ["a.log: ERROR failed"]);
}

#[test]
fn a_partial_line_survives_a_restart_and_is_completed_once() {
    let mut world = World::new();
    world.write("a.log", "one\nERR");
    assert_eq!(world.poll(), ["a.log: one"]);
    world.restart();
    world.append("a.log", "OR\n");
    assert_eq!(world.poll(), ["a.log: ERROR"]);
}

#[test]
fn a_restart_resumes_exactly() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    let before = world.checkpoint("a.log");
    world.stop();
    world.append("a.log", "two\n");
    world.write("b.log", "new while away\n");
    world.start();
    assert_eq!(world.poll(), ["a.log: two", "b.log: new while away"]);
    let after = world.checkpoint("a.log");
    assert_eq!((after.file, after.lines), (before.file, Some(2)));
}

#[test]
fn a_carriage_return_and_its_line_feed_may_arrive_separately() {
    let mut world = World::new();
    world.write("a.log", "one\r");
    assert_eq!(world.poll(), [""; 0]);
    world.append("a.log", "\ntwo\r\n");
    assert_eq!(world.poll(), ["a.log: one\r", "a.log: two\r"]);
}

#[test]
fn a_byte_order_mark_is_counted_and_not_delivered() {
    let mut world = World::new();
    world.write("a.log", "\u{FEFF}Sequence#\tTimestamp\n1\tnow\n");
    assert_eq!(world.poll(), ["a.log: Sequence#\tTimestamp", "a.log: 1\tnow"]);
    let block = &world.blocks[0];
    assert_eq!(block.offset, 3);
    assert_eq!(&*block.head, b"Sequence#\tTimestamp\n1\tnow\n");
    assert_eq!(world.checkpoint("a.log").offset, 3 + 26);
}

#[test]
fn utf_16_arrives_as_utf_8_and_is_counted_in_its_own_bytes() {
    for (bom, unit) in
        [(b"\xFF\xFE", u16::to_le_bytes as fn(u16) -> [u8; 2]), (b"\xFE\xFF", u16::to_be_bytes)]
    {
        let encode = |text: &str| text.encode_utf16().flat_map(unit).collect::<Vec<_>>();
        let mut world = World::new().with_lookback(100);
        let mut bytes = bom.to_vec();
        bytes.extend(encode("Fäll 😀\nhal"));
        // Cut in the middle of a code unit.
        bytes.extend(&encode("b")[..1]);
        world.write("a.log", &bytes);
        assert_eq!(world.poll(), ["a.log: Fäll 😀"]);
        assert_eq!(world.checkpoint("a.log").offset, 2 + 16);
        world.append("a.log", &encode("b")[1..]);
        world.append("a.log", encode(" done\n"));
        assert_eq!(world.poll(), ["a.log: halb done"]);
        let block = world.blocks.last().unwrap();
        assert_eq!(&block.bytes[..block.fresh], "Fäll 😀\n".as_bytes());
        assert_eq!((block.offset, block.lines), (18, Some(1)));
    }
}

#[test]
fn invalid_utf_8_is_passed_on() {
    let mut world = World::new();
    world.write("a.log", b"caf\xE9 failed\n\xFF\xC0\n");
    world.poll();
    assert_eq!(world.blocks[0].bytes, b"caf\xE9 failed\n\xFF\xC0\n");
}

#[test]
fn trailing_nul_bytes_are_not_read_until_their_content_arrives() {
    let mut world = World::new();
    world.write("a.log", b"one\ntwo\0\0\0\0\0\0\0");
    assert_eq!(world.poll(), ["a.log: one"]);
    world.overwrite("a.log", 4, b"two more\nx\n");
    assert_eq!(world.poll(), ["a.log: two more", "a.log: x"]);
}

#[test]
fn a_large_range_of_trailing_nul_bytes_is_not_read() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    fs::OpenOptions::new().write(true).open(world.path("a.log")).unwrap().set_len(5 << 20).unwrap();
    assert_eq!(world.poll(), ["a.log: one"]);
    assert_eq!(world.checkpoint("a.log").offset, 4);
}

#[test]
fn an_endless_line_arrives_in_windows_and_later_lines_are_read() {
    let mut world = World::new().with_lookback(1000);
    let long = "x".repeat(5 << 20);
    world.write("a.log", format!("one\n{long}\ntwo\n"));
    world.poll();
    assert!(world.blocks.iter().all(|block| block.bytes.len() <= (1 << 20) + 1000));
    assert_eq!(world.text("a.log"), format!("one\n{long}\ntwo\n"));
    let second = &world.blocks[2];
    assert_eq!(second.fresh, 1000, "the lookback covers the endless line");
    assert_eq!(second.lines, Some(1));
    assert_eq!(world.checkpoint("a.log").lines, Some(3));
}

#[test]
fn an_endless_line_can_be_resumed_in_the_middle() {
    let mut world = World::new();
    world.write("a.log", "x".repeat((1 << 20) + 10));
    world.poll();
    assert_eq!(world.checkpoint("a.log").offset, 1 << 20);
    world.restart();
    world.append("a.log", "\nnext\n");
    assert_eq!(world.poll(), ["a.log: xxxxxxxxxx", "a.log: next"]);
}

#[test]
fn lookback_begins_at_a_line() {
    let mut world = World::new().with_lookback(9);
    world.write("a.log", "one\ntwo\nthree\n");
    world.poll();
    assert_eq!(world.blocks[0].fresh, 0);
    world.append("a.log", "four\n");
    world.poll();
    assert_eq!(world.blocks[1].bytes, b"three\nfour\n");
    assert_eq!(world.blocks[1].fresh, 6);
    assert_eq!((world.blocks[1].offset, world.blocks[1].lines), (14, Some(3)));
}

#[test]
fn in_front_of_a_block_with_a_certain_text_more_is_delivered_again() {
    let deep = Some(("end", 100));
    let mut world = World::new().with_lookback(Lookback { bytes: 9, deep });
    world.write("a.log", "one\ntwo\nthree\n");
    for line in ["four\n", "end\n", "five\n"] {
        world.poll();
        world.append("a.log", line);
    }
    world.poll();
    let bytes = |at: usize| String::from_utf8_lossy(&world.blocks[at].bytes).into_owned();
    assert_eq!(bytes(1), "three\nfour\n");
    assert_eq!(bytes(2), "one\ntwo\nthree\nfour\nend\n");
    assert_eq!((world.blocks[2].offset, world.blocks[2].fresh), (19, 19));
    assert_eq!(bytes(3), "four\nend\nfive\n");
    assert_eq!(world.text("a.log"), "one\ntwo\nthree\nfour\nend\nfive\n");
}

#[test]
fn each_block_includes_the_first_whole_lines_of_its_file() {
    let mut world = World::new();
    world.write("a.log", "header\nhal");
    world.poll();
    assert_eq!(&*world.blocks[0].head, b"header\n");
    world.append("a.log", format!("f\n{}\n", "y".repeat(5000)));
    world.poll();
    assert_eq!(&*world.blocks[1].head, b"header\nhalf\n");
}

#[test]
fn two_files_with_the_same_header_are_both_read() {
    let mut world = World::new();
    let header = format!("Sequence#\tTimestamp\t{}\n", "Column\t".repeat(300));
    world.write("a.log", format!("{header}one\n"));
    world.write("b.log", format!("{header}two\n"));
    world.write("c.log", format!("{header}two\n"));
    let lines = world.poll();
    assert_eq!(lines.len(), 6);
    for last in ["a.log: one", "b.log: two", "c.log: two"] {
        assert!(lines.iter().any(|line| line == last), "{last}");
    }
}

#[test]
fn a_renamed_file_continues_at_its_offset() {
    let mut world = World::new();
    world.write("Trace.txt", "header\none\n");
    world.poll();
    let before = world.checkpoint("Trace.txt").file;
    world.rename("Trace.txt", "Trace_2026-11-23T06.13.52Z.log");
    world.append("Trace_2026-11-23T06.13.52Z.log", "late\n");
    assert_eq!(world.poll(), ["Trace_2026-11-23T06.13.52Z.log: late"]);
    assert_eq!(world.checkpoint("Trace_2026-11-23T06.13.52Z.log").file, before);
}

#[test]
fn a_rename_is_drained_before_the_new_file_is_read() {
    let mut world = World::new();
    world.write("Trace.txt", "header\none\n");
    world.poll();
    let lines = "late\n".repeat(600_000);
    world.append("Trace.txt", &lines);
    world.rename("Trace.txt", "Trace_2026-11-23T06.13.52Z.log");
    world.write("Trace.txt", "header\nnew\n");
    let lines = world.poll();
    assert_eq!(lines.len(), 600_002);
    assert_eq!(lines[0], "Trace_2026-11-23T06.13.52Z.log: late");
    assert_eq!(&lines[600_000..], ["Trace.txt: header", "Trace.txt: new"]);
}

#[test]
fn a_rename_while_the_agent_is_stopped_does_not_make_a_new_file() {
    let mut world = World::new();
    world.write("Trace.txt", "header\none\n");
    world.poll();
    world.stop();
    world.append("Trace.txt", "late\n");
    world.rename("Trace.txt", "Trace_1.log");
    world.write("Trace.txt", "header\nnew and longer than the old one\n");
    world.start();
    assert_eq!(
        world.poll(),
        ["Trace_1.log: late", "Trace.txt: header", "Trace.txt: new and longer than the old one"]
    );
}

#[test]
fn a_rolled_file_with_only_a_header_is_distinguished_from_the_new_file() {
    let mut world = World::new();
    world.write("Trace.txt", "header\n");
    world.poll();
    world.rename("Trace.txt", "Trace_1.log");
    world.write("Trace.txt", "header\nnew\n");
    assert_eq!(world.poll(), ["Trace.txt: header", "Trace.txt: new"]);
}

#[test]
fn files_with_shifted_numbers_continue_at_their_offsets() {
    let mut world = World::new();
    for (name, text) in [("a.1.log", "oldest\n"), ("a.0.log", "older\n"), ("a.log", "now\n")] {
        world.write(name, text);
    }
    world.poll();
    world.append("a.log", "last\n");
    world.rename("a.1.log", "a.2.log");
    world.rename("a.0.log", "a.1.log");
    world.rename("a.log", "a.0.log");
    world.write("a.log", "fresh\n");
    assert_eq!(world.poll(), ["a.0.log: last", "a.log: fresh"]);
}

#[test]
fn two_files_that_swap_names_are_not_read_again() {
    let mut world = World::new();
    world.write("a.log", "a1\n");
    world.write("b.log", "b1\n");
    world.poll();
    world.rename("a.log", "c.tmp");
    world.rename("b.log", "a.log");
    world.rename("c.tmp", "b.log");
    world.append("a.log", "b2\n");
    world.append("b.log", "a2\n");
    assert_eq!(world.poll_sorted(), ["a.log: b2", "b.log: a2"]);
}

#[test]
fn a_file_moved_over_a_followed_file_replaces_it() {
    let mut world = World::new();
    world.write("a.log", "a1\n");
    world.write("b.log", "b1\n");
    world.poll();
    let gone = world.checkpoint("b.log").file;
    world.rename("a.log", "b.log");
    world.append("b.log", "a2\n");
    assert_eq!(world.poll(), ["b.log: a2"]);
    assert_eq!(world.forgotten, [gone]);
}

#[test]
fn a_copied_and_truncated_file_is_not_read_twice() {
    let mut world = World::new();
    world.write("a.log", "one\ntwo\n");
    world.poll();
    world.append("a.log", "three\n");
    fs::copy(world.path("a.log"), world.path("a_1.log")).unwrap();
    world.write("a.log", "four\n");
    assert_eq!(world.poll(), ["a_1.log: three", "a.log: four"]);
    assert_eq!(world.problems, [""; 0]);
}

#[test]
fn a_hard_link_to_a_followed_file_is_not_read() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    fs::hard_link(world.path("a.log"), world.path("b.log")).unwrap();
    assert_eq!(world.poll(), [""; 0]);
    world.append("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
}

#[test]
fn a_truncated_file_is_read_from_the_top_and_reported() {
    let mut world = World::new();
    world.write("a.log", "one\ntwo\n");
    world.poll();
    world.write("a.log", "new\n");
    assert_eq!(world.poll(), ["a.log: new"]);
    assert_eq!(world.problems, ["truncated a.log"]);
    assert_eq!(world.checkpoint("a.log").generation, 1);
}

#[test]
fn a_truncated_file_that_grew_larger_before_the_next_poll_is_read_from_the_top() {
    let mut world = World::new();
    world.write("a.log", "header\none\n");
    world.poll();
    world.write("a.log", "header\nother lines\nand more\n");
    assert_eq!(world.poll(), ["a.log: header", "a.log: other lines", "a.log: and more"]);
    assert_eq!(world.problems, ["truncated a.log"]);
}

#[test]
fn a_file_rewritten_to_the_same_size_is_read_again() {
    let mut world = World::new();
    world.write("a.log", "header\none\n");
    world.poll();
    world.write("a.log", "header\ntwo\n");
    assert_eq!(world.poll(), ["a.log: header", "a.log: two"]);
}

#[test]
fn a_file_truncated_to_nothing_starts_over() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    world.write("a.log", "");
    assert_eq!(world.poll(), [""; 0]);
    assert_eq!(world.checkpoint("a.log").offset, 0);
    world.append("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
}

#[test]
fn a_file_deleted_and_recreated_is_read() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    world.delete("a.log");
    world.write("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
}

#[test]
fn a_file_replaced_by_its_own_copy_continues() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    world.write("new.tmp", "one\ntwo\n");
    world.rename("new.tmp", "a.log");
    assert_eq!(world.poll(), ["a.log: two"]);
}

#[cfg(unix)]
#[test]
fn a_file_deleted_while_it_is_read_is_read_to_its_end() {
    let mut world = World::new();
    world.write("a.log", "0123456789\n".repeat(1_000_000));
    let batch = world.poll_once();
    assert!(batch.behind);
    world.delete("a.log");
    world.write("a.log", "new\n");
    world.poll();
    world.poll();
    let text = world.text("a.log");
    assert_eq!(text.len(), 11_000_000 + 4);
    assert!(text.ends_with("0123456789\nnew\n"));
}

#[test]
fn a_deleted_file_is_forgotten_only_after_many_listings() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    let file = world.checkpoint("a.log").file;
    world.delete("a.log");
    for _ in 0..60 {
        world.poll();
        assert_eq!(world.forgotten, []);
    }
    world.poll();
    assert_eq!(world.forgotten, [file]);
}

#[test]
fn a_share_that_goes_away_and_comes_back_is_not_read_again() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    world.hide_folder();
    for _ in 0..100 {
        assert_eq!(world.poll(), [""; 0]);
    }
    assert_eq!(world.problems, ["vanished-folder logs"]);
    world.show_folder();
    world.append("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
    assert_eq!(world.forgotten, []);
    world.hide_folder();
    world.poll();
    assert_eq!(world.problems, ["vanished-folder logs", "vanished-folder logs"]);
}

#[test]
fn a_file_that_appears_in_a_missing_folder_is_new() {
    let mut world = World::new().starting(Start::End);
    world.hide_folder();
    world.poll();
    world.show_folder();
    world.write("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
}

#[cfg(unix)]
#[test]
fn an_unreadable_path_is_reported_once_and_read_when_readable() {
    let mut world = World::new();
    // A link to itself cannot be opened by any account, including root.
    std::os::unix::fs::symlink(world.path("a.log"), world.path("a.log")).unwrap();
    world.poll();
    world.poll();
    assert_eq!(world.problems, ["unreadable-file a.log"]);
    world.delete("a.log");
    world.write("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
}

#[cfg(unix)]
#[test]
fn an_unreadable_folder_is_reported_once() {
    let mut world = World::new();
    world.hide_folder();
    // A file at the path of the folder fails for every account, unlike missing permissions.
    fs::write(world.folder(), "in the way").unwrap();
    world.poll();
    world.poll();
    assert_eq!(world.problems, ["unreadable-folder logs"]);
}

#[cfg(unix)]
#[test]
fn a_linked_file_is_followed_and_folders_and_pipes_are_not() {
    let mut world = World::new();
    world.write("a.txt.real", "one\n");
    std::os::unix::fs::symlink(world.path("a.txt.real"), world.path("a.log")).unwrap();
    fs::create_dir(world.path("folder.log")).unwrap();
    assert_eq!(world.poll(), ["a.log: one"]);
    assert_eq!(world.problems, [""; 0]);
}

#[test]
fn the_first_start_at_the_end_reads_only_new_lines() {
    let mut world = World::new().starting(Start::End);
    world.write("a.log", "old\nhal");
    assert_eq!(world.poll(), [""; 0]);
    world.append("a.log", "f\n");
    world.write("b.log", "new file\n");
    assert_eq!(world.poll(), ["a.log: half", "b.log: new file"]);
    assert_eq!(world.blocks[0].lines, None);
    assert_eq!(world.checkpoint("b.log").lines, Some(1));
}

#[test]
fn the_end_of_a_first_start_survives_a_restart_before_any_read() {
    let mut world = World::new().starting(Start::End);
    world.write("a.log", "old\n");
    world.poll();
    world.restart();
    world.append("a.log", "new\n");
    assert_eq!(world.poll(), ["a.log: new"]);
}

#[test]
fn a_first_start_with_an_age_reads_recently_changed_files() {
    let mut world = World::new().starting(Start::Since(Duration::from_hours(2)));
    world.write("young.log", "one\n");
    world.write("old.log", "one\n");
    world.age("young.log", Duration::from_secs(7100));
    world.age("old.log", Duration::from_secs(7300));
    assert_eq!(world.poll(), ["young.log: one"]);
}

#[test]
fn a_later_start_reads_unknown_files_from_the_beginning() {
    let mut world = World::new().starting(Start::End);
    world.poll();
    world.stop();
    world.write("a.log", "one\n");
    world.start();
    assert_eq!(world.poll(), ["a.log: one"]);
}

#[test]
fn files_that_do_not_match_the_watch_are_not_read() {
    let mut world = World::new();
    world.write("a.dat", "one\n");
    assert_eq!(world.poll(), [""; 0]);
}

#[test]
fn files_are_still_read_after_the_clock_steps_back() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    world.now -= Duration::from_hours(24);
    world.append("a.log", "two\n");
    world.write("b.log", "new\n");
    assert_eq!(world.poll(), ["a.log: two", "b.log: new"]);
}
