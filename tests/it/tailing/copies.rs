//! Copies of logs, such as those of `logrotate` with `copytruncate`.

use std::fs;
use std::time::Duration;

use footman::qlik::script_log::run_of;
use footman::tail::Dirty;

use crate::tailing::world::{World, lines_of};

const ROWS: &str = "header\n1\tone\n2\ttwo\n";

/// A file whose rows have been read.
fn world() -> World {
    let mut world = World::new();
    world.write("a.log", ROWS);
    assert_eq!(world.poll().len(), 3);
    world
}

fn copy(world: &World, from: &str, to: &str) {
    fs::copy(world.path(from), world.path(to)).unwrap();
}

#[test]
fn a_copy_listed_before_the_truncation_is_not_read_again() {
    let mut world = world();
    copy(&world, "a.log", "a_1.log");
    assert_eq!(world.poll(), [""; 0]);
    world.write("a.log", "");
    assert_eq!(world.poll(), [""; 0]);
    world.append("a.log", "header\n3\tthree\n");
    assert_eq!(world.poll(), ["a.log: header", "a.log: 3\tthree"]);
    assert_eq!(world.poll(), [""; 0]);
}

#[test]
fn lines_written_between_copy_and_truncation_are_read_once() {
    let mut world = world();
    copy(&world, "a.log", "a_1.log");
    world.append("a.log", "3\tthree\n");
    assert_eq!(world.poll(), ["a.log: 3\tthree"]);
    world.write("a.log", "header\n4\tfour\n");
    assert_eq!(world.poll(), ["a.log: header", "a.log: 4\tfour"]);
    assert_eq!(world.poll(), [""; 0]);
}

#[test]
fn unread_lines_in_a_copy_are_read_once() {
    let mut world = world();
    world.append("a.log", "3\tthree\n");
    copy(&world, "a.log", "a_1.log");
    assert_eq!(world.poll(), ["a.log: 3\tthree"]);
    world.write("a.log", "");
    assert_eq!(world.poll(), [""; 0]);
}

#[test]
fn a_copy_whose_original_is_deleted_takes_its_place() {
    let mut world = world();
    copy(&world, "a.log", "b.log");
    world.poll();
    world.delete("a.log");
    world.append("b.log", "3\tthree\n");
    assert_eq!(world.poll(), ["b.log: 3\tthree"]);
}

#[test]
fn a_copy_that_grows_on_its_own_is_followed_from_where_it_differs() {
    let mut world = world();
    copy(&world, "a.log", "b.log");
    world.poll();
    world.append("b.log", "3\tof b\n");
    assert_eq!(world.poll(), ["b.log: 3\tof b"]);
    world.append("a.log", "3\tof a\n");
    assert_eq!(world.poll(), ["a.log: 3\tof a"]);
}

#[test]
fn a_copy_that_begins_empty_is_recognized_when_it_is_filled() {
    let mut world = world();
    world.write("b.log", "");
    world.poll();
    copy(&world, "a.log", "b.log");
    assert_eq!(world.poll(), [""; 0]);
}

#[test]
fn a_log_copied_and_truncated_while_the_agent_is_stopped_is_read_once() {
    let mut world = world();
    world.stop();
    world.append("a.log", "3\tthree\n");
    copy(&world, "a.log", "a_1.log");
    world.write("a.log", "header\n4\tfour\n");
    world.start();
    assert_eq!(world.poll(), ["a_1.log: 3\tthree", "a.log: header", "a.log: 4\tfour"]);
}

#[test]
fn an_unchanged_copy_is_not_opened() {
    let mut world = world();
    copy(&world, "a.log", "b.log");
    world.poll();
    let before = world.tailer().effort().opens;
    for _ in 0..50 {
        world.poll();
    }
    assert_eq!(world.tailer().effort().opens, before);
}

#[test]
fn two_files_with_the_same_content_are_both_read() {
    let mut world = World::new();
    world.write("a.log", ROWS);
    world.write("b.log", ROWS);
    assert_eq!(world.poll().len(), 6);
}

/// `app.run.log`, as names of script logs say it, or `app.log`.
fn subject(name: &str) -> Option<&str> {
    let of_app = name.strip_prefix("app")?;
    let stem = of_app.split(['_', '~']).next()?.trim_end_matches(".log").len();
    Some(&name[.."app".len() + stem])
}

#[test]
fn the_same_content_in_files_about_different_things_is_read_for_each() {
    let mut world = World::new().with_subject(subject);
    world.write("app1.1.log", ROWS);
    assert_eq!(world.poll().len(), 3);
    world.write("app2.1.log", ROWS);
    world.write("app1.2.log", "header\n1\tone\n");
    assert_eq!(world.poll_sorted().len(), 5);
    world.write("app3.1.log", "");
    world.poll();
    world.write("app3.1.log", ROWS);
    assert_eq!(world.poll().len(), 3, "it was empty when it appeared");
    world.stop();
    world.write("app4.1.log", ROWS);
    world.start();
    assert_eq!(world.poll().len(), 3, "it appeared while the agent was stopped");
}

#[test]
fn the_same_content_about_another_thing_is_read_when_the_original_is_truncated_or_gone() {
    for text in ["", "header\n"] {
        let mut world = World::new().with_subject(subject);
        world.write("app1.1.log", ROWS);
        assert_eq!(world.poll().len(), 3);
        world.write("app1.1.log", text);
        world.write("app2.1.log", ROWS);
        world.write("app3.1.log", "header\n1\tone\n");
        let read = world.poll_sorted();
        let of = |name| read.iter().filter(|line| line.starts_with(name)).count();
        assert_eq!((of("app2"), of("app3")), (3, 2), "{read:?}");
    }
    let mut world = World::new().with_subject(subject);
    world.write("app1.1.log", ROWS);
    world.poll();
    world.write("app2.1.log", ROWS);
    world.delete("app1.1.log");
    assert_eq!(world.poll().len(), 3);
}

#[test]
fn a_copy_under_a_name_about_the_same_or_nothing_is_not_read_again() {
    for name in ["app1.1_copy.log", "app1.1~1.log", "app1.log", "copy of app1.1.log"] {
        let mut world = World::new().with_subject(subject);
        world.write("app1.1.log", ROWS);
        assert_eq!(world.poll().len(), 3);
        copy(&world, "app1.1.log", name);
        assert_eq!(world.poll(), [""; 0], "{name}");
        world.write("app1.1.log", "");
        assert_eq!(world.poll(), [""; 0], "{name}");
    }
}

/// The name of a script log of the tests' app.
const RUN: &str = "3f8e2c1a-0b7d-4e59-9c66-5a1d2e3f4b5c.2026_11_23_06_00_00.0123456789ABCDEF0123";

/// The names that people and programs give to copies.
fn names_of_copies() -> Vec<String> {
    let after = ["_copy.log", " - Copy.log", " - Kopie.log", " (2).log", ".bak.log", ".log.log"];
    let before = ["Copy of ", "Kopie von "];
    let names = after.iter().map(|after| format!("{RUN}{after}"));
    names.chain(before.iter().map(|before| format!("{before}{RUN}.log"))).collect()
}

/// A folder with script logs, `n` of which are of other runs.
fn script_logs(n: usize) -> World {
    let mut world = World::new().with_subject(run_of);
    for number in 0..n {
        let run = RUN.replace("0123456789ABCDEF0123", &format!("{number:020}"));
        world.write(&format!("{run}.log"), ROWS);
    }
    assert_eq!(world.poll().len(), 3 * n);
    world
}

#[test]
fn a_log_and_its_copies_that_are_found_together_are_read_once_under_its_own_name() {
    let original = format!("{RUN}.log");
    // In a large folder, only the name says which file is the original.
    for n in [0, 250] {
        for is_stopped in [false, true] {
            let mut world = script_logs(n);
            if is_stopped {
                world.stop();
            }
            world.write(&original, ROWS);
            for name in names_of_copies() {
                copy(&world, &original, &name);
            }
            if is_stopped {
                world.start();
            }
            let expected = ["header", "1\tone", "2\ttwo"].map(|row| format!("{original}: {row}"));
            assert_eq!(world.poll(), expected, "{n} {is_stopped}");
            assert_eq!(world.poll(), [""; 0]);
            // A copy that differs is no copy.
            let name = format!("{RUN} - Copy.log");
            world.write(&name, "header\n1\tother\n");
            assert_eq!(world.poll().len(), 2);
        }
    }
}

#[test]
fn a_copy_of_a_log_that_is_half_written_or_gone_is_not_read_again() {
    let (original, copied) = (format!("{RUN}.log"), format!("{RUN} - Copy.log"));
    let mut world = script_logs(0);
    world.write(&original, ROWS);
    copy(&world, &original, &copied);
    world.append(&original, "3\tthree\n");
    assert_eq!(world.poll().len(), 4);
    copy(&world, &original, &copied);
    world.delete(&original);
    assert_eq!(world.poll(), [""; 0]);
}

#[test]
fn a_hint_that_names_a_copy_before_its_original_is_no_reason_to_read_the_copy() {
    let (original, copied) = (format!("{RUN}.log"), format!("{RUN}_copy.log"));
    let mut world = script_logs(250);
    world.write(&original, ROWS);
    copy(&world, &original, &copied);
    let hint = Dirty::Paths([world.path(&copied)].into_iter().collect());
    let batch = world.poll_with(&hint, Duration::ZERO);
    let mut read: Vec<String> = batch.blocks.iter().flat_map(lines_of).collect();
    read.extend(world.poll());
    assert_eq!(read.len(), 3, "{read:?}");
    assert!(read.iter().all(|line| line.starts_with(&original)), "{read:?}");
}

#[test]
fn a_copy_alone_is_read_and_different_logs_of_one_run_are_all_read() {
    let mut world = script_logs(0);
    world.write(&format!("{RUN} - Copy.log"), ROWS);
    world.write(&format!("{RUN}_old.log"), "header\n1\told\n");
    world.write(&format!("{RUN}.log"), "header\n1\tnew\n");
    assert_eq!(world.poll_sorted().len(), 3 + 2 + 2);
    let mut world = script_logs(0);
    world.write(&format!("{RUN} - Copy.log"), ROWS);
    assert_eq!(world.poll().len(), 3);
}

#[test]
fn lines_copied_out_of_the_watch_before_truncation_are_lost_and_reported() {
    let mut world = world();
    world.append("a.log", "3\tlost\n");
    copy(&world, "a.log", "a.old");
    world.write("a.log", "header\n");
    assert_eq!(world.poll(), ["a.log: header"]);
    assert_eq!(world.problems, ["truncated a.log"]);
}

#[test]
fn lines_after_the_hole_of_a_writer_that_ignored_the_truncation_are_read() {
    let mut world = world();
    copy(&world, "a.log", "a.old");
    world.write("a.log", "");
    world.poll();
    world.overwrite("a.log", 20_000, b"3\tthree\n");
    world.append("a.log", "4\tfour\n");
    let lines = world.poll();
    assert!(lines[0].ends_with("3\tthree"), "the hole precedes the first line");
    assert_eq!(&lines[1..], ["a.log: 4\tfour"]);
}

#[test]
fn a_copy_is_not_new_when_its_truncated_original_is_renamed() {
    let mut world = world();
    copy(&world, "a.log", "a_1.log");
    world.poll();
    world.append("a.log", "3\tthree\n");
    assert_eq!(world.poll(), ["a.log: 3\tthree"]);
    world.write("a.log", "");
    world.rename("a.log", "a_2.log");
    assert_eq!(world.poll(), [""; 0]);
}

/// The rows without headers and file names.
fn rows(read: &[String]) -> Vec<&str> {
    let mut rows: Vec<_> = read.iter().filter_map(|line| line.split_once(": ")).collect();
    rows.retain(|(_, row)| *row != "header");
    rows.sort_by_key(|(_, row)| *row);
    rows.into_iter().map(|(_, row)| row).collect()
}

#[test]
fn a_hard_link_to_the_successor_of_a_rolled_file_is_not_read() {
    for backwards in [false, true] {
        let mut world = world();
        world.disk.faults().backwards = backwards;
        world.rename("a.log", "a_1.log");
        world.write("a.log", "header\n3\n");
        fs::hard_link(world.path("a.log"), world.path("a_0.log")).unwrap();
        world.append("a_1.log", "4\n");
        assert_eq!(rows(&world.poll()), ["3", "4"]);
        assert_eq!(world.poll(), [""; 0]);
    }
}

#[test]
fn a_hard_link_in_place_of_a_deleted_file_is_not_read() {
    for backwards in [false, true] {
        let mut world = world();
        world.disk.faults().backwards = backwards;
        world.write("b.log", "header\n3\n");
        world.poll();
        world.delete("a.log");
        fs::hard_link(world.path("b.log"), world.path("a.log")).unwrap();
        world.append("b.log", "4\n");
        assert_eq!(rows(&world.poll()), ["4"]);
        assert_eq!(world.poll(), [""; 0]);
        world.append("a.log", "5\n");
        assert_eq!(rows(&world.poll()), ["5"]);
    }
}

#[test]
fn a_hard_link_is_not_read_when_the_first_name_looked_like_a_copy() {
    for backwards in [false, true] {
        let mut world = World::new();
        world.disk.faults().backwards = backwards;
        world.write("b.log", "header\nhalf a ");
        world.poll();
        world.write("a.log", "header\n1\n");
        fs::hard_link(world.path("a.log"), world.path("a_0.log")).unwrap();
        world.append("b.log", "line\n");
        copy(&world, "b.log", "b_1.log");
        world.write("b.log", "");
        assert_eq!(rows(&world.poll()), ["1", "half a line"]);
        assert_eq!(world.poll(), [""; 0]);
    }
}

#[test]
fn a_copy_is_not_attributed_to_another_log_with_the_same_header() {
    for backwards in [false, true] {
        let mut world = world();
        world.disk.faults().backwards = backwards;
        world.write("b.log", "header\nhalf a ");
        assert_eq!(world.poll(), ["b.log: header"]);
        world.append("b.log", "line\n");
        copy(&world, "b.log", "b_1.log");
        world.write("b.log", "");
        copy(&world, "a.log", "a_1.log");
        assert_eq!(rows(&world.poll()), ["half a line"]);
        world.write("a.log", "");
        assert_eq!(world.poll(), [""; 0]);
    }
}

#[test]
fn a_copy_with_the_reused_id_of_an_empty_file_is_recognized_by_its_first_line() {
    let mut world = World::new();
    world.write("b.log", "header\n1\n");
    world.poll();
    world.write("b.log", "");
    world.write("a.log", "2\n");
    assert_eq!(world.poll(), ["a.log: 2"]);
    world.delete("b.log");
    // Where ids are reused, the copy has the id of the deleted file.
    world.append("a.log", "3\n");
    copy(&world, "a.log", "a_1.log");
    world.write("a.log", "");
    assert_eq!(world.poll(), ["a_1.log: 3"]);
}

#[test]
fn a_copy_listed_empty_is_recognized_after_the_truncation() {
    let mut world = world();
    world.write("a_1.log", "");
    world.poll();
    world.append("a.log", "3\tthree\n");
    copy(&world, "a.log", "a_1.log");
    world.write("a.log", "");
    let hint = Dirty::Paths([world.path("a.log"), world.path("a_1.log")].into());
    let batch = world.poll_with(&hint, Duration::ZERO);
    let lines: Vec<_> = batch.blocks.iter().flat_map(lines_of).collect();
    assert_eq!(lines, ["a_1.log: 3\tthree"]);
}

#[test]
fn a_copy_listed_empty_and_filled_before_the_truncation_is_not_read_again() {
    let mut world = world();
    world.write("a_1.log", "");
    world.poll();
    world.append("a.log", "3\tthree\n");
    copy(&world, "a.log", "a_1.log");
    world.write("a.log", "");
    assert_eq!(world.poll(), ["a_1.log: 3\tthree"]);
    world.append("a.log", "header\n4\tfour\n");
    assert_eq!(world.poll(), ["a.log: header", "a.log: 4\tfour"]);
}

#[test]
fn a_hard_link_to_a_formerly_empty_log_is_not_taken_for_another_log() {
    let mut world = World::new();
    world.write("a.log", "");
    world.write("b.log", "header\nhalf");
    assert_eq!(world.poll(), ["b.log: header"]);
    world.write("a.log", "header\none\n");
    fs::hard_link(world.path("a.log"), world.path("a_link.log")).unwrap();
    world.write("b.log", "");
    let mut lines: Vec<_> =
        world.poll().into_iter().map(|line| line[line.len() - 3..].to_owned()).collect();
    lines.sort();
    assert_eq!(lines, ["der", "one"], "read under one of its names");
}

#[test]
fn copies_are_recognized_after_many_rolled_logs_were_deleted() {
    let mut world = World::new();
    world.write("a.log", "header\n");
    for number in 0..300 {
        world.write(&format!("rolled_{number}.log"), format!("header\nold {number}\n"));
    }
    world.poll();
    for number in 0..300 {
        world.delete(&format!("rolled_{number}.log"));
    }
    world.append("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
    fs::copy(world.path("a.log"), world.path("a_1.log")).unwrap();
    assert_eq!(world.poll(), [""; 0]);
    world.write("a.log", "header\n");
    assert_eq!(world.poll(), ["a.log: header"]);
}

#[test]
fn a_new_log_with_two_names_is_read_once_after_the_old_one_was_moved() {
    let mut world = World::new();
    world.write("a.log", "header\none\n");
    world.write("b.log", "");
    world.poll();
    world.rename("a.log", "a_1.log");
    world.rename("b.log", "a.log");
    world.append("a.log", "header\ntwo\n");
    world.write("b.log", "header\nthree\n");
    fs::hard_link(world.path("b.log"), world.path("a_link.log")).unwrap();
    let mut lines = world.poll();
    lines.retain(|line| !line.ends_with("header"));
    lines.sort();
    assert_eq!(lines, ["a.log: two", "a_link.log: three"]);
}
