//! Behavior of followed files on Windows only: locks, pending deletions, alternative forms of
//! names.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use footman::tail::{Dirty, Hints};

use crate::tailing::world::World;

const LONG: Duration = Duration::from_secs(30);

/// Share mode of a writer; without `DELETE`, other processes cannot rename or delete the file.
const SHARE_READ_WRITE: u32 = 3;
const NO_SHARE: u32 = 0;

fn locked(path: PathBuf, share: u32) -> File {
    OpenOptions::new().append(true).share_mode(share).open(path).unwrap()
}

#[test]
fn a_file_locked_by_its_writer_is_reported_once_and_read_when_it_is_released() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
    let mut writer = locked(world.path("a.log"), NO_SHARE);
    writer.write_all(b"two\n").unwrap();
    for _ in 0..20 {
        assert_eq!(world.poll(), [""; 0]);
    }
    assert_eq!(world.problems, ["unreadable-file a.log"]);
    drop(writer);
    // Failures are retried ever less often, every minute in the end.
    for _ in 0..60 {
        world.poll();
    }
    assert_eq!(world.text("a.log"), "one\ntwo\n");
}

#[test]
fn a_file_that_its_writer_keeps_open_is_followed() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    let mut writer = locked(world.path("a.log"), SHARE_READ_WRITE);
    for round in ["two", "three"] {
        writeln!(writer, "{round}").unwrap();
        assert_eq!(world.poll(), [format!("a.log: {round}")]);
    }
}

#[test]
fn a_writer_may_rename_and_delete_a_file_that_was_read() {
    let mut world = World::new();
    world.write("a.log", "one\n");
    world.poll();
    world.rename("a.log", "b.log");
    world.write("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
    world.delete("a.log");
    world.write("a.log", "three\n");
    assert_eq!(world.poll(), ["a.log: three"]);
}

#[test]
fn a_writer_may_rename_a_file_while_it_is_read() {
    let mut world = World::new();
    world.write("a.log", "0123456789\n".repeat(1_000_000));
    assert!(world.poll_once().behind);
    world.rename("a.log", "b.log");
    world.write("a.log", "new\n");
    world.poll();
    world.poll();
    let text = world.text("a.log") + &world.text("b.log");
    assert_eq!(text.len(), 11_000_000 + 4);
}

#[test]
fn the_name_of_a_file_deleted_while_it_is_read_is_free_after_one_poll() {
    let mut world = World::new();
    world.write("a.log", "0123456789\n".repeat(1_000_000));
    assert!(world.poll_once().behind);
    world.delete("a.log");
    world.poll();
    world.write("a.log", "new\n");
    world.poll();
    world.poll();
    assert!(world.text("a.log").ends_with("new\n"));
}

#[test]
fn a_hint_in_other_case_names_the_same_file() {
    let mut world = World::new();
    world.write("Trace.log", "one\n");
    world.poll();
    world.append("Trace.log", "two\n");
    let shouted = PathBuf::from(world.path("x").parent().unwrap().to_string_lossy().to_uppercase());
    let dirty = Dirty::Paths([shouted.join("Trace.log")].into());
    assert_eq!(world.poll_with(&dirty, Duration::ZERO).blocks.len(), 1);
}

#[test]
fn a_file_renamed_only_in_case_is_not_read_again() {
    let mut world = World::new();
    world.write("trace.log", "one\n");
    world.poll();
    world.rename("trace.log", "Trace.log");
    world.append("Trace.log", "two\n");
    // It keeps its name, because both names are the same to Windows.
    assert_eq!(world.poll(), ["trace.log: two"]);
}

#[test]
fn a_folder_with_a_verbatim_path_is_followed() {
    let mut world = World::new();
    world.look_in(format!(r"\\?\{}", world.folder().display()).into());
    world.write("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
    world.append("a.log", "two\n");
    assert_eq!(world.poll(), ["a.log: two"]);
}

#[test]
fn a_folder_on_a_share_is_followed() {
    let mut world = World::new();
    let local = world.folder().display().to_string();
    let (drive, rest) = local.split_once(':').unwrap();
    // The default administrative share of each drive.
    world.look_in(format!(r"\\localhost\{drive}${rest}").into());
    world.write("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
    world.rename("a.log", "b.log");
    world.append("b.log", "two\n");
    world.write("a.log", "three\n");
    assert_eq!(world.poll_sorted(), ["a.log: three", "b.log: two"]);
}

#[test]
fn a_write_by_this_process_gives_a_hint() {
    let mut world = World::new();
    let mut hints = Hints::new(vec![world.folder()]);
    world.poll();
    world.write("a.log", "one\n");
    let dirty = hints.wait(LONG);
    let batch = world.poll_with(&dirty, Duration::ZERO);
    assert_eq!(batch.blocks.len(), 1, "no second has passed, so the hint caused the check");
}

#[test]
fn a_folder_with_a_name_of_more_than_260_characters_is_followed() {
    let mut world = World::new();
    let deep = (0..6).fold(world.folder(), |folder, _| folder.join("sixty".repeat(12)));
    fs::create_dir_all(&deep).unwrap();
    assert!(deep.as_os_str().len() > 260);
    world.look_in(deep.clone());
    world.write("a.log", "one\n");
    assert_eq!(world.poll(), ["a.log: one"]);
    world.rename("a.log", "b.log");
    world.append("b.log", "two\n");
    assert_eq!(world.poll(), ["b.log: two"]);
}

#[test]
fn a_write_by_another_process_gives_a_hint() {
    let mut world = World::new();
    let mut hints = Hints::new(vec![world.folder()]);
    world.poll();
    let path = world.path("a.log");
    // In Wine, a Linux program writes; on Windows, another process.
    let unix = Path::new(r"Z:\bin\sh").exists();
    let wrote = if unix {
        let path = unix_path(&path);
        Command::new("start")
            .args(["/wait", "/unix", "/bin/sh", "-c"])
            .arg(format!("echo one > '{path}'"))
            .status()
    } else {
        Command::new("cmd").args(["/c", "echo one>a.log"]).current_dir(world.folder()).status()
    };
    assert!(wrote.unwrap().success());
    let dirty = hints.wait(LONG);
    let batch = world.poll_with(&dirty, Duration::ZERO);
    assert_eq!(batch.blocks.len(), 1, "no second has passed, so the hint caused the check");
}

/// The Linux path of a file in Wine.
fn unix_path(path: &Path) -> String {
    let output = Command::new("winepath").arg("-u").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
